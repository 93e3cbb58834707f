//! The example of HTTP/3, on every backend with sockets of the system's.

#[path = "../examples/http3.rs"]
mod http3;

use anyrt_bridge_backends::on_every_system_backend;
use anyrt_net::prelude::*;

on_every_system_backend!(requests_are_answered);

async fn requests_are_answered<R: NetRuntime + OsNet>(rt: R) {
    http3::exchange(rt, 20).await.unwrap();
}

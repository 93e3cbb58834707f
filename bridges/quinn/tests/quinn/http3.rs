//! The example of HTTP/3, on every backend with sockets of the system's.

#[path = "../../examples/http3.rs"]
mod example;

use anyrt_bridge_testing::on_each_system_runtime;
use anyrt_net::prelude::*;

on_each_system_runtime!(requests_are_answered);

async fn requests_are_answered<R: NetRuntime + OsNet>(rt: R) {
    example::exchange(rt, 20).await.unwrap();
}

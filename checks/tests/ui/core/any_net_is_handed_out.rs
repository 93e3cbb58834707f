//! The bare attribute hands out sockets to a function that asks for them.

use anyrt::net::{AnyNet, NetRuntime};

fn needs_sockets(_: &impl NetRuntime) {}

#[anyrt::main]
async fn main(rt: AnyNet) {
    needs_sockets(&rt);
}

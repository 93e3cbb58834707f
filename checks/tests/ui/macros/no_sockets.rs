use anyrt_net::{AnyNet, NetRuntime, Tcp};

#[anyrt::main(tokio)]
async fn any_runtime(_rt: impl NetRuntime) {}

#[anyrt::main(smol)]
async fn without_a_type(_rt: AnyNet) {}

#[anyrt::main(tokio, local)]
async fn a_part(_rt: impl anyrt::LocalRuntime + Tcp) {}

fn main() {}

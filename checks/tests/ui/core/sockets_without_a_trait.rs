//~ AnyRuntime` has no TCP
//~ `tokio-net`

use anyrt::net::Tcp;

fn serve<R: Tcp>(_: &R) {}

fn start(rt: anyrt::AnyRuntime) {
    serve(&rt);
}

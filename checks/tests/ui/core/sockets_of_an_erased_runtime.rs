//~ AnyRuntime` is not a runtime with sockets
//~ take an `AnyNet`
//~ `tokio-net`

use anyrt::net::NetRuntime;

fn serve<R: NetRuntime>(_: &R) {}

fn start(rt: anyrt::AnyRuntime) {
    serve(&rt);
}

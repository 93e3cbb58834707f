use std::net::SocketAddr;

use anyrt_net::prelude::*;

/// An address of this machine where nobody listens, as long as the two ends of a connection live that come with it.
///
/// They keep the port. That of a listener which is gone is free, and the system may give it to another test.
///
/// # Panics
///
/// When this machine cannot connect to itself.
pub async fn refusing<R: Tcp>(rt: &R) -> (SocketAddr, [R::TcpStream; 2]) {
    let listener = rt
        .tcp_listen(([127, 0, 0, 1], 0).into())
        .expect("it listens");
    let addr = listener.local_addr().expect("it has an address");
    let near = rt.tcp_connect(addr);
    let (far, _) = listener.accept().await.expect("it accepts");
    (addr, [near.await.expect("it connects"), far])
}

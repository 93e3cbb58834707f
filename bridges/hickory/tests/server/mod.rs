//! A name server of a few lines, over UDP and TCP on one port.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyrt_net::prelude::*;
use futures::io::{AsyncReadExt, AsyncWriteExt};

pub(crate) const HERE: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0));

/// So many addresses a large name has.
pub(crate) const ADDRESSES: u8 = 100;

const HEADER: usize = 12;

pub(crate) fn address(number: u8) -> IpAddr {
    Ipv4Addr::new(192, 0, 2, number).into()
}

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    udp: AtomicUsize,
    tcp: AtomicUsize,
    connections: AtomicUsize,
}

impl Server {
    pub(crate) fn start<R: NetRuntime>(rt: &R) -> Self {
        let (socket, listener) = bind(rt);
        let addr = socket.local_addr().unwrap();
        let counts = Arc::<Counts>::default();
        rt.spawn_detached(serve_udp::<R>(socket, Arc::clone(&counts)));
        rt.spawn_detached(serve_tcp(rt.clone(), listener, Arc::clone(&counts)));
        Self { addr, counts }
    }

    pub(crate) fn asked_by_udp(&self) -> usize {
        self.counts.udp.load(Ordering::SeqCst)
    }

    pub(crate) fn asked_by_tcp(&self) -> usize {
        self.counts.tcp.load(Ordering::SeqCst)
    }

    pub(crate) fn connections(&self) -> usize {
        self.counts.connections.load(Ordering::SeqCst)
    }
}

/// Finds a port that is free for both.
fn bind<R: NetRuntime>(rt: &R) -> (R::UdpSocket, R::TcpListener) {
    loop {
        let socket = rt.udp_bind(HERE).unwrap();
        match rt.tcp_listen(socket.local_addr().unwrap()) {
            Ok(listener) => return (socket, listener),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => panic!("{error}"),
        }
    }
}

async fn serve_udp<R: NetRuntime>(socket: R::UdpSocket, counts: Arc<Counts>) {
    let mut buf = [0; 1024];
    while let Ok((length, from)) = socket.recv_from(&mut buf).await {
        counts.udp.fetch_add(1, Ordering::SeqCst);
        let Some(reply) = reply(&buf[..length], false) else {
            continue;
        };
        if socket.send_to(&reply, from).await.is_err() {
            return;
        }
    }
}

async fn serve_tcp<R: NetRuntime>(rt: R, listener: R::TcpListener, counts: Arc<Counts>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        counts.connections.fetch_add(1, Ordering::SeqCst);
        let counts = Arc::clone(&counts);
        rt.spawn_detached(async move {
            while let Ok(query) = read(&mut stream).await {
                counts.tcp.fetch_add(1, Ordering::SeqCst);
                let Some(reply) = reply(&query, true) else {
                    return;
                };
                let length = u16::try_from(reply.len()).unwrap().to_be_bytes();
                let message = [&length[..], &reply].concat();
                if stream.write_all(&message).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// A length comes before each message.
async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).await?;
    let mut query = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut query).await?;
    Ok(query)
}

/// A header, the question as it came, and a record for each address, which points to the name. A name that begins with `large` has
/// too many for a datagram.
fn reply(query: &[u8], has_room: bool) -> Option<Vec<u8>> {
    let mut end = HEADER;
    while *query.get(end)? != 0 {
        end += 1 + usize::from(query[end]);
    }
    let question = query.get(HEADER..end + 5)?;
    let addresses = match question.get(1..6) == Some(b"large") {
        true => ADDRESSES,
        false => 1,
    };
    let is_truncated = addresses > 1 && !has_room;
    let count = if is_truncated { 0 } else { addresses };
    let mut reply = query[..2].to_vec();
    reply.extend([if is_truncated { 0x83 } else { 0x81 }, 0x80]);
    reply.extend([0, 1, 0, count, 0, 0, 0, 0]);
    reply.extend(question);
    for number in 0..count {
        reply.extend([0xC0, HEADER as u8, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4]);
        reply.extend(Ipv4Addr::new(192, 0, 2, number).octets());
    }
    Some(reply)
}

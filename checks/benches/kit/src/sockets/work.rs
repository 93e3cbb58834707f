/// Defines every operation on sockets once, for natives and for the layer, in the crate that calls it. It uses `TcpStream` and the extension traits of reading and
/// writing from where it is called.
#[macro_export]
macro_rules! socket_work {
    (
        [$($generics:tt)*] $rt:ident: $handle:ty, $stream:ty, $listener:ty,
        listen: |$listen_at:ident| $listen:expr,
        connect: |$connect_to:ident| $connect:expr,
        bind: |$bind_to:ident| $bind:expr,
        spawn: |$future:ident| $spawn:expr,
        prepare: |$unprepared:ident| $prepare:expr,
        ready: |$ready:ident, $prepared:ident, $buf:ident| $read_ready:expr,
        split: |$whole:ident| $split:expr
    ) => {
        /// Does `operation`, `rounds` times between the beginning and the end that it tells `probe`.
        pub async fn run<$($generics)*>(
            $rt: &$handle,
            operation: $crate::sockets::SocketOperation,
            rounds: usize,
            probe: &dyn $crate::probe::Probe,
        ) {
            use $crate::sockets::SocketOperation;

            match operation {
                SocketOperation::Echo => echo($rt, 1, rounds, probe).await,
                SocketOperation::Echo64k => echo($rt, 64 * 1024, rounds, probe).await,
                SocketOperation::Udp => udp($rt, rounds, probe).await,
                SocketOperation::Accept => accept($rt, rounds, probe).await,
                SocketOperation::Ready => ready($rt, rounds, probe).await,
                SocketOperation::Split => split($rt, rounds, probe).await,
                SocketOperation::Listen => listen($rt, rounds, probe).await,
                SocketOperation::Bind => bind($rt, rounds, probe).await,
                SocketOperation::Open => open($rt, rounds, probe).await,
            }
        }

        async fn pair<$($generics)*>($rt: &$handle) -> ($stream, $stream) {
            let $listen_at = $crate::sockets::any();
            let listener = $listen.expect("listens");
            let $connect_to = listener.local_addr().expect("address");
            let (client, server) = $crate::sockets::futures::future::join($connect, listener.accept()).await;
            (client.expect("connects"), server.expect("accepts").0)
        }

        /// `size` bytes there and back.
        async fn echo<$($generics)*>(
            $rt: &$handle,
            size: usize,
            rounds: usize,
            probe: &dyn $crate::probe::Probe,
        ) {
            let (mut client, mut server) = pair($rt).await;
            let (mut one, mut other) = (vec![0; size], vec![0; size]);
            for rounds in $crate::sockets::warm_and_measured(rounds, probe) {
                let asking = async {
                    for _ in 0..rounds {
                        client.write_all(&one).await.expect("writes");
                        client.read_exact(&mut one).await.expect("reads");
                    }
                };
                let answering = async {
                    for _ in 0..rounds {
                        server.read_exact(&mut other).await.expect("reads");
                        server.write_all(&other).await.expect("writes");
                    }
                };
                $crate::sockets::futures::future::join(asking, answering).await;
            }
        }

        /// A message there and back.
        async fn udp<$($generics)*>(
            $rt: &$handle,
            rounds: usize,
            probe: &dyn $crate::probe::Probe,
        ) {
            let $bind_to = $crate::sockets::any();
            let one = $bind.expect("binds");
            let other = $bind.expect("binds");
            let at = one.local_addr().expect("address");
            let to = other.local_addr().expect("address");
            for rounds in $crate::sockets::warm_and_measured(rounds, probe) {
                let asking = async {
                    let mut buf = [0; 64];
                    for _ in 0..rounds {
                        one.send_to(b"x", to).await.expect("sends");
                        one.recv_from(&mut buf).await.expect("receives");
                    }
                };
                let answering = async {
                    let mut buf = [0; 64];
                    for _ in 0..rounds {
                        other.recv_from(&mut buf).await.expect("receives");
                        other.send_to(&buf[..1], at).await.expect("sends");
                    }
                };
                $crate::sockets::futures::future::join(asking, answering).await;
            }
        }

        /// A connection that is made, accepted and dropped.
        async fn accept<$($generics)*>(
            $rt: &$handle,
            rounds: usize,
            probe: &dyn $crate::probe::Probe,
        ) {
            let $listen_at = $crate::sockets::any();
            let listener = $listen.expect("listens");
            let $connect_to = listener.local_addr().expect("address");
            for rounds in $crate::sockets::warm_and_measured(rounds, probe) {
                for _ in 0..rounds {
                    let (client, server) =
                        $crate::sockets::futures::future::join($connect, listener.accept()).await;
                    drop((client.expect("connects"), server.expect("accepts")));
                }
            }
        }

        /// A byte there and back, read where the readiness says so.
        async fn ready<$($generics)*>(
            $rt: &$handle,
            rounds: usize,
            probe: &dyn $crate::probe::Probe,
        ) {
            let (mut client, mut server) = pair($rt).await;
            let $unprepared = &server;
            let prepared = $prepare;
            for rounds in $crate::sockets::warm_and_measured(rounds, probe) {
                let asking = async {
                    let mut buf = [0; 1];
                    for _ in 0..rounds {
                        client.write_all(b"x").await.expect("writes");
                        client.read_exact(&mut buf).await.expect("reads");
                    }
                };
                let answering = async {
                    let mut bytes = [0; 1];
                    for _ in 0..rounds {
                        let ($ready, $prepared, $buf) = (&server, &prepared, &mut bytes);
                        $read_ready;
                        server.write_all(&bytes).await.expect("writes");
                    }
                };
                $crate::sockets::futures::future::join(asking, answering).await;
            }
        }

        /// A byte there and back over two halves.
        async fn split<$($generics)*>(
            $rt: &$handle,
            rounds: usize,
            probe: &dyn $crate::probe::Probe,
        ) {
            let ($whole, mut server) = pair($rt).await;
            let (mut reader, mut writer) = $split;
            for rounds in $crate::sockets::warm_and_measured(rounds, probe) {
                let asking = async {
                    let mut buf = [0; 1];
                    for _ in 0..rounds {
                        writer.write_all(b"x").await.expect("writes");
                        reader.read_exact(&mut buf).await.expect("reads");
                    }
                };
                let answering = async {
                    let mut buf = [0; 1];
                    for _ in 0..rounds {
                        server.read_exact(&mut buf).await.expect("reads");
                        server.write_all(&buf).await.expect("writes");
                    }
                };
                $crate::sockets::futures::future::join(asking, answering).await;
            }
        }

        /// A listener that is made and dropped.
        async fn listen<$($generics)*>(
            $rt: &$handle,
            rounds: usize,
            probe: &dyn $crate::probe::Probe,
        ) {
            for rounds in $crate::sockets::warm_and_measured(rounds, probe) {
                for _ in 0..rounds {
                    let $listen_at = $crate::sockets::any();
                    drop($listen.expect("listens"));
                }
            }
        }

        /// A datagram socket that is made and dropped.
        async fn bind<$($generics)*>(
            $rt: &$handle,
            rounds: usize,
            probe: &dyn $crate::probe::Probe,
        ) {
            for rounds in $crate::sockets::warm_and_measured(rounds, probe) {
                for _ in 0..rounds {
                    let $bind_to = $crate::sockets::any();
                    drop($bind.expect("binds"));
                }
            }
        }

        /// A connection that stays open.
        async fn open<$($generics)*>(
            $rt: &$handle,
            rounds: usize,
            probe: &dyn $crate::probe::Probe,
        ) {
            let $listen_at = $crate::sockets::any();
            let listener = $listen.expect("listens");
            let $connect_to = listener.local_addr().expect("address");
            let mut kept = Vec::new();
            for rounds in $crate::sockets::warm_and_measured(rounds, probe) {
                // With it the size of a stream counts.
                let mut streams = Vec::with_capacity(2 * rounds);
                for _ in 0..rounds {
                    let (client, server) =
                        $crate::sockets::futures::future::join($connect, listener.accept()).await;
                    streams.extend([client.expect("connects"), server.expect("accepts").0]);
                }
                kept.push(streams);
            }
        }

        /// Accepts `connections`, and answers each until its other end is gone; with `sink` it answers nothing.
        pub async fn serve<$($generics)*>(
            $rt: &$handle,
            listener: $listener,
            connections: usize,
            sink: bool,
        ) {
            let mut tasks = Vec::with_capacity(connections);
            for _ in 0..connections {
                let (mut stream, _) = listener.accept().await.expect("accepts");
                let $future = async move {
                    let mut buf = vec![0; if sink { 64 } else { 16 } * 1024];
                    loop {
                        let read = if sink {
                            stream.read(&mut buf).await
                        } else {
                            stream.read_exact(&mut buf).await.map(|_| buf.len())
                        };
                        let Ok(1..) = read else { break };
                        if !sink && stream.write_all(&buf).await.is_err() {
                            break;
                        }
                    }
                };
                tasks.push($spawn);
            }
            drop($crate::sockets::futures::future::join_all(tasks).await);
        }

        /// Listens where the system likes, with room for all that connect at once.
        pub async fn listener<$($generics)*>(
            $rt: &$handle,
        ) -> ($listener, ::std::net::SocketAddr) {
            let $listen_at = $crate::sockets::any();
            let listener = $listen.expect("listens");
            let addr = listener.local_addr().expect("address");
            (listener, addr)
        }
    };
}

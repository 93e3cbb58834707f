//! What users write every day compiles with each concrete handle and runs: tasks in tasks with sockets, with boxed errors and
//! `&'static str` as their outputs, and `async fn`s that are generic over the runtime.

use std::error::Error;
use std::sync::Arc;

use anyrt_core::{Config, Launch, prelude::*};
use anyrt_net::{AnyNet, ConnectHost, prelude::*};
use futures::io::{AsyncReadExt, AsyncWriteExt};

type Boxed = Box<dyn Error + Send + Sync>;

const HOST: &str = "127.0.0.1";

/// Futures and sockets as fields of a type of one's own.
struct Client<R: NetRuntime = AnyNet> {
    stream: R::TcpStream,
    greeting: &'static str,
}

impl<R: NetRuntime> Client<R> {
    async fn connect(rt: &R, port: u16) -> std::io::Result<Self> {
        let attempt: ConnectHost<R> = rt.connect_host(HOST, port);
        let stream = attempt.await?;
        let greeting = "moin";
        Ok(Self { stream, greeting })
    }

    async fn greet(mut self) -> std::io::Result<String> {
        self.stream.write_all(self.greeting.as_bytes()).await?;
        self.stream.close().await?;
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }
}

/// What a library writes: sockets and handles held across awaits, generic over the runtime.
async fn echo<R: NetRuntime>(rt: &R) -> Result<usize, Boxed> {
    let listener = Arc::new(rt.tcp_listen(([127, 0, 0, 1], 0).into())?);
    let addr = listener.local_addr()?;
    let server = Arc::clone(&listener);
    let serving = rt.spawn(async move {
        let (mut stream, _) = server.accept().await?;
        let mut line = [0; 4];
        stream.read_exact(&mut line).await?;
        stream.write_all(&line).await?;
        stream.close().await?;
        Ok::<&str, Boxed>("served")
    });
    let limit = std::time::Duration::from_secs(60);
    let mut stream = rt.timeout(limit, rt.tcp_connect(addr)).await??;
    stream.write_all(b"moin").await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let socket = rt.udp_bind(([127, 0, 0, 1], 0).into())?;
    socket.send_to(b"moin", socket.local_addr()?).await?;
    let receiving = rt.spawn(async move {
        let mut packet = [0; 8];
        socket.recv_from(&mut packet).await?;
        Ok::<&str, Boxed>("received")
    });
    let (served, received) = (serving.await??, receiving.await??);
    Ok(answer.len() + served.len() + received.len())
}

macro_rules! everyday {
    ($name:ident, $rt:expr, $driver:expr) => {
        #[test]
        fn $name() -> Result<(), Boxed> {
            let driver = $driver;
            let rt = $rt(&driver);
            let outer = rt.clone();
            let answer = driver.block_on(async move {
                let rt = outer.clone();
                outer
                    .spawn(async move {
                        let listener = Arc::new(rt.tcp_listen(([127, 0, 0, 1], 0).into())?);
                        let port = listener.local_addr()?.port();
                        let server = Arc::clone(&listener);
                        let inner = rt.clone();
                        let serving = rt.spawn(async move {
                            let (stream, _) = server.accept().await?;
                            let (mut reader, mut writer) = stream.into_split();
                            let nested = inner.spawn(async move {
                                anyrt_net::copy(&mut reader, &mut writer).await?;
                                writer.close().await?;
                                Ok::<_, Boxed>("done")
                            });
                            nested.await?
                        });
                        let client = Client::connect(&rt, port).await?;
                        let answer = rt.spawn(client.greet()).await??;
                        assert_eq!(serving.await??, "done");
                        assert_eq!(echo(&rt).await?, 18);
                        Ok::<_, Boxed>(answer)
                    })
                    .await?
            })?;
            assert_eq!(answer, "moin");
            Ok(())
        }
    };
}

fn launch<O: Launch>() -> O {
    O::launch(Config::new()).expect("launches")
}

everyday!(
    tokio,
    |o: &anyrt_tokio::Owned| o.handle(),
    launch::<anyrt_tokio::Owned>()
);
everyday!(
    tokio_ambient,
    |_: &anyrt_tokio::Owned| anyrt_tokio::Ambient,
    launch::<anyrt_tokio::Owned>()
);
everyday!(
    smol,
    |o: &anyrt_smol::Owned| o.handle(),
    launch::<anyrt_smol::Owned>()
);
everyday!(
    smol_global,
    |o: &anyrt_smol::Smol| o.clone(),
    anyrt_smol::Smol::global()
);
everyday!(
    smol_ambient,
    |_: &anyrt_smol::Owned| anyrt_smol::Ambient,
    launch::<anyrt_smol::Owned>()
);
everyday!(
    async_std,
    |o: &anyrt_async_std::AsyncStd| o.clone(),
    anyrt_async_std::AsyncStd::global()
);
everyday!(
    any,
    |o: &anyrt_tokio::Owned| AnyNet::new(o.handle()),
    launch::<anyrt_tokio::Owned>()
);

/// The error of a runtime without its I/O driver names the runtime, the call and the fix.
#[test]
fn a_runtime_without_a_driver_says_so() {
    let native = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("starts");
    let rt = anyrt_tokio::Tokio::try_from(native.handle().clone()).expect("has timers");
    let addr = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let errors = [
        rt.tcp_listen(addr).expect_err("has no driver"),
        rt.udp_bind(addr).expect_err("has no driver"),
        native
            .block_on(rt.tcp_connect(addr))
            .expect_err("has no driver"),
    ];
    for (error, call) in errors
        .into_iter()
        .zip(["tcp_listen", "udp_bind", "tcp_connect"])
    {
        assert_eq!(error.kind(), std::io::ErrorKind::Unsupported, "{error}");
        let text = error.to_string();
        for part in ["tokio", call, "enable_io"] {
            assert!(text.contains(part), "{text}");
        }
    }
}

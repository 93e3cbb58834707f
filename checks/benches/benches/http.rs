//! What a request of hyper costs: with hyper-util's glue and with anyrt-hyper's on tokio, with smol-hyper's and anyrt-hyper's on smol.
//!
//! `cargo bench -p anyrt-benches --features http --bench http` prints a table of the requests per second of both, as ratios of rounds
//! that alternate, and of the instructions per request, as callgrind counts them over client and server in one thread. The counts of
//! two runs of different length are subtracted, so that what comes before the first request is not counted. `-- --document` writes the
//! table to `docs/cost-http.md` as well.

mod table;

use std::convert::Infallible;
use std::env;
use std::future::{self, Future};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyrt_core::{Config, Flavor, Launch, prelude::*};
use anyrt_hyper::{Executor, Io, Timer};
use anyrt_net::{TcpOptions, prelude::*};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper::{Request, Response, client, server};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use smol_hyper::rt::{FuturesIo, SmolExecutor, SmolTimer};

use table::{Document, Ratio};

const RUNTIMES: [&str; 2] = ["tokio", "smol"];
const VERSIONS: [&str; 2] = ["h1", "h2"];
const WAYS: [&str; 2] = ["native", "ours"];
const FEW: u64 = 1_000;
const MANY: u64 = 3_000;
const ROUNDS: usize = 21;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let [_, runtime, version, way, requests] = &arguments[..] {
        return run(
            runtime,
            version,
            way,
            requests.parse().expect("a number of requests"),
        );
    }
    let mut document = Document::new(
        "What hyper costs through anyrt-hyper",
        "cargo bench -p anyrt-benches --features http --bench http -- --document",
        "Requests of 100 bytes that are echoed, one after another over one connection of loopback without Nagle's delay, client and server in one thread. tokio \
         has hyper-util's `TokioIo`, `TokioExecutor` and `TokioTimer` beside it, smol has smol-hyper's.",
        &[
            "",
            "native, requests per second",
            "ours / native, median and quartiles",
            "instructions per request: native",
            "ours",
            "ours / native",
        ],
    );
    for runtime in RUNTIMES {
        for version in VERSIONS {
            let per_second = |way: &str| {
                let begun = Instant::now();
                run(runtime, version, way, 3_000);
                3_000.0 / begun.elapsed().as_secs_f64()
            };
            let ratio = Ratio::of(ROUNDS, || per_second(WAYS[0]), || per_second(WAYS[1]));
            let counts = WAYS.map(|way| {
                let counted = |requests| instructions(&[runtime, version, way], requests);
                Some((counted(MANY)? - counted(FEW)?) / (MANY - FEW))
            });
            let [native, ours] = counts.map(|it| it.map_or("—".to_owned(), |it| it.to_string()));
            let quotient = match counts {
                [Some(native), Some(ours)] => format!("{:.3}", ours as f64 / native as f64),
                _ => "—".to_owned(),
            };
            document.row(&[
                &format!("{runtime}, {version}"),
                &format!("{:.0}", ratio.native),
                &ratio.to_string(),
                &native,
                &ours,
                &quotient,
            ]);
        }
    }
    if arguments.iter().any(|it| it == "--document") {
        document.write("docs/cost-http.md");
    }
}

/// Runs itself under callgrind, where valgrind is installed.
fn instructions(way: &[&str; 3], requests: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().ok()?)
        .args(way)
        .arg(requests.to_string())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let (_, collected) = text.split_once("Collected : ")?;
    collected.split_whitespace().next()?.parse().ok()
}

fn run(runtime: &str, version: &str, way: &str, requests: u64) {
    let is_h2 = version == "h2";
    match (runtime, way) {
        ("tokio", "ours") => {
            let config = Config::new().flavor(Flavor::CurrentThread);
            let owner = anyrt_tokio::Owned::launch(config).expect("tokio starts");
            owner.block_on(ours(owner.handle(), is_h2, requests));
        }
        ("smol", "ours") => {
            let owner = anyrt_smol::Owned::launch(Config::new().worker_threads(1));
            let owner = owner.expect("smol starts");
            let rt = owner.handle();
            owner.block_on(rt.spawn(ours(rt.clone(), is_h2, requests)).join_or_panic());
        }
        ("tokio", "native") => {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .expect("tokio starts")
                .block_on(on_tokio(is_h2, requests));
        }
        ("smol", "native") => {
            let executor = Arc::new(smol::Executor::new());
            let worker = executor.clone();
            // Runs until the process ends.
            thread::spawn(move || smol::block_on(worker.run(future::pending::<()>())));
            smol::block_on(executor.spawn(on_smol(executor.clone(), is_h2, requests)));
        }
        _ => panic!("there is no {way} way of {runtime}"),
    }
}

async fn ours<R: NetRuntime>(rt: R, is_h2: bool, requests: u64) {
    let listener = rt
        .tcp_listen(([127, 0, 0, 1], 0).into())
        .expect("a port is free");
    let connect = rt.tcp_connect(listener.local_addr().expect("it is bound"));
    let (accepted, _) = listener.accept().await.expect("one connects");
    let stream = connect.await.expect("one listens");
    for end in [&accepted, &stream] {
        end.set_options(&TcpOptions::new().nodelay(true))
            .expect("it is open");
    }
    let (executor, timer) = (Executor::new(rt.clone()), Timer::new(&rt));
    let glue = (executor, timer);
    exchange(Io::new(accepted), Io::new(stream), glue, is_h2, requests).await;
}

async fn on_tokio(is_h2: bool, requests: u64) {
    use tokio::net::{TcpListener, TcpStream};

    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let addr = listener.local_addr().expect("it is bound");
    let (accepted, stream) = futures::join!(listener.accept(), TcpStream::connect(addr));
    let accepted = accepted.expect("one connects").0;
    let stream = stream.expect("one listens");
    for end in [&accepted, &stream] {
        end.set_nodelay(true).expect("it is open");
    }
    let (accepted, stream) = (TokioIo::new(accepted), TokioIo::new(stream));
    let glue = (TokioExecutor::new(), TokioTimer::new());
    exchange(accepted, stream, glue, is_h2, requests).await;
}

async fn on_smol(executor: Arc<smol::Executor<'static>>, is_h2: bool, requests: u64) {
    use smol::net::{TcpListener, TcpStream};

    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let addr = listener.local_addr().expect("it is bound");
    let (accepted, stream) = futures::join!(listener.accept(), TcpStream::connect(addr));
    let accepted = accepted.expect("one connects").0;
    let stream = stream.expect("one listens");
    for end in [&accepted, &stream] {
        end.set_nodelay(true).expect("it is open");
    }
    let (accepted, stream) = (FuturesIo::new(accepted), FuturesIo::new(stream));
    let glue = (SmolExecutor::new(executor), SmolTimer::new());
    exchange(accepted, stream, glue, is_h2, requests).await;
}

async fn echo(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let body = request
        .into_body()
        .collect()
        .await
        .expect("the client sends it")
        .to_bytes();
    Ok(Response::new(Full::new(body)))
}

/// Sends requests of 100 bytes one after another, over one connection.
async fn exchange<I, E, T>(accepted: I, stream: I, glue: (E, T), is_h2: bool, requests: u64)
where
    I: Read + Write + Unpin + Send + 'static,
    E: hyper::rt::Executor<std::pin::Pin<Box<dyn Future<Output = ()> + Send>>>,
    E: hyper::rt::bounds::Http2ServerConnExec<
            std::pin::Pin<
                Box<dyn Future<Output = Result<Response<Full<Bytes>>, Infallible>> + Send>,
            >,
            Full<Bytes>,
        > + hyper::rt::bounds::Http2ClientConnExec<Full<Bytes>, I>
        + Clone
        + Unpin
        + Send
        + 'static,
    T: hyper::rt::Timer + Clone + Send + Sync + 'static,
{
    let (executor, timer) = glue;
    let body = Bytes::from_static(&[7; 100]);
    let request = || {
        Request::post("http://here/")
            .header("host", "here")
            .body(Full::new(body.clone()))
            .expect("it is well formed")
    };
    // Boxed, so that the executor's bound has a name for it.
    let service = service_fn(|request| {
        Box::pin(echo(request))
            as std::pin::Pin<
                Box<dyn Future<Output = Result<Response<Full<Bytes>>, Infallible>> + Send>,
            >
    });
    if is_h2 {
        let mut builder = server::conn::http2::Builder::new(executor.clone());
        builder.timer(timer.clone());
        let serving = builder.serve_connection(accepted, service);
        executor.execute(Box::pin(async { drop(serving.await) }));
        let mut builder = client::conn::http2::Builder::new(executor.clone());
        let (mut sender, connection) = builder
            .timer(timer)
            .handshake(stream)
            .await
            .expect("the server answers");
        executor.execute(Box::pin(async { drop(connection.await) }));
        for _ in 0..requests {
            sender.ready().await.expect("the server is there");
            let answer = sender
                .send_request(request())
                .await
                .expect("it is answered");
            answer.into_body().collect().await.expect("the body comes");
        }
    } else {
        let mut builder = server::conn::http1::Builder::new();
        let serving = builder.timer(timer).serve_connection(accepted, service);
        executor.execute(Box::pin(async { drop(serving.await) }));
        let (mut sender, connection) = client::conn::http1::handshake(stream)
            .await
            .expect("the server answers");
        executor.execute(Box::pin(async { drop(connection.await) }));
        for _ in 0..requests {
            sender.ready().await.expect("the server is there");
            let answer = sender
                .send_request(request())
                .await
                .expect("it is answered");
            answer.into_body().collect().await.expect("the body comes");
        }
    }
}

//! What a request of hyper costs on tokio, with hyper-util's glue and with anyrt-hyper's.
//!
//! `cargo bench -p anyrt-benches --features http --bench http` prints the instructions per request, as callgrind counts them over client
//! and server in one thread, and requests per second where valgrind is missing. The counts of two runs of different length are
//! subtracted, so that what comes before the first request is not counted.

use std::convert::Infallible;
use std::env;
use std::future::Future;
use std::process::Command;
use std::time::Instant;

use anyrt_core::{Config, Flavor, Launch, prelude::*};
use anyrt_hyper::{Executor, Io, Timer};
use anyrt_net::prelude::*;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::rt::{Read, Write};
use hyper::service::service_fn;
use hyper::{Request, Response, client, server};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};

const WAYS: [&str; 4] = [
    "h1/hyper-util",
    "h1/anyrt-hyper",
    "h2/hyper-util",
    "h2/anyrt-hyper",
];
const FEW: u64 = 1_000;
const MANY: u64 = 3_000;

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if let [_, way, requests] = &arguments[..] {
        if let (true, Ok(requests)) = (WAYS.contains(&way.as_str()), requests.parse()) {
            return run(way, requests);
        }
    }
    for way in WAYS {
        match (instructions(way, FEW), instructions(way, MANY)) {
            (Some(few), Some(many)) => {
                println!(
                    "{way:<16} {:>7} instructions per request",
                    (many - few) / (MANY - FEW)
                );
            }
            _ => {
                let begun = Instant::now();
                run(way, 20_000);
                let per_second = 20_000.0 / begun.elapsed().as_secs_f64();
                println!("{way:<16} {per_second:>7.0} requests per second; valgrind is missing");
            }
        }
    }
}

/// Runs itself under callgrind.
fn instructions(way: &str, requests: u64) -> Option<u64> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(env::current_exe().ok()?)
        .args([way, &requests.to_string()])
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stderr);
    let (_, collected) = text.split_once("Collected : ")?;
    collected.split_whitespace().next()?.parse().ok()
}

fn run(way: &str, requests: u64) {
    if let Some(version) = way.strip_suffix("/anyrt-hyper") {
        let config = Config::new().flavor(Flavor::CurrentThread);
        let owner = anyrt_tokio::Owned::launch(config).expect("tokio starts");
        owner.block_on(ours(owner.handle(), version == "h2", requests));
    } else {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        runtime
            .expect("tokio starts")
            .block_on(native(way == "h2/hyper-util", requests));
    }
}

async fn ours<R: NetRuntime>(rt: R, is_h2: bool, requests: u64) {
    let listener = rt
        .tcp_listen(([127, 0, 0, 1], 0).into())
        .expect("a port is free");
    let connect = rt.tcp_connect(listener.local_addr().expect("it is bound"));
    let (accepted, _) = listener.accept().await.expect("one connects");
    let stream = connect.await.expect("one listens");
    let (executor, timer) = (Executor::new(rt.clone()), Timer::new(&rt));
    let glue = (executor, timer);
    exchange(Io::new(accepted), Io::new(stream), glue, is_h2, requests).await;
}

async fn native(is_h2: bool, requests: u64) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port is free");
    let addr = listener.local_addr().expect("it is bound");
    let (accepted, stream) =
        futures::join!(listener.accept(), tokio::net::TcpStream::connect(addr));
    let (accepted, stream) = (
        accepted.expect("one connects").0,
        stream.expect("one listens"),
    );
    let glue = (TokioExecutor::new(), TokioTimer::new());
    exchange(
        TokioIo::new(accepted),
        TokioIo::new(stream),
        glue,
        is_h2,
        requests,
    )
    .await;
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

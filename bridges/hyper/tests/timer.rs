//! The timer: sleeps that are reset, and the limits that hyper keeps with them.

use std::convert::Infallible;
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation};
use anyrt_hyper::{Io, Sleep, Timer};
use anyrt_net::prelude::*;
use http_body_util::Empty;
use hyper::Response;
use hyper::body::Bytes;
use hyper::rt::Timer as _;
use hyper::service::service_fn;

async fn a_reset_keeps_the_sleep_and_moves_its_deadline<R: NetRuntime>(rt: R) {
    let timer = Timer::new(&rt);
    let hour = Duration::from_secs(3600);
    let mut sleep = timer.sleep(hour);
    let address = std::ptr::from_ref(&*sleep).cast::<()>();
    timer.reset(&mut sleep, rt.now() + Duration::from_millis(2));
    assert_eq!(std::ptr::from_ref(&*sleep).cast::<()>(), address);
    assert!(sleep.is::<Sleep<R::Sleep>>());
    sleep.as_mut().await;

    // A sleep of another timer is replaced.
    let mut foreign: std::pin::Pin<Box<dyn hyper::rt::Sleep>> = Box::pin(Foreign);
    timer.reset(&mut foreign, rt.now() + Duration::from_millis(2));
    foreign.as_mut().await;
    assert!(foreign.is::<Sleep<R::Sleep>>());
}

/// A sleep that is none of ours, and never ends.
struct Foreign;

impl Future for Foreign {
    type Output = ();

    fn poll(
        self: std::pin::Pin<&mut Self>,
        _cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        std::task::Poll::Pending
    }
}

impl hyper::rt::Sleep for Foreign {}

async fn a_slow_head_is_cut_off<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let mut stream = rt
        .tcp_connect(listener.local_addr().unwrap())
        .await
        .unwrap();
    let (accepted, _) = listener.accept().await.unwrap();
    let service =
        service_fn(|_request| async { Ok::<_, Infallible>(Response::new(Empty::<Bytes>::new())) });
    futures::io::AsyncWriteExt::write_all(&mut stream, b"GET / HT")
        .await
        .unwrap();
    let error = hyper::server::conn::http1::Builder::new()
        .timer(Timer::new(&rt))
        .header_read_timeout(Duration::from_millis(20))
        .serve_connection(Io::new(accepted), service)
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
}

on_each_runtime!(
    a_reset_keeps_the_sleep_and_moves_its_deadline,
    a_slow_head_is_cut_off,
);

on_simulation!(
    a_reset_keeps_the_sleep_and_moves_its_deadline,
    a_slow_head_is_cut_off,
);

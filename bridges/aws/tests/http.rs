//! Operations of the SDK's orchestrator against a server, on every backend.

use std::convert::Infallible;
use std::future::{Pending, pending};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_aws::{Aws, Http};
use anyrt_bridge_testing::{on_each_runtime, on_simulation, refusing, repeats};
use anyrt_hyper::Io;
use anyrt_net::prelude::*;
use aws_smithy_runtime::client::orchestrator::operation::{Operation, OperationBuilder};
use aws_smithy_runtime::client::retries::classifiers::HttpStatusCodeClassifier;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use futures::future::try_join_all;
use http::{Method, Request, Response, StatusCode, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use tower_service::Service;

on_each_runtime!(
    objects_are_put_and_got,
    many_operations_share_few_connections,
    a_failing_server_is_asked_again,
    a_connection_that_failed_is_not_used_again,
    a_silent_server_ends_in_a_timeout,
    a_silent_connector_ends_in_a_timeout,
    an_address_that_refuses_is_an_error_of_the_dispatch,
);

on_simulation!(
    objects_are_put_and_got,
    many_operations_share_few_connections,
    a_failing_server_is_asked_again,
    a_connection_that_failed_is_not_used_again,
    a_silent_server_ends_in_a_timeout,
    a_silent_connector_ends_in_a_timeout,
    an_address_that_refuses_is_an_error_of_the_dispatch,
);

/// Keeps one object, and counts.
#[derive(Default)]
struct Store {
    object: Mutex<Bytes>,
    connections: AtomicUsize,
    requests: AtomicUsize,
    /// So many requests are answered with 503.
    failures: AtomicUsize,
    /// How many requests came over connections that had answered so.
    after_failures: AtomicUsize,
}

impl Store {
    async fn answer<R: NetRuntime>(
        self: Arc<Self>,
        rt: R,
        has_failed: Arc<AtomicBool>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        if has_failed.load(Ordering::SeqCst) {
            self.after_failures.fetch_add(1, Ordering::SeqCst);
        }
        let failing = |left: usize| left.checked_sub(1);
        let order = Ordering::SeqCst;
        if self.failures.fetch_update(order, order, failing).is_ok() {
            has_failed.store(true, Ordering::SeqCst);
            let mut answer = Response::default();
            *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
            return Ok(answer);
        }
        if request.uri().path() == "/silence" {
            rt.sleep(Duration::from_secs(3600)).await;
        }
        let method = request.method().clone();
        let body = request.into_body().collect().await.unwrap().to_bytes();
        let mut object = self.object.lock().unwrap();
        if method == Method::PUT {
            *object = body;
        }
        Ok(Response::new(Full::new(object.clone())))
    }
}

/// A server, and its address.
fn serve<R: NetRuntime>(rt: &R) -> (Arc<Store>, String) {
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let store = Arc::new(Store::default());
    let (runtime, stored) = (rt.clone(), Arc::clone(&store));
    rt.spawn_detached(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stored.connections.fetch_add(1, Ordering::SeqCst);
            let (rt, store) = (runtime.clone(), Arc::clone(&stored));
            let has_failed = Arc::<AtomicBool>::default();
            let service = service_fn(move |request| {
                Arc::clone(&store).answer(rt.clone(), Arc::clone(&has_failed), request)
            });
            let builder = hyper::server::conn::http1::Builder::new();
            let connection = builder.serve_connection(Io::new(stream), service);
            runtime.spawn_detached(async move { drop(connection.await) });
        }
    });
    (store, url)
}

type Call = Operation<(Method, &'static str, Vec<u8>), Vec<u8>, Infallible>;
type Failure = SdkError<Infallible, HttpResponse>;

/// An operation as a generated client has it, with `settings` of its user.
fn operation<R: NetRuntime>(
    rt: &R,
    client: SharedHttpClient,
    url: &str,
    settings: impl FnOnce(OperationBuilder) -> OperationBuilder,
) -> Arc<Call> {
    let builder = Operation::builder()
        .service_name("store")
        .operation_name("call")
        .endpoint_url(url)
        .http_client(client)
        .sleep_impl(Aws::new(rt.clone()))
        .time_source(Aws::new(rt.clone()))
        .no_auth();
    let operation = settings(builder)
        .serializer(|(method, path, body): (Method, &'static str, Vec<u8>)| {
            let request = Request::builder().method(method).uri(path);
            Ok(HttpRequest::try_from(request.body(SdkBody::from(body))?)?)
        })
        .deserializer::<_, Infallible>(|answer: &HttpResponse| match answer.body().bytes() {
            Some(bytes) if answer.status().is_success() => Ok(bytes.to_vec()),
            _ => Err(OrchestratorError::other(answer.status().to_string())),
        })
        .build();
    Arc::new(operation)
}

fn plain(builder: OperationBuilder) -> OperationBuilder {
    builder.no_retry().timeout_config(TimeoutConfig::disabled())
}

fn get(path: &'static str) -> (Method, &'static str, Vec<u8>) {
    (Method::GET, path, Vec::new())
}

fn client<R: NetRuntime>(rt: &R) -> SharedHttpClient {
    SharedHttpClient::new(Http::new(rt.clone()))
}

async fn objects_are_put_and_got<R: NetRuntime>(rt: R) {
    let (_store, url) = serve(&rt);
    let call = operation(&rt, client(&rt), &url, plain);
    let object: Vec<u8> = (0..repeats(1_000_000, 50_000_000))
        .map(|n| (n % 251) as u8)
        .collect();
    call.invoke((Method::PUT, "/object", object.clone()))
        .await
        .unwrap();
    assert!(call.invoke(get("/object")).await.unwrap() == object);
}

async fn many_operations_share_few_connections<R: NetRuntime>(rt: R) {
    let (store, url) = serve(&rt);
    let call = operation(&rt, client(&rt), &url, plain);
    let rounds = repeats(20, 1000);
    let tasks = (0..16).map(|_| {
        let call = Arc::clone(&call);
        rt.spawn(async move {
            for _ in 0..rounds {
                call.invoke(get("/object")).await.unwrap();
            }
        })
    });
    try_join_all(tasks.collect::<Vec<_>>()).await.unwrap();
    assert_eq!(store.requests.load(Ordering::SeqCst), 16 * rounds);
    // A request that finds no idle connection begins one, also when another comes back meanwhile.
    assert!(store.connections.load(Ordering::SeqCst) < 8 * rounds);
}

/// The pauses between the attempts are sleeps of the runtime.
async fn a_failing_server_is_asked_again<R: NetRuntime>(rt: R) {
    let (store, url) = serve(&rt);
    store.failures.store(2, Ordering::SeqCst);
    let call = operation(&rt, client(&rt), &url, |builder| {
        let retry = RetryConfig::standard()
            .with_max_attempts(3)
            .with_initial_backoff(Duration::from_millis(10));
        builder
            .retry_classifier(HttpStatusCodeClassifier::default())
            .standard_retry(&retry)
            .timeout_config(TimeoutConfig::disabled())
    });
    call.invoke(get("/object")).await.unwrap();
    assert_eq!(store.requests.load(Ordering::SeqCst), 3);
    // One more than it has attempts for.
    store.failures.store(3, Ordering::SeqCst);
    assert!(matches!(
        call.invoke(get("/object")).await,
        Err(Failure::ResponseError(_))
    ));
    assert_eq!(store.requests.load(Ordering::SeqCst), 6);
}

async fn a_connection_that_failed_is_not_used_again<R: NetRuntime>(rt: R) {
    let (store, url) = serve(&rt);
    let call = operation(&rt, client(&rt), &url, |builder| {
        let builder = builder.retry_classifier(HttpStatusCodeClassifier::default());
        builder
            .with_connection_poisoning()
            .standard_retry(&RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
            .timeout_config(TimeoutConfig::disabled())
    });
    for _ in 0..20 {
        store.failures.store(1, Ordering::SeqCst);
        call.invoke(get("/object")).await.unwrap();
    }
    assert_eq!(store.requests.load(Ordering::SeqCst), 40);
    assert_eq!(store.after_failures.load(Ordering::SeqCst), 0);
}

async fn a_silent_server_ends_in_a_timeout<R: NetRuntime>(rt: R) {
    let (_store, url) = serve(&rt);
    let limit = Duration::from_millis(50);
    // That of the connector.
    let call = operation(&rt, client(&rt), &url, |builder| {
        let limits = TimeoutConfig::builder().read_timeout(limit).build();
        builder.no_retry().timeout_config(limits)
    });
    let begun = rt.now();
    match call.invoke(get("/silence")).await.unwrap_err() {
        Failure::DispatchFailure(failure) => assert!(failure.is_timeout(), "{failure:?}"),
        other => panic!("{other:?}"),
    }
    assert!(rt.now() - begun >= limit);
    // That of the whole operation, which the SDK sleeps.
    let call = operation(&rt, client(&rt), &url, |builder| {
        let limits = TimeoutConfig::builder().operation_timeout(limit).build();
        builder.no_retry().timeout_config(limits)
    });
    let begun = rt.now();
    let failure = call.invoke(get("/silence")).await.unwrap_err();
    assert!(matches!(failure, Failure::TimeoutError(_)), "{failure:?}");
    assert!(rt.now() - begun >= limit);
}

/// Never connects.
#[derive(Clone)]
struct Silent<R>(std::marker::PhantomData<fn() -> R>);

impl<R: NetRuntime> Service<Uri> for Silent<R> {
    type Response = Io<R::TcpStream>;
    type Error = io::Error;
    type Future = Pending<io::Result<Io<R::TcpStream>>>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _uri: Uri) -> Self::Future {
        pending()
    }
}

async fn a_silent_connector_ends_in_a_timeout<R: NetRuntime>(rt: R) {
    let silent = Silent::<R>(std::marker::PhantomData);
    let client = SharedHttpClient::new(Http::with_connector(rt.clone(), silent));
    let limit = Duration::from_millis(50);
    let call = operation(&rt, client, "http://localhost", |builder| {
        let limits = TimeoutConfig::builder().connect_timeout(limit).build();
        builder.no_retry().timeout_config(limits)
    });
    let begun = rt.now();
    match call.invoke(get("/object")).await.unwrap_err() {
        Failure::DispatchFailure(failure) => assert!(failure.is_timeout(), "{failure:?}"),
        other => panic!("{other:?}"),
    }
    assert!(rt.now() - begun >= limit);
}

async fn an_address_that_refuses_is_an_error_of_the_dispatch<R: NetRuntime>(rt: R) {
    let (addr, _kept) = refusing(&rt).await;
    let url = format!("http://{addr}");
    let call = operation(&rt, client(&rt), &url, plain);
    match call.invoke(get("/object")).await.unwrap_err() {
        Failure::DispatchFailure(failure) => assert!(failure.is_io(), "{failure:?}"),
        other => panic!("{other:?}"),
    }
}

//! A server for a test.

use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyrt_core::BoxJoinHandle;
use anyrt_core::prelude::*;
use anyrt_hyper::Server;
use anyrt_net::prelude::*;
use anyrt_structured::TaskTracker;
use hyper::body::{Body, Incoming};
use hyper::service::Service;
use hyper::{Request, Response, Uri};

/// A server in a task.
pub(crate) struct Served {
    pub(crate) addr: SocketAddr,
    pub(crate) serving: BoxJoinHandle<io::Result<()>>,
    pub(crate) tracker: TaskTracker,
}

impl Served {
    pub(crate) fn uri(&self, path: &str) -> Uri {
        format!("http://{}{path}", self.addr).parse().unwrap()
    }

    /// Shuts the server down, and fails if a connection does not finish by itself.
    pub(crate) async fn end<R: Runtime>(self, rt: &R) {
        let report = self.tracker.shutdown(rt, Duration::from_secs(60)).await;
        assert!(report.is_clean(), "{report}");
        self.serving.await.unwrap().unwrap();
    }
}

/// Starts a server of hyper's services.
pub(crate) fn serve<R, S, B>(
    rt: &R,
    configure: impl FnOnce(Server<R>) -> Server<R>,
    service_for: impl FnMut(&SocketAddr) -> S + Send + 'static,
) -> Served
where
    R: NetRuntime,
    S: Service<
            Request<Incoming>,
            Response = Response<B>,
            Error: Error + Send + Sync + 'static,
            Future: Send + 'static,
        > + Send
        + 'static,
    B: Body<Data: Send + 'static, Error: Error + Send + Sync + 'static> + Send + 'static,
{
    let listener = rt.tcp_listen(([127, 0, 0, 1], 0).into()).unwrap();
    let addr = listener.local_addr().unwrap();
    let server = configure(Server::new(rt.clone()));
    let tracker = server.tracker().clone();
    let serving = rt.spawn(server.serve_each(listener, service_for)).boxed();
    Served {
        addr,
        serving,
        tracker,
    }
}

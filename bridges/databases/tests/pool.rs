//! The pool without a server.

use std::future::pending;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, on_simulation};
use anyrt_core::prelude::*;
use anyrt_databases::{Connector, Pool};

on_each_runtime!(
    no_more_connections_are_out_than_there_are_places,
    a_dropped_wait_takes_no_place_with_it,
    a_server_that_is_away_is_asked_again,
);

on_simulation!(
    no_more_connections_are_out_than_there_are_places,
    a_dropped_wait_takes_no_place_with_it,
    a_server_that_is_away_is_asked_again,
    patience_ends,
);

#[derive(Clone, Default)]
struct Fake {
    made: Arc<AtomicUsize>,
    /// So many attempts fail first.
    failures: Arc<AtomicUsize>,
    is_silent: Arc<AtomicBool>,
}

impl Connector for Fake {
    type Connection = usize;

    async fn connect(&self) -> io::Result<usize> {
        if self.is_silent.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        let failing = |left: usize| left.checked_sub(1);
        let failed = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, failing);
        match failed {
            Ok(_) => Err(io::ErrorKind::ConnectionRefused.into()),
            Err(_) => Ok(self.made.fetch_add(1, Ordering::SeqCst)),
        }
    }

    fn is_open(&self, _: &usize) -> bool {
        true
    }
}

async fn no_more_connections_are_out_than_there_are_places<R: Runtime>(rt: R) {
    let fake = Fake::default();
    let pool = Pool::new(rt.clone(), fake.clone(), 3);
    let out = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (pool, out, most) = (pool.clone(), out.clone(), most.clone());
            let timer = rt.clone();
            let work = async move {
                let _connection = pool.get().await.unwrap();
                most.fetch_max(out.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                timer.sleep(Duration::from_millis(1)).await;
                out.fetch_sub(1, Ordering::SeqCst);
            };
            rt.spawn(work)
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(most.load(Ordering::SeqCst) <= 3);
    assert_eq!(pool.idle(), fake.made.load(Ordering::SeqCst));
    assert!(pool.idle() <= 3);
}

async fn a_dropped_wait_takes_no_place_with_it<R: Runtime>(rt: R) {
    let fake = Fake::default();
    let pool = Pool::new(rt.clone(), fake.clone(), 1);
    fake.is_silent.store(true, Ordering::SeqCst);
    let connecting = rt.timeout(Duration::from_millis(20), pool.get());
    assert!(connecting.await.is_err());
    fake.is_silent.store(false, Ordering::SeqCst);
    let held = pool.get().await.unwrap();
    let waiting = rt.timeout(Duration::from_millis(20), pool.get());
    assert!(waiting.await.is_err());
    drop(held);
    assert_eq!(*pool.get().await.unwrap(), 0);
}

async fn a_server_that_is_away_is_asked_again<R: Runtime>(rt: R) {
    let fake = Fake::default();
    fake.failures.store(3, Ordering::SeqCst);
    let begun = rt.now();
    let pool = Pool::new(rt.clone(), fake, 1);
    assert_eq!(*pool.get().await.unwrap(), 0);
    // 10, 20 and 40 ms.
    assert!(rt.now() - begun >= Duration::from_millis(70));
}

async fn patience_ends<R: Runtime>(rt: R) {
    let fake = Fake::default();
    fake.failures.store(usize::MAX, Ordering::SeqCst);
    let begun = rt.now();
    let patience = Duration::from_secs(5);
    let pool = Pool::new(rt.clone(), fake, 1).patience(patience);
    let error = pool.get().await.unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    assert!(
        error.to_string().ends_with(": connection refused"),
        "{error}"
    );
    assert!(rt.now() - begun >= patience);
    assert!(rt.now() - begun < patience + Duration::from_secs(1));
}

//! deadpool's managed pool without its runtimes, over the same connector.

use std::io;
use std::sync::LazyLock;
use std::time::Duration;

use anyrt_bridge_testing::on_each_runtime;
use anyrt_databases::{Connector, Kind, Postgres, Server};
use anyrt_net::prelude::*;
use deadpool::managed::{Manager, Metrics, Pool, PoolError, RecycleError, RecycleResult};
use futures::future::try_join_all;
use tokio_postgres::Client;

on_each_runtime!(deadpool_needs_no_runtime);

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(Kind::Postgres));

/// What deadpool asks for, in front of a connector.
struct Managed<R>(Postgres<R>);

impl<R: NetRuntime> Manager for Managed<R> {
    type Type = Client;
    type Error = io::Error;

    async fn create(&self) -> io::Result<Client> {
        self.0.connect().await
    }

    async fn recycle(&self, client: &mut Client, _: &Metrics) -> RecycleResult<io::Error> {
        if self.0.is_open(client) {
            Ok(())
        } else {
            Err(RecycleError::message("the connection is gone"))
        }
    }
}

async fn deadpool_needs_no_runtime<R: NetRuntime>(rt: R) {
    let managed = Managed(Postgres::new(rt.clone(), SERVER.addr()));
    let pool = Pool::builder(managed).max_size(4).build().unwrap();
    let tasks = (0..32_i64).map(|task| {
        let pool: Pool<Managed<R>> = pool.clone();
        rt.spawn(async move {
            for round in 0..10_i64 {
                let client = pool.get().await.unwrap();
                let query = "SELECT $1::int8 + $2::int8";
                let row = client.query_one(query, &[&task, &round]).await.unwrap();
                assert_eq!(row.get::<_, i64>(0), task + round);
            }
        })
    });
    try_join_all(tasks.collect::<Vec<_>>()).await.unwrap();
    assert!(pool.status().size <= 4);
    // A limit of time is the runtime's, and takes no place with it.
    let held = try_join_all((0..4).map(|_| pool.get())).await.unwrap();
    assert!(
        rt.timeout(Duration::from_millis(20), pool.get())
            .await
            .is_err()
    );
    drop(held);
    drop(pool.get().await.unwrap());
    // deadpool's own asks for one of its runtimes.
    let timed = pool
        .timeout_get(&deadpool::managed::Timeouts::wait_millis(20))
        .await;
    assert!(matches!(timed, Err(PoolError::NoRuntimeSpecified)));
}

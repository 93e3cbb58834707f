//! A real PostgreSQL through tokio-postgres, on every backend.

use std::future::poll_fn;
use std::io;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyrt_bridge_testing::{on_each_local_runtime, on_each_runtime, repeats};
use anyrt_databases::{Connector, Kind, Pool, Postgres, Server, Tls};
use anyrt_net::prelude::*;
use anyrt_tokio_io::ToTokio;
use futures::channel::mpsc;
use futures::future::{join_all, poll_immediate, try_join_all};
use futures::{SinkExt, StreamExt, TryStreamExt};
use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio_postgres::error::SqlState;
use tokio_postgres::{AsyncMessage, Client, Config, Error, NoTls};

on_each_runtime!(
    many_queries_run_at_once,
    queries_of_one_connection_are_pipelined,
    a_dropped_transaction_is_rolled_back,
    a_bulk_copy_goes_both_ways,
    notifications_arrive_in_order,
    a_query_that_is_given_up_is_cancelled,
    a_crash_loses_no_acknowledged_row,
    queries_go_over_tls,
);

on_each_local_runtime!(a_local_task_drives_the_connection);

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(Kind::Postgres));

fn pool<R: NetRuntime>(rt: &R, server: &Server) -> Pool<R, Postgres<R>> {
    Pool::new(rt.clone(), Postgres::new(rt.clone(), server.addr()), 8)
}

/// A name that no other test of this process takes.
fn unique(kind: &str) -> String {
    static COUNTER: AtomicUsize = AtomicUsize::new(0);
    format!("{kind}{}", COUNTER.fetch_add(1, Ordering::Relaxed))
}

async fn many_queries_run_at_once<R: NetRuntime>(rt: R) {
    let rounds = repeats(20, 500);
    let pool = pool(&rt, &SERVER);
    let tasks = (0..64_i64).map(|task| {
        let pool = pool.clone();
        let work = async move {
            for round in 0..rounds as i64 {
                let client = pool.get().await.unwrap();
                let query = "SELECT $1::int8 * 1000 + $2::int8";
                let query = client.prepare(query).await.unwrap();
                let row = client.query_one(&query, &[&task, &round]).await.unwrap();
                assert_eq!(row.get::<_, i64>(0), task * 1000 + round);
            }
        };
        rt.spawn(work)
    });
    try_join_all(tasks.collect::<Vec<_>>()).await.unwrap();
    assert!(pool.idle() <= 8);
}

async fn queries_of_one_connection_are_pipelined<R: NetRuntime>(rt: R) {
    let client = pool(&rt, &SERVER).get().await.unwrap();
    let query = client.prepare("SELECT $1::text || '!'").await.unwrap();
    let (client, query) = (&client, &query);
    let answers = (0..repeats(500, 20_000)).map(|n| async move {
        let asked = n.to_string();
        let row = client.query_one(query, &[&asked]).await.unwrap();
        assert_eq!(row.get::<_, String>(0), asked + "!");
    });
    join_all(answers).await;
}

async fn a_dropped_transaction_is_rolled_back<R: NetRuntime>(rt: R) {
    let pool = pool(&rt, &SERVER);
    let table = unique("rolled_back");
    let mut client = pool.get().await.unwrap();
    let create = format!("CREATE TABLE {table} (n int8)");
    client.batch_execute(&create).await.unwrap();
    let insert = format!("INSERT INTO {table} VALUES (1)");
    let transaction = client.transaction().await.unwrap();
    transaction.execute(&insert, &[]).await.unwrap();
    drop(transaction);
    let transaction = client.transaction().await.unwrap();
    transaction.execute(&insert, &[]).await.unwrap();
    transaction.commit().await.unwrap();
    drop(client);
    let client = pool.get().await.unwrap();
    let count = format!("SELECT count(*) FROM {table}");
    let row = client.query_one(&count, &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
}

/// Far more than the buffers of the sockets hold.
async fn a_bulk_copy_goes_both_ways<R: NetRuntime>(rt: R) {
    let rows = repeats(20_000, 500_000);
    let client = pool(&rt, &SERVER).get().await.unwrap();
    let table = unique("bulk");
    let create = format!("CREATE UNLOGGED TABLE {table} (n int8, t text)");
    client.batch_execute(&create).await.unwrap();
    let padding = "x".repeat(100);
    let line = |n| format!("{n}\t{padding}\n");
    let copy = format!("COPY {table} FROM STDIN");
    let mut sink = pin!(client.copy_in(&copy).await.unwrap());
    for n in 0..rows {
        sink.feed(io::Cursor::new(line(n))).await.unwrap();
    }
    assert_eq!(sink.finish().await.unwrap(), rows as u64);
    let copy = format!("COPY (SELECT * FROM {table} ORDER BY n) TO STDOUT");
    let mut stream = pin!(client.copy_out(&copy).await.unwrap());
    let mut seen = 0;
    while let Some(part) = stream.try_next().await.unwrap() {
        assert!(part == line(seen));
        seen += 1;
    }
    assert_eq!(seen, rows);
}

async fn notifications_arrive_in_order<R: NetRuntime>(rt: R) {
    let count = repeats(200, 20_000);
    let mut config = Config::new();
    config.user("anyrt").dbname("postgres");
    let stream = ToTokio::new(rt.tcp_connect(SERVER.addr()).await.unwrap());
    let (listener, mut connection) = config.connect_raw(stream, NoTls).await.unwrap();
    let (heard, mut hears) = mpsc::unbounded();
    let driver = rt.spawn(async move {
        while let Some(message) = poll_fn(|cx| connection.poll_message(cx)).await {
            if let AsyncMessage::Notification(notification) = message.unwrap() {
                heard
                    .unbounded_send(notification.payload().to_owned())
                    .unwrap();
            }
        }
    });
    let channel = unique("channel");
    listener
        .batch_execute(&format!("LISTEN {channel}"))
        .await
        .unwrap();
    let speaker = pool(&rt, &SERVER).get().await.unwrap();
    for n in 0..count {
        let notify = format!("NOTIFY {channel}, '{n}'");
        speaker.batch_execute(&notify).await.unwrap();
    }
    for n in 0..count {
        assert_eq!(hears.next().await.unwrap(), n.to_string());
    }
    // The connection ends with its client.
    drop(listener);
    driver.await.unwrap();
}

/// A query that the server sleeps in, on a connection of its own.
struct Sleeping<'a, R> {
    connector: &'a Postgres<R>,
    client: Client,
    watcher: Client,
    pid: i32,
}

impl<'a, R: NetRuntime> Sleeping<'a, R> {
    async fn new(connector: &'a Postgres<R>) -> Self {
        let client = connector.connect().await.unwrap();
        let row = client.query_one("SELECT pg_backend_pid()", &[]).await;
        Self {
            connector,
            pid: row.unwrap().get(0),
            client,
            watcher: connector.connect().await.unwrap(),
        }
    }

    /// The query, once the server sleeps in it.
    async fn query(&self) -> impl Future<Output = Result<(), Error>> {
        let mut query = Box::pin(self.client.batch_execute("SELECT pg_sleep(600)"));
        assert!(poll_immediate(&mut query).await.is_none());
        let is_asleep = "SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND wait_event = 'PgSleep'";
        loop {
            let rows = self.watcher.query(is_asleep, &[&self.pid]).await.unwrap();
            if !rows.is_empty() {
                return query;
            }
        }
    }

    async fn cancel(&self) {
        let token = self.client.cancel_token();
        self.connector.cancel(&token).await.unwrap();
    }

    /// The connection is of use again. The server sends its signal twice, and the second may meet the next query.
    async fn is_over(&self) {
        while let Err(error) = self.client.batch_execute("SELECT 1").await {
            assert_eq!(error.code(), Some(&SqlState::QUERY_CANCELED));
        }
    }
}

async fn a_query_that_is_given_up_is_cancelled<R: NetRuntime>(rt: R) {
    let connector = Postgres::new(rt.clone(), SERVER.addr());

    // By timeout.
    let sleeping = Sleeping::new(&connector).await;
    let query = sleeping.query().await;
    assert!(rt.timeout(Duration::from_millis(20), query).await.is_err());
    sleeping.cancel().await;
    sleeping.is_over().await;

    // By drop.
    let sleeping = Sleeping::new(&connector).await;
    drop(sleeping.query().await);
    sleeping.cancel().await;
    sleeping.is_over().await;

    // And who waits on is told.
    let sleeping = Sleeping::new(&connector).await;
    let query = sleeping.query().await;
    sleeping.cancel().await;
    let error = query.await.unwrap_err();
    assert_eq!(error.code(), Some(&SqlState::QUERY_CANCELED));
}

async fn a_crash_loses_no_acknowledged_row<R: NetRuntime>(rt: R) {
    const TASKS: i64 = 8;
    let rows = repeats(60, 1000) as i64;
    // Of its own: the other tests keep theirs.
    let server = Arc::new(Server::start(Kind::Postgres));
    let pool = pool(&rt, &server);
    let began = "SELECT pg_postmaster_start_time()::text";
    let first = pool.get().await.unwrap();
    let create = "CREATE TABLE acknowledged (task int8, n int8, PRIMARY KEY (task, n))";
    first.batch_execute(create).await.unwrap();
    let before: String = first.query_one(began, &[]).await.unwrap().get(0);
    drop(first);

    let (acknowledge, mut acknowledged) = mpsc::unbounded();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (pool, acknowledge) = (pool.clone(), acknowledge.clone());
            rt.spawn(async move {
                for n in 0..rows {
                    loop {
                        let client = pool.get().await.unwrap();
                        // What was not acknowledged may be there or not.
                        let insert =
                            "INSERT INTO acknowledged VALUES ($1, $2) ON CONFLICT DO NOTHING";
                        match client.execute(insert, &[&task, &n]).await {
                            Ok(_) => break,
                            // The connection broke, or the server told that it ends (class 57).
                            Err(error) => assert!(
                                error
                                    .code()
                                    .is_none_or(|code| code.code().starts_with("57")),
                                "{error:?}"
                            ),
                        }
                    }
                    acknowledge.unbounded_send((task, n)).unwrap();
                }
            })
        })
        .collect();
    drop(acknowledge);
    let mut all = Vec::new();
    while (all.len() as i64) < TASKS * rows / 3 {
        all.push(acknowledged.next().await.unwrap());
    }
    let crashing = Arc::clone(&server);
    rt.spawn_blocking(move || crashing.crash()).await.unwrap();
    all.extend(acknowledged.collect::<Vec<_>>().await);
    try_join_all(tasks).await.unwrap();
    all.sort_unstable();

    // Not from the pool, which may have one whose end nobody has seen yet.
    let client = Postgres::new(rt.clone(), server.addr()).connect().await;
    let client = client.unwrap();
    let after: String = client.query_one(began, &[]).await.unwrap().get(0);
    assert_ne!(before, after, "the server was not started again");
    let kept = client.query("SELECT task, n FROM acknowledged ORDER BY task, n", &[]);
    let kept: Vec<(i64, i64)> = kept
        .await
        .unwrap()
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    assert_eq!(kept, all);
}

/// The name that the certificate is for, the certificate's authority, and a server that has both.
struct Secure {
    server: Server,
    config: ClientConfig,
}

static SECURE: LazyLock<Secure> = LazyLock::new(|| {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    Secure {
        server: Server::start_with_tls(&made.cert.pem(), &made.signing_key.serialize_pem()),
        config: ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth(),
    }
});

async fn queries_go_over_tls<R: NetRuntime>(rt: R) {
    let Secure { server, config } = &*SECURE;
    let mut options = Config::new();
    options.user("anyrt").dbname("postgres");
    options.ssl_mode(tokio_postgres::config::SslMode::Require);
    let connect = async |name: &str| {
        let tls = Tls::new(
            config.clone(),
            ServerName::try_from(name.to_owned()).unwrap(),
        );
        let stream = ToTokio::new(rt.tcp_connect(server.addr()).await?);
        options
            .connect_raw(stream, tls)
            .await
            .map_err(io::Error::other)
    };
    let (client, connection) = connect("localhost").await.unwrap();
    let driver = rt.spawn(connection);
    let query = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    assert!(
        client
            .query_one(query, &[])
            .await
            .unwrap()
            .get::<_, bool>(0)
    );
    let long = "x".repeat(1_000_000);
    let row = client.query_one("SELECT $1::text", &[&long]).await.unwrap();
    assert!(row.get::<_, &str>(0) == long);
    drop(client);
    driver.await.unwrap().unwrap();
    assert!(connect("example.org").await.is_err());
}

async fn a_local_task_drives_the_connection<R: LocalNet>(rt: R) {
    let mut config = Config::new();
    config.user("anyrt").dbname("postgres");
    let stream = ToTokio::new(rt.tcp_connect(SERVER.addr()).await.unwrap());
    let (client, connection) = config.connect_raw(stream, NoTls).await.unwrap();
    let driver = rt.spawn_local(connection);
    let query = client.prepare("SELECT $1::int8 + 1").await.unwrap();
    for n in 0..repeats(100, 10_000) as i64 {
        let row = client.query_one(&query, &[&n]).await.unwrap();
        assert_eq!(row.get::<_, i64>(0), n + 1);
    }
    drop(client);
    driver.await.unwrap().unwrap();
}

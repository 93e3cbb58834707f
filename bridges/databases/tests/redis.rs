//! A real Redis through redis' multiplexed connection, on every backend.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use anyrt_bridge_testing::{on_each_runtime, repeats};
use anyrt_databases::{Connector, Kind, Pool, Redis, Server};
use anyrt_net::prelude::*;
use futures::StreamExt;
use futures::channel::mpsc;
use futures::future::{poll_immediate, try_join_all};
use redis::{AsyncCommands, PushInfo, PushKind, Value, cmd, pipe};

on_each_runtime!(
    many_commands_share_one_connection,
    a_pool_serves_more_tasks_than_it_has_connections,
    a_transaction_is_one_step,
    messages_arrive_in_order,
    a_command_that_is_given_up_leaves_its_connection_in_order,
    a_large_value_goes_both_ways,
    a_crash_loses_no_acknowledged_write,
    a_dropped_connection_ends_its_driver,
);

static SERVER: LazyLock<Server> = LazyLock::new(|| Server::start(Kind::Redis));

fn pool<R: NetRuntime>(rt: &R, server: &Server) -> Pool<R, Redis<R>> {
    Pool::new(rt.clone(), Redis::new(rt.clone(), server.addr()), 4)
}

/// A name that no other test of this process takes.
fn unique(kind: &str) -> String {
    static COUNTER: AtomicUsize = AtomicUsize::new(0);
    format!("{kind}{}", COUNTER.fetch_add(1, Ordering::Relaxed))
}

async fn many_commands_share_one_connection<R: NetRuntime>(rt: R) {
    let rounds = repeats(50, 2000);
    let pooled = pool(&rt, &SERVER).get().await.unwrap();
    let base = unique("shared");
    let tasks = (0..64).map(|task| {
        let (mut connection, key) = (pooled.connection.clone(), format!("{base}:{task}"));
        rt.spawn(async move {
            for round in 1..=rounds {
                let count: usize = connection.incr(&key, 1).await.unwrap();
                assert_eq!(count, round);
            }
        })
    });
    try_join_all(tasks.collect::<Vec<_>>()).await.unwrap();
}

async fn a_pool_serves_more_tasks_than_it_has_connections<R: NetRuntime>(rt: R) {
    let rounds = repeats(20, 500);
    let pool = pool(&rt, &SERVER);
    let key = unique("pooled");
    let tasks = (0..32).map(|_| {
        let (pool, key) = (pool.clone(), key.clone());
        rt.spawn(async move {
            for _ in 0..rounds {
                let mut pooled = pool.get().await.unwrap();
                let _: usize = pooled.connection.incr(&key, 1).await.unwrap();
            }
        })
    });
    try_join_all(tasks.collect::<Vec<_>>()).await.unwrap();
    assert!(pool.idle() <= 4);
    let mut pooled = pool.get().await.unwrap();
    let count: usize = pooled.connection.get(&key).await.unwrap();
    assert_eq!(count, 32 * rounds);
}

async fn a_transaction_is_one_step<R: NetRuntime>(rt: R) {
    let pool = pool(&rt, &SERVER);
    let (one, other) = (unique("one"), unique("other"));
    let tasks = (0..16).map(|_| {
        let (pool, one, other) = (pool.clone(), one.clone(), other.clone());
        rt.spawn(async move {
            for _ in 0..20 {
                let connection = &mut pool.get().await.unwrap().connection;
                let mut step = pipe();
                step.atomic().incr(&one, 1).incr(&other, 1);
                let (first, second): (usize, usize) = step.query_async(connection).await.unwrap();
                assert_eq!(first, second);
            }
        })
    });
    try_join_all(tasks.collect::<Vec<_>>()).await.unwrap();
}

async fn messages_arrive_in_order<R: NetRuntime>(rt: R) {
    let count = repeats(1000, 50_000);
    let (heard, mut hears) = mpsc::unbounded();
    let redis = Redis::new(rt.clone(), SERVER.addr());
    let pool = pool(&rt, &SERVER);
    let mut speaker = pool.get().await.unwrap();
    let mut listener = redis
        .listen(move |push: PushInfo| heard.unbounded_send(push))
        .await
        .unwrap();
    let channel = unique("channel");
    listener.connection.subscribe(&channel).await.unwrap();
    for n in 0..count {
        let listeners: usize = speaker.connection.publish(&channel, n).await.unwrap();
        assert_eq!(listeners, 1);
    }
    let mut next = 0;
    while next < count {
        let push = hears.next().await.unwrap();
        if push.kind == PushKind::Message {
            let expected = [channel.clone(), next.to_string()];
            let told = push.data.into_iter().map(|value| match value {
                Value::BulkString(bytes) => String::from_utf8(bytes).unwrap(),
                other => panic!("{other:?}"),
            });
            assert!(told.eq(expected));
            next += 1;
        }
    }
}

/// The answer to the command that was given up comes later, and nobody takes it for his own.
async fn a_command_that_is_given_up_leaves_its_connection_in_order<R: NetRuntime>(rt: R) {
    let pool = pool(&rt, &SERVER);
    let blocked = pool.get().await.unwrap();
    let mut other = pool.get().await.unwrap();
    let list = unique("list");
    let mut asking = blocked.connection.clone();
    let id: i64 = cmd("CLIENT")
        .arg("ID")
        .query_async(&mut asking)
        .await
        .unwrap();
    for round in 0..6 {
        let mut connection = blocked.connection.clone();
        let mut pop = cmd("BLPOP");
        pop.arg(&list).arg(0);
        let mut popped = Box::pin(pop.query_async::<(String, String)>(&mut connection));
        assert!(poll_immediate(&mut popped).await.is_none());
        // redis does not send what was given up before.
        loop {
            let mut clients = cmd("CLIENT");
            clients.arg("LIST").arg("ID").arg(id);
            let clients: String = clients.query_async(&mut other.connection).await.unwrap();
            if clients.contains("cmd=blpop") {
                break;
            }
        }
        if round % 2 == 0 {
            let limited = rt.timeout(Duration::from_millis(20), popped);
            assert!(limited.await.is_err());
        } else {
            drop(popped);
        }
        // Those behind it wait for it.
        let mut connection = blocked.connection.clone();
        let echoes = rt.spawn(async move {
            for n in 0..10 {
                let echo = cmd("ECHO").arg(n).query_async(&mut connection).await;
                assert_eq!(echo, Ok(n));
            }
        });
        let _: usize = other.connection.rpush(&list, "moin").await.unwrap();
        echoes.await.unwrap();
        let left: usize = other.connection.llen(&list).await.unwrap();
        assert_eq!(left, 0);
    }
}

async fn a_large_value_goes_both_ways<R: NetRuntime>(rt: R) {
    let value = vec![7_u8; repeats(4_000_000, 64_000_000)];
    let mut pooled = pool(&rt, &SERVER).get().await.unwrap();
    let key = unique("large");
    let () = pooled.connection.set(&key, &value).await.unwrap();
    let kept: Vec<u8> = pooled.connection.get(&key).await.unwrap();
    assert!(kept == value);
    let () = pooled.connection.del(&key).await.unwrap();
}

async fn a_crash_loses_no_acknowledged_write<R: NetRuntime>(rt: R) {
    const TASKS: usize = 8;
    let writes = repeats(200, 5000);
    // Of its own: the other tests keep theirs.
    let server = Arc::new(Server::start(Kind::Redis));
    let pool = pool(&rt, &server);
    // Not from the pool, which may have a connection whose end nobody has seen yet.
    let connect = async || {
        let redis = Redis::new(rt.clone(), server.addr());
        redis.connect().await.unwrap()
    };
    let run = async || {
        let mut connected = connect().await;
        let info: String = cmd("INFO")
            .arg("server")
            .query_async(&mut connected.connection)
            .await
            .unwrap();
        let run = info.lines().find(|line| line.starts_with("run_id:"));
        run.unwrap().to_owned()
    };
    let before = run().await;

    let (acknowledge, mut acknowledged) = mpsc::unbounded();
    let tasks: Vec<_> = (0..TASKS)
        .map(|task| {
            let (pool, acknowledge) = (pool.clone(), acknowledge.clone());
            rt.spawn(async move {
                for n in 0..writes {
                    let member = format!("{task}:{n}");
                    loop {
                        let mut pooled = pool.get().await.unwrap();
                        let add = pooled.connection.sadd::<_, _, usize>("kept", &member);
                        // While it reads its log, the server answers with an error.
                        if add.await.is_ok() {
                            break;
                        }
                    }
                    acknowledge.unbounded_send(member).unwrap();
                }
            })
        })
        .collect();
    drop(acknowledge);
    let mut all = BTreeSet::new();
    while all.len() < TASKS * writes / 3 {
        all.insert(acknowledged.next().await.unwrap());
    }
    let crashing = Arc::clone(&server);
    rt.spawn_blocking(move || crashing.crash()).await.unwrap();
    all.extend(acknowledged.collect::<Vec<_>>().await);
    try_join_all(tasks).await.unwrap();

    assert_ne!(before, run().await, "the server was not started again");
    let mut connected = connect().await;
    let kept: BTreeSet<String> = connected.connection.smembers("kept").await.unwrap();
    assert_eq!(kept, all);
}

async fn a_dropped_connection_ends_its_driver<R: NetRuntime>(rt: R) {
    let pool = pool(&rt, &SERVER);
    let mut watcher = pool.get().await.unwrap();
    let redis = Redis::new(rt.clone(), SERVER.addr());
    let mut connection = redis.connect().await.unwrap();
    let id: i64 = cmd("CLIENT")
        .arg("ID")
        .query_async(&mut connection.connection)
        .await
        .unwrap();
    // redis itself would keep the connection until the command is answered.
    let mut kept = connection.connection.clone();
    let mut popping = Box::pin(async move { kept.blpop::<_, Value>(unique("never"), 0.0).await });
    assert!(poll_immediate(&mut popping).await.is_none());
    drop(connection);
    assert!(popping.await.unwrap_err().is_connection_dropped());
    loop {
        let mut list = cmd("CLIENT");
        list.arg("LIST").arg("ID").arg(id);
        let clients: String = list.query_async(&mut watcher.connection).await.unwrap();
        if clients.is_empty() {
            break;
        }
    }
}

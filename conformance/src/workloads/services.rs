//! Work that is shared: actors, pools, caches, locks.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use anyrt_core::yield_now;
use futures::channel::{mpsc, oneshot};
use futures::lock::Mutex as AsyncMutex;
use futures::{SinkExt, StreamExt};

use crate::kit::{Count, Holding, pause, scaled};
use anyrt_conformance_engine::rules;

rules! { workload

/// An actor counts for eight clients: nothing is lost, and each client sees its own replies grow.
///
/// Intent: a task that owns its state and a mailbox is the commonest shape of all.
///
/// If this fails, run the families `wake` and `join`.
Must fn actor(rt: Any) {
    let each = scaled(1_000);
    let (mailbox, mut mails) = mpsc::channel::<oneshot::Sender<usize>>(8);
    let actor = rt.spawn(async move {
        let mut count = 0;
        while let Some(reply) = mails.next().await {
            count += 1;
            // The client may have gone.
            let _ = reply.send(count);
        }
        count
    });
    let clients: Vec<_> = (0..8).map(|_| {
        let mut mailbox = mailbox.clone();
        rt.spawn(async move {
            let mut last = 0;
            for _ in 0..each {
                let (reply, replied) = oneshot::channel();
                mailbox.send(reply).await.expect("the actor listens");
                let count = replied.await.expect("the actor replies");
                assert!(count > last, "a reply of {count} after one of {last}");
                last = count;
            }
        })
    }).collect();
    drop(mailbox);
    rt.block_on(async {
        for client in clients {
            client.await.unwrap_or_else(|error| error.resume_unwind());
        }
        assert_eq!(actor.await.expect("the actor ends"), 8 * each);
    });
}

/// A pool of eight workers that is stopped while jobs come in completes what it accepted, and every job is dropped.
///
/// Intent: this is how a service stops without losing requests.
///
/// If this fails, run the families `join` and `wake`.
Must fn worker_pool(rt: Any) {
    let (jobs, accept) = (scaled(1_000), scaled(500));
    let (completed, dropped) = (Count::new(), Count::new());
    let (sender, receiver) = mpsc::channel(4);
    let queue = Arc::new(AsyncMutex::new(receiver));
    let workers: Vec<_> = (0..8).map(|_| {
        let (queue, completed) = (queue.clone(), completed.clone());
        rt.spawn(async move {
            loop {
                let job = queue.lock().await.next().await;
                let Some(job) = job else { break };
                yield_now().await;
                completed.add();
                drop(job);
            }
        })
    }).collect();
    let (mut sender, guards) = (Some(sender), dropped.clone());
    let accepted = rt.spawn(async move {
        let mut accepted = 0;
        for _ in 0..jobs {
            let job = guards.guard();
            if accepted == accept {
                sender = None;
            }
            if let Some(sender) = &mut sender {
                sender.send(job).await.expect("the workers listen");
                accepted += 1;
            }
        }
        accepted
    });
    rt.block_on(async {
        let accepted = accepted.await.expect("the producer ends");
        for worker in workers {
            worker.await.expect("the worker ends");
        }
        assert_eq!((accepted, completed.get()), (accept, accept), "accepted, completed");
    });
    assert_eq!(dropped.get(), jobs, "jobs dropped");
}

/// A scope of a hundred children, of which one fails, returns its error after all of them are gone.
///
/// Intent: nothing of a failed request goes on behind its answer.
///
/// If this fails, run the family `abort`: cancelled means dropped.
Must fn scope(rt: Any) {
    let (drops, done) = (Count::new(), Count::new());
    let children: Vec<_> = (0..100_u32).map(|i| {
        let done = done.clone();
        let future = async move {
            for _ in 0..i % 7 {
                yield_now().await;
            }
            match i {
                37 => return Err(i),
                _ if i % 2 == 0 => std::future::pending().await,
                _ => done.add(),
            };
            Ok(())
        };
        rt.spawn(Holding::new(drops.guard(), future))
    }).collect();
    let handle = rt.handle();
    let failed = rt.block_on(async move {
        let (sender, mut errors) = mpsc::unbounded();
        let watched: Vec<_> = children.into_iter().map(|mut child| {
            let (sender, aborter) = (sender.clone(), child.abort_handle());
            let watcher = handle.spawn(async move {
                let end = child.await;
                if let Ok(Err(error)) = end {
                    sender.unbounded_send(error).expect("the scope listens");
                }
                end
            });
            (aborter, watcher)
        }).collect();
        drop(sender);
        let first = errors.next().await;
        watched.iter().for_each(|(aborter, _)| aborter.abort());
        let mut ended = 0;
        for (_, watcher) in watched {
            match watcher.await.expect("the watcher ends") {
                Ok(_) => ended += 1,
                Err(error) => assert!(error.is_cancelled(), "no child panics"),
            }
        }
        assert!(ended >= 1, "the failed child ended");
        first
    });
    assert_eq!((failed, drops.get()), (Some(37), 100), "the error, the children dropped");
}

/// A cache that loads each key once answers a thousand concurrent gets, also where the loader panics.
///
/// Intent: when a popular entry expires, the database must see one query.
///
/// If this fails, run the family `panic`: a panic is an error of its join.
Must fn single_flight(rt: Any) {
    type Entry = Arc<AsyncMutex<Option<Result<u64, String>>>>;
    let loads: Arc<Mutex<HashMap<u64, usize>>> = Arc::default();
    let cache: Arc<HashMap<u64, Entry>> = Arc::new((0..10).map(|key| (key, Entry::default())).collect());
    let handle = rt.handle();
    let gets: Vec<_> = (0..1_000_u64).map(|i| {
        let (cache, loads, handle, key) = (cache.clone(), loads.clone(), handle.clone(), i % 10);
        rt.spawn(async move {
            let mut entry = cache[&key].lock().await;
            if let Some(known) = &*entry {
                return known.clone();
            }
            let loader = handle.clone();
            let load = handle.spawn(async move {
                *loads.lock().expect("no panic under it").entry(key).or_default() += 1;
                loader.sleep(std::time::Duration::from_millis(5)).await;
                assert_ne!(key, 3, "this one fails to load");
                key * key
            });
            let loaded = load.await.map_err(|error| {
                assert!(error.is_panic(), "the loader panics");
                error.to_string()
            });
            *entry = Some(loaded.clone());
            loaded
        })
    }).collect();
    let mut errors = 0;
    rt.block_on(async {
        for (i, get) in gets.into_iter().enumerate() {
            let key = i as u64 % 10;
            match get.await.expect("the get ends") {
                Ok(value) => assert_eq!(value, key * key),
                Err(_) => {
                    assert_eq!(key, 3, "an error for another key");
                    errors += 1;
                }
            }
        }
    });
    assert_eq!(errors, 100, "errors for the key that fails to load");
    let loads = loads.lock().expect("no panic under it");
    assert!(loads.len() == 10 && loads.values().all(|&n| n == 1), "loads by key: {loads:?}");
}

/// Two hundred hashes on the blocking pool are right, and a heartbeat beside them goes on while they run.
///
/// Intent: servers hash passwords.
///
/// If this fails, run the family `blocking`.
Must fn cpu_offload(rt: Any + Blocking) {
    fn digest(seed: u64) -> u64 {
        (0..2_000).fold(seed, |hash, i| (hash ^ i).wrapping_mul(0x0100_0000_01b3).rotate_left(13))
    }
    let beats = Count::new();
    let (beat, handle) = (beats.clone(), rt.handle());
    let heart = rt.spawn(async move {
        loop {
            handle.sleep(std::time::Duration::from_millis(1)).await;
            beat.add();
        }
    }).abort_on_drop();
    let hashes: Vec<_> = (0..scaled(200) as u64).map(|i| {
        let beats = beats.clone();
        rt.spawn_blocking(move || {
            // The first ones do not end before the heart has beaten beside them.
            while i < 2 && beats.get() < 5 {
                pause(std::time::Duration::from_millis(1));
            }
            digest(i)
        })
    }).collect();
    rt.block_on(async {
        for (i, hash) in hashes.into_iter().enumerate() {
            assert_eq!(hash.await.expect("the closure ends"), digest(i as u64));
        }
    });
    drop(heart);
}

/// Five philosophers with five forks, which are asynchronous locks, eat all their meals.
///
/// Intent: programs hold locks across an await.
///
/// If this fails, run the family `wake`.
Must fn philosophers(rt: Any) {
    let meals = scaled(500);
    let forks: Vec<_> = (0..5).map(|_| Arc::new(AsyncMutex::new(0_usize))).collect();
    let philosophers: Vec<_> = (0..5).map(|i| {
        let (mut first, mut second) = (forks[i].clone(), forks[(i + 1) % 5].clone());
        if i == 4 {
            std::mem::swap(&mut first, &mut second);
        }
        rt.spawn(async move {
            for _ in 0..meals {
                let mut left = first.lock().await;
                yield_now().await;
                let mut right = second.lock().await;
                *left += 1;
                *right += 1;
            }
            meals
        })
    }).collect();
    let (eaten, used) = rt.block_on(async {
        let (mut eaten, mut used) = (0, 0);
        for philosopher in philosophers {
            eaten += philosopher.await.expect("the philosopher ends");
        }
        for fork in &forks {
            used += *fork.lock().await;
        }
        (eaten, used)
    });
    assert_eq!((eaten, used), (5 * meals, 10 * meals), "meals, uses of forks");
}

}

//! Every option of `Config` is honoured, or refused by name.

mod watchdog;

use std::future::{Future, poll_fn};
use std::net::{Ipv4Addr, UdpSocket};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{Config, ConfigOption, Flavor, yield_now};
use anyrt_tokio::{Local, Owned, Tokio};
use tokio::runtime::RuntimeFlavor;
use watchdog::watched;

fn current_thread() -> Config {
    Config::new().flavor(Flavor::CurrentThread)
}

#[test]
fn the_flavor_is_honoured() {
    let flavor = |config| {
        let rt = Owned::launch(config).unwrap();
        rt.handle().as_tokio().runtime_flavor()
    };
    assert_eq!(flavor(Config::new()), RuntimeFlavor::MultiThread);
    assert_eq!(
        flavor(Config::new().flavor(Flavor::MultiThread)),
        RuntimeFlavor::MultiThread
    );
    assert_eq!(flavor(current_thread()), RuntimeFlavor::CurrentThread);
}

#[test]
fn the_number_of_workers_is_honoured() {
    let rt = Owned::launch(Config::new().worker_threads(3)).unwrap();
    assert_eq!(rt.handle().as_tokio().metrics().num_workers(), 3);
}

#[test]
fn the_thread_name_is_honoured_by_workers_and_blocking_threads() {
    fn name() -> Option<String> {
        thread::current().name().map(str::to_owned)
    }
    watched(|| {
        let config = Config::new().thread_name("honoured");
        let rt = Owned::launch(config.clone()).unwrap();
        let handle = rt.handle();
        let worker = rt.block_on(handle.spawn(async { name() })).unwrap();
        let blocking = rt.block_on(handle.spawn_blocking(name)).unwrap();
        let local = Local::launch(config).unwrap();
        let local_blocking = local.block_on(local.handle().spawn_blocking(name)).unwrap();
        for name in [worker, blocking, local_blocking] {
            assert_eq!(name.as_deref(), Some("honoured"));
        }
    });
}

#[test]
fn the_number_of_blocking_threads_is_honoured() {
    watched(|| {
        let rt = Owned::launch(Config::new().max_blocking_threads(2)).unwrap();
        assert_eq!(most_at_once(&rt, &rt.handle()), 2);
        let rt = Local::launch(Config::new().max_blocking_threads(2)).unwrap();
        assert_eq!(most_at_once(&rt, &rt.handle()), 2);
    });

    /// How many of six closures ran at once; each waits until a second one has begun, and for a third one, but not for ever.
    fn most_at_once(rt: &impl BlockOn, pool: &impl SpawnBlocking) -> usize {
        let running = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let closures: Vec<_> = (0..6)
            .map(|_| {
                let (running, most) = (running.clone(), most.clone());
                pool.spawn_blocking(move || {
                    most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    while most.load(Ordering::SeqCst) < 2 {
                        thread::sleep(Duration::from_millis(1));
                    }
                    for _ in 0..50 {
                        if most.load(Ordering::SeqCst) > 2 {
                            break;
                        }
                        thread::sleep(Duration::from_millis(1));
                    }
                    running.fetch_sub(1, Ordering::SeqCst);
                })
            })
            .collect();
        for closure in closures {
            rt.block_on(closure).unwrap();
        }
        most.load(Ordering::SeqCst)
    }
}

#[test]
fn the_keep_alive_is_honoured() {
    struct Farewell(&'static str, Sender<&'static str>);
    impl Drop for Farewell {
        fn drop(&mut self) {
            let _ = self.1.send(self.0);
        }
    }
    thread_local! {
        static FAREWELL: Mutex<Option<Farewell>> = const { Mutex::new(None) };
    }
    watched(|| {
        let (sender, ended) = channel();
        let run = |who, keep_alive| {
            let rt = Owned::launch(current_thread().thread_keep_alive(keep_alive)).unwrap();
            let farewell = Farewell(who, sender.clone());
            let closure = rt.handle().spawn_blocking(move || {
                FAREWELL.with(|slot| *slot.lock().unwrap() = Some(farewell));
            });
            rt.block_on(closure).unwrap();
            rt
        };
        // Were both the same, the first would end first.
        let long = run("long", Duration::from_secs(3600));
        let short = run("short", Duration::from_millis(1));
        assert_eq!(ended.recv(), Ok("short"));
        assert!(ended.try_recv().is_err());
        drop((long, short));
    });
}

#[test]
fn the_event_interval_is_honoured() {
    watched(|| {
        assert!(polls_until_a_due_timer_fires(1) < 20);
        assert!(polls_until_a_due_timer_fires(10_000) > 1000);
    });

    fn polls_until_a_due_timer_fires(interval: u32) -> usize {
        let rt = Owned::launch(current_thread().event_interval(interval)).unwrap();
        let handle = rt.handle();
        rt.run(async move {
            let sleeper = handle.spawn(armed_sleep(handle.clone()));
            yield_now().await; // the sleeper is armed
            thread::sleep(Duration::from_millis(10)); // and due
            polls_until(|| sleeper.is_finished()).await
        })
    }

    /// A sleep that is pending at its first poll. One whose deadline is past by then is ready, and was never armed: take another.
    async fn armed_sleep(handle: Tokio) {
        let mut sleep = Box::pin(handle.sleep(Duration::from_millis(1)));
        let mut is_armed = false;
        poll_fn(|cx| {
            let mut polled = sleep.as_mut().poll(cx);
            while polled.is_ready() && !is_armed {
                sleep = Box::pin(handle.sleep(Duration::from_millis(1)));
                polled = sleep.as_mut().poll(cx);
            }
            is_armed = true;
            polled
        })
        .await;
    }
}

#[test]
fn the_global_queue_interval_is_honoured() {
    watched(|| {
        assert!(polls_until_a_foreign_task_runs(1) < 20);
        assert!(polls_until_a_foreign_task_runs(10_000) > 1000);
    });

    fn polls_until_a_foreign_task_runs(interval: u32) -> usize {
        let rt = Owned::launch(current_thread().global_queue_interval(interval)).unwrap();
        let handle = rt.handle();
        rt.run(async move {
            let foreign = thread::spawn(move || handle.spawn(async {}))
                .join()
                .unwrap();
            polls_until(|| foreign.is_finished()).await
        })
    }
}

#[test]
fn the_number_of_io_events_is_honoured() {
    watched(|| {
        let config = current_thread().event_interval(1);
        let all_at_once = turns_for_eight_sockets(config.clone());
        let one_by_one = turns_for_eight_sockets(config.max_io_events_per_tick(1));
        // A turn of the loop takes two of the poller where a reader runs in between.
        assert!(all_at_once <= 1, "{all_at_once}");
        assert!(one_by_one >= 3, "{one_by_one}");
    });

    /// The number of turns between the first and the last of eight sockets that became ready together.
    fn turns_for_eight_sockets(config: Config) -> usize {
        let rt = Owned::launch(config).unwrap();
        let handle = rt.handle();
        rt.run(async move {
            let turn = Arc::new(AtomicUsize::new(0));
            let (mut addresses, mut same) = (Vec::new(), Vec::new());
            let readers: Vec<_> = (0..8)
                .map(|_| {
                    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
                    socket.set_nonblocking(true).unwrap();
                    addresses.push(socket.local_addr().unwrap());
                    same.push(socket.try_clone().unwrap());
                    let socket = tokio::net::UdpSocket::from_std(socket).unwrap();
                    let turn = turn.clone();
                    handle.spawn(async move {
                        socket.readable().await.unwrap();
                        turn.load(Ordering::SeqCst)
                    })
                })
                .collect();
            // Each socket is first reported writable.
            for _ in 0..64 {
                yield_now().await;
            }
            let sender = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            for address in addresses {
                sender.send_to(b"moin", address).unwrap();
            }
            // On a busy machine the kernel delivers later, and not all together.
            for socket in &same {
                while socket.peek_from(&mut [0; 4]).is_err() {
                    thread::yield_now();
                }
            }
            while !readers.iter().all(|reader| reader.is_finished()) {
                turn.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
            }
            let mut turns = Vec::new();
            for reader in readers {
                turns.push(reader.await.unwrap());
            }
            turns.iter().max().unwrap() - turns.iter().min().unwrap()
        })
    }
}

#[test]
fn a_current_thread_runtime_refuses_workers() {
    let error = Owned::launch(current_thread().worker_threads(1)).unwrap_err();
    assert_eq!(error.runtime(), "tokio");
    assert_eq!(error.option(), Some(ConfigOption::WorkerThreads));
    assert!(!error.is_unsupported());
}

#[test]
fn a_local_runtime_refuses_workers_and_the_flavor_multi_thread() {
    let error = Local::launch(Config::new().worker_threads(1)).unwrap_err();
    assert_eq!(error.option(), Some(ConfigOption::WorkerThreads));
    assert!(error.is_unsupported());
    let error = Local::launch(Config::new().flavor(Flavor::MultiThread)).unwrap_err();
    assert_eq!(error.option(), Some(ConfigOption::Flavor));
    assert!(Local::launch(current_thread()).is_ok());
}

#[test]
fn zero_is_refused_by_name() {
    for (config, option) in [
        (Config::new().worker_threads(0), ConfigOption::WorkerThreads),
        (Config::new().event_interval(0), ConfigOption::EventInterval),
        (
            Config::new().max_blocking_threads(0),
            ConfigOption::MaxBlockingThreads,
        ),
    ] {
        assert_eq!(Owned::launch(config).unwrap_err().option(), Some(option));
    }
}

#[test]
fn a_thread_that_the_system_refuses_is_an_error() {
    watched(|| {
        let config = Config::new().worker_threads(1).thread_stack_size(1 << 46);
        let error = Owned::launch(config).unwrap_err();
        assert_eq!(error.option(), None);
        assert!(error.to_string().contains("worker thread"));
    });
}

#[test]
fn everything_of_tokios_is_enabled() {
    fn has_timers_and_sockets(native: &tokio::runtime::Handle) {
        let _context = native.enter();
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_nonblocking(true).unwrap();
        tokio::net::UdpSocket::from_std(socket).unwrap();
        Tokio::try_current().unwrap();
    }
    let multi = Owned::launch(Config::new()).unwrap();
    has_timers_and_sockets(multi.handle().as_tokio());
    let single = Owned::launch(current_thread()).unwrap();
    has_timers_and_sockets(single.handle().as_tokio());
    let local = Local::launch(Config::new()).unwrap();
    local.block_on(async { has_timers_and_sockets(&tokio::runtime::Handle::current()) });
}

async fn polls_until(mut is_done: impl FnMut() -> bool) -> usize {
    let mut polls = 0;
    while !is_done() {
        polls += 1;
        yield_now().await;
    }
    polls
}

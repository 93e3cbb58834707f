//! The life of a task: what the conformance suite asks of every runtime, in short, for a simulation.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_core::{AnyBlockOn, Config, ConfigOption, Flavor, JoinHandle, yield_now};
use anyrt_sim::{Ambient, Owned, Policy, Sim, Task};

const POLICIES: [Policy; 4] = [
    Policy::Random,
    Policy::Fifo,
    Policy::Lifo,
    Policy::Pct { depth: 3 },
];

/// Counts its drop.
struct Guard(Arc<AtomicUsize>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

fn guard() -> (Guard, Arc<AtomicUsize>) {
    let drops = Arc::new(AtomicUsize::new(0));
    (Guard(Arc::clone(&drops)), drops)
}

/// Panics when it is dropped.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("drop boom");
    }
}

fn drops(counter: &AtomicUsize) -> usize {
    counter.load(Ordering::Relaxed)
}

fn with_each_policy(test: impl Fn(&Owned, Sim)) {
    for policy in POLICIES {
        for seed in 0..8 {
            let rt = Sim::builder()
                .policy(policy)
                .seed(seed)
                .print_reports(false)
                .build();
            test(&rt, rt.handle());
        }
    }
}

#[test]
fn the_output_reaches_the_joiner() {
    with_each_policy(|rt, sim| {
        let tasks: Vec<_> = (0..20)
            .map(|n| {
                sim.spawn(async move {
                    yield_now().await;
                    n * 2
                })
            })
            .collect();
        let sum = rt.block_on(async {
            let mut sum = 0;
            for task in tasks {
                sum += task.await.unwrap();
            }
            sum
        });
        assert_eq!(sum, 380);
    });
}

#[test]
fn dropping_the_handle_detaches() {
    with_each_policy(|rt, sim| {
        let done = Arc::new(AtomicBool::new(false));
        drop(sim.spawn({
            let (done, sim) = (Arc::clone(&done), sim.clone());
            async move {
                sim.sleep(Duration::from_secs(1)).await;
                done.store(true, Ordering::Relaxed);
            }
        }));
        rt.block_on(sim.sleep(Duration::from_secs(2)));
        assert!(done.load(Ordering::Relaxed));
    });
}

#[test]
fn the_future_is_dropped_before_the_join_resolves() {
    with_each_policy(|rt, sim| {
        let (alive, count) = guard();
        let value = sim.spawn(async move {
            let _alive = alive;
            yield_now().await;
        });
        rt.block_on(value).unwrap();
        assert_eq!(drops(&count), 1);

        let (alive, count) = guard();
        let mut parked = sim.spawn(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
        rt.block_on(async {
            yield_now().await;
            parked.abort();
            parked.abort();
            assert!((&mut parked).await.unwrap_err().is_cancelled());
        });
        assert_eq!(drops(&count), 1);
        assert!(parked.is_finished());
    });
}

#[test]
fn a_task_aborted_before_its_first_poll_is_never_polled() {
    with_each_policy(|rt, sim| {
        let (alive, count) = guard();
        let polled = Arc::new(AtomicBool::new(false));
        let task = sim.spawn({
            let polled = Arc::clone(&polled);
            async move {
                let _alive = alive;
                polled.store(true, Ordering::Relaxed);
            }
        });
        assert!(rt.block_on(task.cancel()).unwrap_err().is_cancelled());
        assert_eq!(drops(&count), 1);
        assert!(!polled.load(Ordering::Relaxed));
    });
}

#[test]
fn abort_drops_without_a_joiner_and_leaves_a_finished_task_alone() {
    with_each_policy(|rt, sim| {
        let (alive, count) = guard();
        let mut parked = sim.spawn(async move {
            let _alive = alive;
            std::future::pending::<()>().await;
        });
        sim.run_until_stalled();
        parked.abort();
        drop(parked);
        sim.run_until_stalled();
        assert_eq!(drops(&count), 1);

        let mut finished = sim.spawn(async { 42 });
        sim.run_until_stalled();
        finished.abort();
        assert_eq!(rt.block_on(finished).unwrap(), 42);
    });
}

#[test]
fn abort_from_inside_stops_after_the_poll() {
    with_each_policy(|rt, sim| {
        let stages = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(Mutex::new(None::<anyrt_core::AbortHandle>));
        let mut task = sim.spawn({
            let (stages, stop) = (Arc::clone(&stages), Arc::clone(&stop));
            async move {
                stop.lock().unwrap().take().unwrap().abort();
                stages.fetch_add(1, Ordering::Relaxed);
                yield_now().await;
                stages.fetch_add(1, Ordering::Relaxed);
            }
        });
        *stop.lock().unwrap() = Some(task.abort_handle());
        assert!(rt.block_on(task).unwrap_err().is_cancelled());
        assert_eq!(drops(&stages), 1);
    });
}

#[test]
fn a_panic_is_a_value_and_its_captures_are_dropped() {
    with_each_policy(|rt, sim| {
        let (alive, count) = guard();
        let task = sim.spawn(async move {
            let _alive = alive;
            yield_now().await;
            std::panic::panic_any(7u32);
        });
        let error = rt.block_on(task).unwrap_err();
        assert_eq!(error.into_panic().downcast_ref(), Some(&7u32));
        assert_eq!(drops(&count), 1);
        assert_eq!(rt.block_on(sim.spawn(async { 1 })).unwrap(), 1);
    });
}

#[test]
fn a_panicking_destructor_is_contained() {
    with_each_policy(|rt, sim| {
        let completed = sim.spawn(async {
            let _bomb = Bomb;
            std::future::poll_fn(|_| Poll::Ready(())).await;
        });
        assert!(rt.block_on(completed).unwrap_err().is_panic());

        let parked = sim.spawn(async {
            let _bomb = Bomb;
            std::future::pending::<()>().await;
        });
        sim.run_until_stalled();
        assert!(rt.block_on(parked.cancel()).unwrap_err().is_cancelled());

        sim.spawn(async { Bomb }).detach();
        sim.run_until_stalled();
        assert_eq!(rt.block_on(async { 5 }), 5);
    });
}

#[test]
fn a_second_join_poll_panics() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let mut task = sim.spawn(async {});
    rt.block_on(&mut task).unwrap();
    let again = catch_unwind(AssertUnwindSafe(|| rt.block_on(&mut task)));
    assert!(again.is_err());

    let mut local = sim.spawn_local(async {});
    rt.block_on(&mut local).unwrap();
    assert!(catch_unwind(AssertUnwindSafe(|| rt.block_on(&mut local))).is_err());
}

/// A waker that counts.
#[derive(Default)]
struct Count(AtomicUsize);

impl std::task::Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn the_last_waker_wins() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let (old, new) = (Arc::new(Count::default()), Arc::new(Count::default()));
    let (old_waker, new_waker) = (Waker::from(Arc::clone(&old)), Waker::from(Arc::clone(&new)));

    let mut task = sim.spawn(sim.sleep(Duration::from_secs(1)));
    let mut sleep = Box::pin(sim.sleep(Duration::from_secs(1)));
    for waker in [&old_waker, &new_waker] {
        let mut cx = Context::from_waker(waker);
        assert!(std::pin::Pin::new(&mut task).poll(&mut cx).is_pending());
        assert!(sleep.as_mut().poll(&mut cx).is_pending());
    }
    sim.advance(Duration::from_secs(1));
    assert_eq!(drops(&old.0), 0);
    assert_eq!(drops(&new.0), 2);

    // A dropped sleep lets go of its waker.
    let mut sleep = Box::pin(sim.sleep(Duration::from_secs(1)));
    let held = Arc::strong_count(&new);
    let mut cx = Context::from_waker(&new_waker);
    assert!(sleep.as_mut().poll(&mut cx).is_pending());
    assert_eq!(Arc::strong_count(&new), held + 1);
    drop(sleep);
    assert_eq!(Arc::strong_count(&new), held);
}

#[test]
fn shutdown_drops_everything() {
    for _ in 0..4 {
        let rt = Sim::builder().build();
        let sim = rt.handle();
        let (alive, count) = guard();
        let waker = Arc::new(Mutex::new(None::<Waker>));
        let parked = sim.spawn({
            let (waker, sim) = (Arc::clone(&waker), sim.clone());
            async move {
                let _alive = alive;
                let _handle = sim;
                std::future::poll_fn(|cx| {
                    *waker.lock().unwrap() = Some(cx.waker().clone());
                    Poll::<()>::Pending
                })
                .await;
            }
        });
        let (alive, local_count) = guard();
        let local = sim.spawn_local(async move {
            let _alive = Rc::new(alive);
            std::future::pending::<()>().await;
        });
        let never_polled = sim.spawn(async {});
        let done = sim.spawn(async { 3 });
        let queued = sim.spawn_blocking(|| ());
        rt.block_on(async { sim.sleep(Duration::from_secs(1)).await });
        let late = sim.spawn(sim.sleep(Duration::from_secs(1)));
        rt.shutdown(Duration::ZERO);

        assert_eq!(drops(&count), 1);
        assert_eq!(drops(&local_count), 1);
        waker.lock().unwrap().take().unwrap().wake();

        // Any executor may ask.
        let other = Sim::builder().build();
        assert!(other.block_on(parked).unwrap_err().is_cancelled());
        assert!(other.block_on(local).unwrap_err().is_cancelled());
        assert!(other.block_on(late).unwrap_err().is_cancelled());
        assert!(other.block_on(never_polled).is_ok());
        assert!(other.block_on(queued).is_ok());
        assert_eq!(other.block_on(done).unwrap(), 3);

        let after = sim.spawn(async {});
        assert!(other.block_on(after).unwrap_err().is_cancelled());
        let after = sim.spawn_local(async {});
        assert!(other.block_on(after).unwrap_err().is_cancelled());
        let mut after = sim.spawn_blocking(|| ());
        after.abort();
        assert!(other.block_on(after).unwrap_err().is_cancelled());
        let sleep = sim.sleep(Duration::from_secs(1));
        assert!(catch_unwind(AssertUnwindSafe(|| other.block_on(sleep))).is_err());
        other.block_on(sim.sleep(Duration::ZERO));
    }
}

#[test]
fn a_destructor_may_spawn_while_shutting_down() {
    struct Spawner(Sim, Arc<Mutex<Option<JoinHandle<Task<()>>>>>);
    impl Drop for Spawner {
        fn drop(&mut self) {
            *self.1.lock().unwrap() = Some(self.0.spawn(async {}));
        }
    }
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let spawned = Arc::new(Mutex::new(None));
    let spawner = Spawner(sim.clone(), Arc::clone(&spawned));
    sim.spawn_detached(async move {
        let _spawner = spawner;
        std::future::pending::<()>().await;
    });
    sim.run_until_stalled();
    drop(rt);
    let task = spawned.lock().unwrap().take().unwrap();
    let end = Sim::builder().build().block_on(task);
    assert!(end.unwrap_err().is_cancelled());
}

#[test]
fn a_simulation_may_be_dropped_inside_its_own_task() {
    let rt = Rc::new(Sim::builder().print_reports(false).build());
    let sim = rt.handle();
    let (alive, count) = guard();
    sim.spawn_detached(async move {
        let _alive = alive;
        std::future::pending::<()>().await;
    });
    let slot = Rc::new(std::cell::RefCell::new(Some(Rc::clone(&rt))));
    drop(rt);
    let ended = sim.spawn_local({
        let slot = Rc::clone(&slot);
        async move {
            drop(slot.borrow_mut().take());
            yield_now().await;
        }
    });
    sim.run_until_stalled();
    assert_eq!(drops(&count), 1);
    assert!(ended.is_finished());
}

#[test]
fn local_tasks_take_what_is_not_send() {
    with_each_policy(|rt, sim| {
        let word: Rc<str> = "moin".into();
        let task = sim.spawn_local({
            let word = Rc::clone(&word);
            async move {
                yield_now().await;
                word
            }
        });
        assert_eq!(rt.block_on(task).unwrap(), word);
        assert_eq!(Rc::strong_count(&word), 1);
    });
}

#[test]
fn spawn_local_fails_loudly_on_another_thread() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let refused = std::thread::spawn(move || {
        catch_unwind(AssertUnwindSafe(|| sim.spawn_local(async {}).detach())).is_err()
    });
    assert!(refused.join().unwrap());
    rt.block_on(async {});
}

#[test]
fn a_blocking_closure_runs_exactly_once_whatever_happens_to_its_handle() {
    with_each_policy(|rt, sim| {
        let ran = Arc::new(AtomicUsize::new(0));
        let work = |ran: &Arc<AtomicUsize>| {
            let ran = Arc::clone(ran);
            move || ran.fetch_add(1, Ordering::Relaxed)
        };
        drop(sim.spawn_blocking(work(&ran)));
        let mut aborted = sim.spawn_blocking(work(&ran));
        aborted.abort();
        aborted.abort_handle().abort();
        rt.block_on(aborted).unwrap();
        sim.run_until_stalled();
        assert_eq!(drops(&ran), 2);

        let panicked = sim.spawn_blocking(|| panic!("closure boom"));
        assert!(rt.block_on(panicked).unwrap_err().is_panic());
    });
}

#[test]
fn block_on_works_inside_tasks_and_closures() {
    with_each_policy(|rt, sim| {
        let outer = sim.spawn_blocking({
            let sim = sim.clone();
            move || {
                let inner = sim.spawn(async { 20 });
                sim.block_on(async {
                    sim.sleep(Duration::from_secs(3)).await;
                    inner.await.unwrap()
                })
            }
        });
        assert_eq!(rt.block_on(outer).unwrap(), 20);
        let task = sim.spawn({
            let sim = sim.clone();
            async move { sim.block_on(sim.spawn(async { 42 })).unwrap() }
        });
        assert_eq!(rt.block_on(task).unwrap(), 42);
        // And what the polls took.
        assert_eq!(sim.elapsed().as_millis(), 3000);
    });
}

#[test]
fn a_block_on_that_waits_for_one_further_out_panics_and_does_not_hang() {
    let rt = Sim::builder().policy(Policy::Fifo).build();
    let sim = rt.handle();
    let gate = Arc::new(AtomicBool::new(false));
    let outer = sim.spawn_blocking({
        let (sim, gate) = (sim.clone(), Arc::clone(&gate));
        move || {
            sim.block_on(async {
                while !gate.load(Ordering::Relaxed) {
                    sim.sleep(Duration::from_secs(1)).await;
                }
            })
        }
    });
    let inner = sim.spawn({
        let sim = sim.clone();
        async move {
            gate.store(true, Ordering::Relaxed);
            sim.block_on(outer)
        }
    });
    let error = rt.block_on(inner).unwrap_err();
    assert!(
        error.to_string().contains("await instead of blocking"),
        "{error}"
    );
}

#[test]
fn a_panic_of_the_root_passes_through_and_the_simulation_goes_on() {
    let rt = Sim::builder().print_reports(false).build();
    let (alive, count) = guard();
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        rt.block_on(async move {
            let _alive = alive;
            std::panic::panic_any(9u8);
        })
    }));
    assert_eq!(panicked.unwrap_err().downcast_ref(), Some(&9u8));
    assert_eq!(drops(&count), 1);
    assert_eq!(rt.block_on(async { 1 }), 1);
    assert!(rt.tasks().is_empty());
}

#[test]
fn the_current_simulation_is_found_inside_and_nowhere_else() {
    assert!(Sim::try_current().is_err());
    assert!(Ambient::try_current().is_err());
    let (outer, inner) = (
        Sim::builder().seed(1).build(),
        Sim::builder().seed(2).build(),
    );
    outer.block_on(async {
        assert_eq!(Sim::current().seed(), 1);
        inner.block_on(async { assert_eq!(Sim::current().seed(), 2) });
        assert_eq!(Sim::current().seed(), 1);
        let closure = outer.handle().spawn_blocking(|| Sim::current().seed());
        assert_eq!(closure.await.unwrap(), 1);
        Ambient.sleep(Duration::from_secs(1)).await;
        assert_eq!(Ambient.spawn(async { 3 }).await.unwrap(), 3);
        let local = Ambient.spawn_local(async { Rc::new(4) });
        assert_eq!(*local.await.unwrap(), 4);
    });
    assert!(Sim::try_current().is_err());
    assert_eq!(outer.handle().elapsed().as_millis(), 1000);
}

#[test]
fn a_handle_beats_the_ambient_simulation() {
    let (x, y) = (
        Sim::builder().allow_external().build(),
        Sim::builder().build(),
    );
    let on_x = x.handle();
    y.block_on(async {
        let task = on_x.spawn(async { Sim::current().seed() });
        assert!(!task.is_finished());
        assert_eq!(x.tasks().len(), 1);
        on_x.run_until_stalled();
        assert_eq!(task.await.unwrap(), 0);
    });
}

#[test]
fn it_is_a_runtime_without_a_type_too() {
    async fn use_it(rt: &AnyBlockOn) -> u32 {
        let task = rt.spawn({
            let rt = rt.clone();
            async move {
                rt.sleep(Duration::from_secs(10)).await;
                rt.spawn_blocking(|| 40).await.unwrap()
            }
        });
        rt.timeout(Duration::from_secs(60), task)
            .await
            .unwrap()
            .unwrap()
            + 2
    }
    let rt = Sim::builder().build();
    let erased = AnyBlockOn::new(rt.handle());
    let start = erased.now();
    assert_eq!(erased.block_on(use_it(&erased)), 42);
    assert_eq!((erased.now() - start).as_millis(), 10_000);
    assert_eq!(erased.system_time(), rt.handle().system_time());
}

#[test]
fn launch_honours_what_it_can_and_refuses_the_rest() {
    let current = Config::new().flavor(Flavor::CurrentThread);
    assert_eq!(Owned::launch(current).unwrap().run(async { 1 }), 1);
    let multi = Owned::launch(Config::new().flavor(Flavor::MultiThread)).unwrap_err();
    assert_eq!(multi.option(), Some(ConfigOption::Flavor));
    let threads = Owned::launch(Config::new().worker_threads(2)).unwrap_err();
    assert!(threads.is_unsupported());
}

#[test]
fn a_cascade_of_tasks_uses_bounded_stack() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let mut next = sim.spawn(std::future::pending::<()>());
    for _ in 0..50_000 {
        let owned = next.abort_on_drop();
        next = sim.spawn(async move {
            let _owned = owned;
            std::future::pending::<()>().await;
        });
    }
    sim.run_until_stalled();
    assert!(rt.block_on(next.cancel()).unwrap_err().is_cancelled());
    sim.run_until_stalled();
    assert!(rt.tasks().is_empty());
}

#[test]
fn a_finished_task_is_forgotten_and_its_waker_is_harmless() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let kept = Arc::new(Mutex::new(None::<Waker>));
    let task = sim.spawn({
        let kept = Arc::clone(&kept);
        std::future::poll_fn(move |cx| {
            *kept.lock().unwrap() = Some(cx.waker().clone());
            Poll::Ready(())
        })
    });
    rt.block_on(task).unwrap();
    assert!(rt.tasks().is_empty());
    let steps = sim.steps();
    kept.lock().unwrap().take().unwrap().wake();
    sim.run_until_stalled();
    assert_eq!(sim.steps(), steps);
}

#[test]
fn handles_are_send_and_sync_and_small() {
    fn runtime<R: Runtime + LocalRuntime + BlockOn + Current>() {}
    fn send<T: Send + Sync + Unpin>() {}
    runtime::<Sim>();
    runtime::<Ambient>();
    send::<JoinHandle<Task<u8>>>();
    assert!(size_of::<JoinHandle<Task<u8>>>() <= 3 * size_of::<usize>());
}

/// Notes, when it is woken, how often `drops` has counted.
struct Observer {
    drops: Arc<AtomicUsize>,
    at_wake: AtomicUsize,
}

impl std::task::Wake for Observer {
    fn wake(self: Arc<Self>) {
        self.at_wake.store(drops(&self.drops), Ordering::Relaxed);
    }
}

#[test]
fn the_future_is_gone_by_the_time_the_joiner_is_woken() {
    with_each_policy(|_, sim| {
        for abort in [false, true] {
            let (alive, count) = guard();
            // The guard is the future's own: it goes with the future, not at the end of its last poll.
            let mut polls = 0;
            let mut task = sim.spawn(std::future::poll_fn(move |cx| {
                let _ = &alive;
                polls += 1;
                if polls == 2 && !abort {
                    return Poll::Ready(());
                }
                cx.waker().wake_by_ref();
                Poll::Pending
            }));
            let observer = Arc::new(Observer {
                drops: count,
                at_wake: AtomicUsize::new(0),
            });
            let waker = Waker::from(Arc::clone(&observer));
            let mut cx = Context::from_waker(&waker);
            assert!(std::pin::Pin::new(&mut task).poll(&mut cx).is_pending());
            if abort {
                task.abort();
            }
            sim.run_until_stalled();
            assert!(task.is_finished());
            assert_eq!(drops(&observer.at_wake), 1);
        }
    });
}

#[test]
fn shutdown_drops_in_the_order_of_the_numbers() {
    struct Note(usize, Arc<Mutex<Vec<usize>>>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let order = Arc::new(Mutex::new(Vec::new()));
    for number in 0..6 {
        let note = Note(number, Arc::clone(&order));
        let future = async move {
            let _note = note;
            std::future::pending::<()>().await;
        };
        match number % 2 {
            0 => sim.spawn_detached(future),
            _ => sim.spawn_local_detached(future),
        }
    }
    sim.run_until_stalled();
    drop(rt);
    assert_eq!(*order.lock().unwrap(), [0, 1, 2, 3, 4, 5]);
}

#[test]
fn a_destructor_finds_its_runtime_while_shutting_down() {
    /// Looks for its runtime where it is dropped.
    struct Look(Arc<Mutex<Vec<(u64, bool)>>>);

    impl Drop for Look {
        fn drop(&mut self) {
            let late = Ambient.spawn(async {});
            let seed = Sim::try_current().map(|sim| sim.seed()).unwrap();
            Ambient.now();
            self.0.lock().unwrap().push((seed, late.is_finished()));
        }
    }

    let looks = Arc::new(Mutex::new(Vec::new()));
    let rt = Sim::builder().seed(17).build();
    let sim = rt.handle();
    for local in [false, true] {
        let look = Look(Arc::clone(&looks));
        let task = async move {
            let _look = look;
            std::future::pending::<()>().await
        };
        if local {
            let not_send = Rc::new(());
            sim.spawn_local_detached(async move {
                task.await;
                drop(not_send);
            });
        } else {
            sim.spawn_detached(task);
        }
    }
    sim.run_until_stalled();
    let look = Look(Arc::clone(&looks));
    let unrun = sim.spawn_blocking(move || drop(look));
    drop(rt);
    drop(unrun);
    assert_eq!(*looks.lock().unwrap(), [(17, true); 3]);
    assert!(Sim::try_current().is_err());
}

#[test]
fn a_panicking_output_of_a_finished_task_is_contained_where_its_handle_is_dropped() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let tasks = (sim.spawn(async { Bomb }), sim.spawn_local(async { Bomb }));
    let closure = sim.spawn_blocking(|| Bomb);
    let bomb_in_payload = sim.spawn(async { std::panic::resume_unwind(Box::new(Bomb)) });
    let bomb_in_payload: JoinHandle<Task<()>> = bomb_in_payload;
    sim.run_until_stalled();
    assert!(tasks.0.is_finished() && tasks.1.is_finished() && bomb_in_payload.is_finished());
    drop(tasks);
    drop(closure);
    drop(bomb_in_payload);
    assert_eq!(rt.block_on(async { 1 }), 1);
}

#[test]
fn an_ambient_call_outside_names_itself() {
    let calls: [(&str, fn()); 4] = [
        ("Ambient::now", || {
            Ambient.now();
        }),
        ("Ambient::sleep", || drop(Ambient.sleep(Duration::ZERO))),
        ("Ambient::spawn", || drop(Ambient.spawn(async {}))),
        ("Ambient::block_on", || Ambient.block_on(async {})),
    ];
    for (name, call) in calls {
        let payload = catch_unwind(call).unwrap_err();
        let message = payload.downcast_ref::<String>().unwrap();
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_seed_reaches_launch_by_a_scope() {
    let launched = || Owned::launch(Config::new()).unwrap().handle().seed();
    let outer = Sim::builder().seed(1);
    assert_eq!(
        outer.scope(|| (
            launched(),
            Sim::builder().seed(2).scope(launched),
            launched()
        )),
        (1, 2, 1)
    );
    // Also where the scope is left by a panic.
    let panics = AssertUnwindSafe(|| outer.scope(|| panic!("left")));
    assert!(catch_unwind(panics).is_err());
    assert_ne!(Sim::builder().seed(3).scope(launched), launched());
}

#[test]
fn a_group_and_a_name_go_to_what_is_spawned_through_the_ambient_form() {
    let rt = Sim::builder().build();
    let sim = rt.handle();
    let plain = sim.clone();
    sim.group("n1").named("server").spawn_detached(async move {
        Ambient.spawn(std::future::pending::<()>()).detach();
        Ambient
            .spawn_named("reader", std::future::pending::<()>())
            .detach();
        plain.spawn(std::future::pending::<()>()).detach();
        plain
            .group("n2")
            .spawn(std::future::pending::<()>())
            .detach();
        Sim::current()
            .spawn_local(std::future::pending::<()>())
            .detach();
        std::future::pending::<()>().await
    });
    sim.spawn_detached(std::future::pending::<()>());
    sim.run_until_stalled();
    let labels: Vec<_> = sim
        .tasks()
        .into_iter()
        .map(|task| {
            let [group, name] = [task.group(), task.name()].map(|it| it.map(str::to_owned));
            (group, name)
        })
        .collect();
    let label = |group: Option<&str>, name: Option<&str>| {
        (group.map(str::to_owned), name.map(str::to_owned))
    };
    let mut expected = vec![
        label(Some("n1"), Some("server")),
        label(None, None),
        label(Some("n1"), Some("server")),
        label(Some("n1"), Some("reader")),
        label(Some("n1"), None),
        label(Some("n2"), None),
        label(Some("n1"), Some("server")),
    ];
    assert_eq!(labels, expected);

    sim.abort_group("n1");
    sim.run_until_stalled();
    expected.retain(|(group, _)| group.as_deref() != Some("n1"));
    assert_eq!(sim.tasks().len(), expected.len());
}

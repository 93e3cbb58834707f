//! What core makes of a handle, of a limit, of an interval and of a runtime: other forms of the same thing.

use std::future::{Future, pending, poll_fn, ready};
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use anyrt_core::{
    AnyBlockOn, AnyLocalRuntime, AnyRuntime, AnyTimer, BlockOn as _, Current, Instant, JoinHandle,
    MissedTick, Sleep as _, Spawn, SpawnBlocking, SpawnLocal, SpawnMeta, SystemTime, Timer,
    yield_now,
};

use crate::kit::{
    Count, Gate, Holding, OnDrop, WakeCount, catch, message, poll_once, step, yield_until,
};
use anyrt_conformance_engine::rules;

const MS: Duration = Duration::from_millis(1);
const HOUR: Duration = Duration::from_secs(3600);

/// Is ready once it is told, and counts its polls. It wakes nobody.
#[derive(Debug, Default)]
struct Told {
    is_ready: bool,
    polls: usize,
}

impl Future for Told {
    type Output = usize;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<usize> {
        self.polls += 1;
        if self.is_ready {
            Poll::Ready(self.polls)
        } else {
            Poll::Pending
        }
    }
}

/// A runtime that notes the names and the lines of what is spawned on it.
#[derive(Clone, Debug)]
struct Noting<R> {
    inner: R,
    seen: Arc<Mutex<Vec<Noted>>>,
}

/// A name and a line.
type Noted = (Option<String>, &'static Location<'static>);

impl<R> Noting<R> {
    fn note(&self, meta: &SpawnMeta<'_>) {
        let noted = (meta.name().map(str::to_owned), meta.location());
        self.seen.lock().expect("no panic").push(noted);
    }
}

impl<R: Spawn> Spawn for Noting<R> {
    type Task<T: Send> = R::Task<T>;

    fn spawn<F>(&self, future: F) -> JoinHandle<R::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.spawn_with(SpawnMeta::unnamed(), future)
    }

    fn spawn_with<F>(&self, meta: SpawnMeta<'_>, future: F) -> JoinHandle<R::Task<F::Output>>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.note(&meta);
        self.inner.spawn_with(meta, future)
    }
}

impl<R: SpawnBlocking> SpawnBlocking for Noting<R> {
    type BlockingTask<T: Send> = R::BlockingTask<T>;

    fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<R::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.spawn_blocking_with(SpawnMeta::unnamed(), work)
    }

    fn spawn_blocking_with<F, T>(
        &self,
        meta: SpawnMeta<'_>,
        work: F,
    ) -> JoinHandle<R::BlockingTask<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        self.note(&meta);
        self.inner.spawn_blocking_with(meta, work)
    }
}

impl<R: Timer> Timer for Noting<R> {
    type Sleep = R::Sleep;

    fn sleep(&self, duration: Duration) -> R::Sleep {
        self.inner.sleep(duration)
    }

    fn sleep_until(&self, deadline: Instant) -> R::Sleep {
        self.inner.sleep_until(deadline)
    }

    fn now(&self) -> Instant {
        self.inner.now()
    }

    fn system_time(&self) -> SystemTime {
        self.inner.system_time()
    }
}

/// Checks the two rules of a handle that a box could lose: the output comes through, and so does an abort.
macro_rules! assert_keeps_the_rules {
    ($rt:ident, $boxed:ident, $spawn:path) => {{
        let (handle, gate) = ($rt.handle(), Gate::new());
        let wait = gate.wait();
        let task = $spawn(&handle, async move {
            wait.await;
            String::from("kept")
        });
        let mut task = task.$boxed();
        assert!(!task.is_finished(), "finished before its end");
        gate.open();
        step("a task resolves through a boxed handle");
        let output = $rt.block_on(&mut task);
        assert_eq!(output.expect("the task ends"), "kept");
        assert!(task.is_finished(), "not finished after its end");
        let drops = Count::new();
        let mut task = $spawn(&handle, Holding::new(drops.guard(), pending::<()>())).$boxed();
        let abort = task.abort_handle();
        $rt.block_on(yield_now());
        abort.abort();
        step("an aborted task resolves through a boxed handle");
        assert!(
            $rt.block_on(task).is_err_and(|error| error.is_cancelled()),
            "it must resolve cancelled"
        );
        assert_eq!(drops.get(), 1, "its future is dropped");
        assert!(abort.is_finished(), "the abort handle knows no end");
        let (gate, ran) = (Gate::new(), Count::new());
        let (wait, counter) = (gate.wait(), ran.clone());
        drop(
            $spawn(&handle, async move {
                wait.await;
                counter.add();
            })
            .$boxed(),
        );
        $rt.block_on(yield_now());
        gate.open();
        $rt.block_on(yield_until(
            "a task ends whose boxed handle was dropped",
            || ran.get() == 1,
        ));
    }};
}

/// Checks that an erased timer has the clocks of the runtime, and that its sleeps end when it was asked, and not before.
macro_rules! assert_keeps_time {
    ($rt:ident, $timer:expr) => {{
        let (timer, handle) = ($timer, $rt.handle());
        let (least, shown, most) = (
            handle.system_time(),
            timer.system_time(),
            handle.system_time(),
        );
        assert!(
            shown + HOUR >= least && shown <= most + HOUR,
            "it shows {shown:?}, and the runtime {least:?}"
        );
        let deadline = timer.now() + 40 * MS;
        let sleep = timer.sleep_until(deadline);
        assert_eq!(sleep.deadline(), Some(deadline), "its deadline");
        $rt.block_on(sleep);
        assert!($rt.now() >= deadline, "a sleep until a time was early");
    }};
}

/// Checks that a task which is spawned with a name and a line is a task, and that the line is the one that was given.
macro_rules! assert_takes_a_meta {
    ($rt:ident, $spawn_with:path, $spawn_named:path, $spawn_detached:path) => {{
        let (handle, ran) = ($rt.handle(), Count::new());
        let line = Location::caller();
        let here = SpawnMeta::named("with");
        assert_eq!(
            (here.name(), here.location().file()),
            (Some("with"), file!()),
            "the caller's"
        );
        let meta = here.at(line);
        assert_eq!(
            (meta.name(), meta.location()),
            (Some("with"), line),
            "what was given"
        );
        assert_eq!(SpawnMeta::unnamed().name(), None, "no name");
        step("tasks resolve that were spawned with a name or a line");
        for meta in [meta, SpawnMeta::unnamed().at(line)] {
            let task = $spawn_with(&handle, meta, async {
                yield_now().await;
                7
            });
            assert_eq!($rt.block_on(task).expect("the task ends"), 7);
        }
        let task = $spawn_named(&handle, "", ready(8));
        assert_eq!($rt.block_on(task).expect("the task ends"), 8);
        let (counter, drops) = (ran.clone(), Count::new());
        let output = drops.guard();
        $spawn_detached(&handle, async move {
            yield_now().await;
            counter.add();
            output
        });
        $rt.block_on(yield_until("the detached task ends", || ran.get() == 1));
        $rt.block_on(yield_until(
            "the output of the detached task is dropped",
            || drops.get() == 1,
        ));
    }};
}

rules! { forms

/// A handle that is fused, that aborts when it is dropped, or that panics on failure gives the output, takes the abort and tells
/// the end of the handle inside. A fused one is pending for ever afterwards.
///
/// Intent: a handle lives in a `select!` loop, in a struct that ends with its task, or where an error would be a bug.
///
/// If this fails, check that each of them passes every call on to its handle.
Must fn handles_keep_the_rules(rt: Any) {
    let parked = || rt.spawn(pending::<()>());
    rt.block_on(async {
        let mut fused = rt.spawn(async { 7 }).fused();
        assert_eq!((&mut fused).await.expect("the task ends"), 7, "through a fused handle");
        assert!(poll_once(&mut fused).await.is_pending(), "a fused handle that has resolved is pending");
        assert!(fused.is_finished() && fused.abort_handle().is_finished(), "it has ended");
        fused.abort();
        assert!(fused.into_inner().is_none(), "a fused handle that has resolved has no handle");

        let mut fused = parked().fused();
        assert!(!fused.is_finished(), "a fused handle of a task that waits");
        let abort = fused.abort_handle();
        fused.abort();
        step("an aborted task resolves through a fused handle");
        assert!((&mut fused).await.is_err_and(|error| error.is_cancelled()), "it must resolve cancelled");
        assert!(abort.is_finished(), "its abort handle knows the end");
        let plain = rt.spawn(async { 8 }).fused().into_inner().expect("it has not resolved");
        assert_eq!(plain.await.expect("the task ends"), 8, "what a fused handle gives back");

        let mut guard = parked().abort_on_drop();
        assert!(!guard.is_finished(), "a guard of a task that waits");
        let abort = guard.abort_handle();
        guard.abort();
        step("an aborted task resolves through its guard");
        assert!((&mut guard).await.is_err_and(|error| error.is_cancelled()), "it must resolve cancelled");
        assert!(guard.is_finished() && abort.is_finished(), "it has ended");

        assert_eq!(rt.spawn(async { 9 }).join_or_panic().await, 9, "through one that panics");
        let plain = rt.spawn(async { 10 }).join_or_panic().into_inner();
        assert_eq!(plain.await.expect("the task ends"), 10, "what one that panics gives back");
    });
    let mut aborted = parked();
    aborted.abort();
    let thrown = catch(|| rt.block_on(aborted.join_or_panic())).expect_err("a cancelled task has no output");
    assert!(message(&*thrown).contains("cancelled"), "what it says: {}", message(&*thrown));
    let boom = rt.spawn(async { panic!("boom") });
    let thrown = catch(|| rt.block_on(boom.join_or_panic())).map(|never: ()| never);
    assert_eq!(message(&*thrown.expect_err("the task panics")), "boom", "the payload of the task");
}

/// A handle in a box gives the output of the handle inside, and passes on its abort and its drop.
///
/// Intent: a struct holds tasks of a runtime that is not in its type.
///
/// If this fails, check that `RawTask for Box` passes every call on.
Must fn boxed_handle_is_a_handle(rt: Shared) {
    assert_keeps_the_rules!(rt, boxed, Spawn::spawn);
}

/// A handle of a local task in a box gives the output of the handle inside, and passes on its abort and its drop.
///
/// Intent: the same, on one thread.
///
/// If this fails, check that `RawTask for Box` passes every call on.
Capability fn boxed_local_handle_is_a_handle(rt: Local) {
    assert_keeps_the_rules!(rt, boxed_local, SpawnLocal::spawn_local);
}

/// A task that is spawned with a name, with a line, or detached is a task like any other.
///
/// Intent: wrappers spawn on behalf of others, and pass on who they are.
///
/// If this fails, check the adapter's `spawn_with` against its `spawn`.
Must fn spawn_takes_a_meta(rt: Shared) {
    assert_takes_a_meta!(rt, Spawn::spawn_with, Spawn::spawn_named, Spawn::spawn_detached);
}

/// A local task that is spawned with a name, with a line, or detached is a task like any other.
///
/// Intent: the same, on one thread.
///
/// If this fails, check the adapter's `spawn_local_with` against its `spawn_local`.
Capability fn spawn_local_takes_a_meta(rt: Local) {
    assert_takes_a_meta!(rt, SpawnLocal::spawn_local_with, SpawnLocal::spawn_local_named, SpawnLocal::spawn_local_detached);
}

/// A closure that is submitted with a name and a line is a closure like any other.
///
/// Intent: the same, for what blocks.
///
/// If this fails, check the adapter's `spawn_blocking_with` against its `spawn_blocking`.
Capability fn spawn_blocking_takes_a_meta(rt: Any + Blocking) {
    let handle = rt.handle();
    step("closures resolve that were submitted with a name and a line");
    for meta in [SpawnMeta::named("with"), SpawnMeta::unnamed()] {
        let closure = SpawnBlocking::spawn_blocking_with(&handle, meta.at(Location::caller()), || 7);
        assert_eq!(rt.block_on(closure).expect("the closure ends"), 7);
    }
    let closure = SpawnBlocking::spawn_blocking_named(&handle, "named", || 8);
    assert_eq!(rt.block_on(closure).expect("the closure ends"), 8);
}

/// A `Timeout` shows its future, polls it even past the limit, and gives it back without a limit.
///
/// Intent: a result that comes too late may still be wanted, and a task under a limit can be stopped.
///
/// If this fails, check that `Timeout` keeps its future where it is.
Must fn limit_gives_its_future_back(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let mut limited = Timer::timeout(&handle, 5 * MS, Told::default());
        assert_eq!(limited.get_ref().polls, 0, "before the first poll");
        assert!(limited.get_mut().polls == 0 && !limited.get_mut().is_ready, "the same future");
        let mut limited = pin!(limited);
        step("a limit passes over a future that nobody wakes");
        assert!(limited.as_mut().await.is_err(), "nobody told it");
        let polls = limited.get_ref().polls;
        assert!(polls >= 1, "the limit never polled its future");
        limited.as_mut().get_pin_mut().is_ready = true;
        let late = poll_fn(|cx| limited.as_mut().get_pin_mut().poll(cx)).await;
        assert_eq!(late, polls + 1, "a future that is polled past its limit");

        let begun = handle.now();
        let inner = Timer::timeout(&handle, 2 * MS, Timer::sleep(&handle, 40 * MS)).into_inner();
        step("a sleep ends that was taken out of its limit");
        inner.await;
        assert!(handle.now() - begun >= 40 * MS, "taken out of its limit, it was cut short");
    });
}

/// An interval tells its period and its policy, and ticks at the time that it is reset to. In a box it does the same.
///
/// Intent: a heartbeat is put off, pulled forward and reconfigured while it runs.
///
/// If this fails, check that each reset moves what is armed, and that `BoxInterval` passes every call on.
Must fn intervals_tick_where_they_are_reset_to(rt: Any) {
    let handle = rt.handle();
    rt.block_on(async {
        let mut interval = pin!(Timer::interval(&handle, HOUR).missed_tick(MissedTick::Skip));
        assert_eq!((interval.period(), interval.missed()), (HOUR, MissedTick::Skip), "what it was made with");
        interval.as_mut().set_missed_tick(MissedTick::Delay);
        assert_eq!(interval.missed(), MissedTick::Delay, "the policy that was set");
        step("an interval ticks where it is reset to");
        let first = interval.as_mut().tick().await;
        assert!(first <= handle.now(), "the first tick is due at once");
        assert!(poll_once(interval.as_mut().tick()).await.is_pending(), "an hour has not passed");
        let before = handle.now();
        interval.as_mut().reset_after(5 * MS);
        let after = handle.now();
        let due = interval.as_mut().tick().await;
        assert!(due >= before + 5 * MS && due <= after + 5 * MS, "it ticks {:?} after the reset", due - before);
        assert!(handle.now() >= due, "the tick was early");
        assert!(poll_once(interval.as_mut().tick()).await.is_pending(), "an hour has not passed");
        interval.as_mut().reset_immediately();
        assert!(poll_once(interval.as_mut().tick()).await.is_ready(), "it was reset to tick at once");
        interval.as_mut().reset_immediately();

        let mut boxed = Timer::interval(&handle, HOUR).boxed();
        boxed.set_missed_tick(MissedTick::Skip);
        assert_eq!((boxed.period(), boxed.missed()), (HOUR, MissedTick::Skip), "in a box");
        step("an interval in a box ticks where it is reset to");
        boxed.tick().await;
        assert!(poll_once(boxed.tick()).await.is_pending(), "an hour has not passed, in a box");
        boxed.reset_after(5 * MS);
        let due = poll_fn(|cx| boxed.poll_tick(cx)).await;
        assert!(handle.now() >= due, "the tick of a boxed interval was early");
        let at = handle.now() + 3 * MS;
        boxed.reset_at(at);
        assert_eq!(boxed.tick().await, at, "in a box, it ticks where it is reset to");
        assert!(handle.now() >= at, "the tick of a boxed interval was early");
        boxed.reset();
        assert!(poll_once(boxed.tick()).await.is_pending(), "in a box, a reset puts it off by a period");
        boxed.reset_immediately();
        assert!(poll_once(boxed.tick()).await.is_ready(), "in a box, it was reset to tick at once");
    });
}

/// An erased runtime is the current one inside the tasks that it spawned and where it was entered, and nowhere else. Its clock
/// and its tasks are those of the runtime inside.
///
/// Intent: code that is passed no handle asks for the current runtime, and must get the one that it runs on.
///
/// If this fails, check what `AsCurrent` puts in place, and what it puts back.
Must fn erased_runtime_is_current_where_entered(rt: Shared) {
    let erased = AnyRuntime::new(rt.handle());
    assert!(AnyRuntime::try_current().is_err() || rt.backend().is_through_any(), "entered nowhere");
    let limit = MS * 40;
    let work = || async move {
        let found = AnyRuntime::current();
        let begun = found.now();
        found.sleep(limit).await;
        assert!(found.now() - begun >= limit, "it was early");
        found.spawn(async { AnyRuntime::try_current().is_ok() }).await.expect("the inner task ends")
    };
    step("a task of an erased runtime finds it");
    assert!(rt.block_on(erased.spawn(work())).expect("the task ends"), "not in a task of its own");
    step("what an erased runtime was entered for finds it");
    assert!(rt.block_on(erased.as_current(work())), "not in a task of its own");
    assert!(erased.run_as_current(|| AnyRuntime::try_current().is_ok()), "not where it was entered");
    let finds = Count::new();
    let counter = finds.clone();
    let left = OnDrop(move || {
        if AnyRuntime::try_current().is_ok() {
            counter.add();
        }
    });
    drop(erased.as_current(Holding::new(left, pending::<()>())));
    assert_eq!(finds.get(), 1, "destructors that found the runtime that their future was entered for, when it was given up");
    assert!(AnyRuntime::try_current().is_err(), "it stays where it was left");
}

/// An erased local runtime is the current one inside the tasks that it spawned and where it was entered, and nowhere else.
///
/// Intent: the same, on one thread.
///
/// If this fails, check what `AsCurrent` puts in place, and what it puts back.
Capability fn erased_local_runtime_is_current_where_entered(rt: Local + Blocking) {
    let erased = AnyLocalRuntime::new(rt.handle());
    assert!(AnyLocalRuntime::try_current().is_err(), "entered nowhere");
    let limit = MS * 40;
    let work = || async move {
        let found = AnyLocalRuntime::current();
        let begun = found.now();
        found.sleep(limit).await;
        assert!(found.now() - begun >= limit, "it was early");
        found.spawn_local(async { AnyLocalRuntime::try_current().is_ok() }).await.expect("the inner task ends")
    };
    step("a task of an erased local runtime finds it");
    assert!(rt.block_on(erased.spawn_local(work())).expect("the task ends"), "not in a task of its own");
    step("what an erased local runtime was entered for finds it");
    assert!(rt.block_on(erased.as_current(work())), "not in a task of its own");
    assert!(erased.run_as_current(|| AnyLocalRuntime::try_current().is_ok()), "not where it was entered");
    let finds = Count::new();
    let counter = finds.clone();
    let left = OnDrop(move || {
        if AnyLocalRuntime::try_current().is_ok() {
            counter.add();
        }
    });
    drop(erased.as_current(Holding::new(left, pending::<()>())));
    assert_eq!(finds.get(), 1, "destructors that found the runtime that their future was entered for, when it was given up");
    assert!(AnyLocalRuntime::try_current().is_err(), "it stays where it was left");
}

/// A closure of a runtime without its type finds that runtime, and so does the destructor of a task that is dropped unfinished.
///
/// Intent: what a library hands to the pool, or does in a destructor, asks for the runtime by the call that it uses everywhere.
///
/// If this fails, check that the packet of a task, and that of a closure, is run and dropped with its runtime entered.
Capability fn erased_runtime_is_current_in_closures_and_destructors(rt: Shared + Blocking) {
    let erased = AnyRuntime::new(rt.handle());
    let found = || AnyRuntime::try_current().is_ok();
    step("a closure of an erased runtime finds it");
    assert!(rt.block_on(erased.spawn_blocking(found)).expect("the closure ends"), "not in a closure of its own");
    let (looked, finds) = (Count::new(), Count::new());
    for polled in [true, false] {
        let (looks, counter) = (looked.clone(), finds.clone());
        let held = OnDrop(move || {
            if found() {
                counter.add();
            }
            looks.add();
        });
        let mut task = erased.spawn(Holding::new(held, pending::<()>()));
        if polled {
            rt.block_on(yield_now());
        }
        task.abort();
        step("an aborted task of an erased runtime is dropped");
        assert!(rt.block_on(task).is_err_and(|error| error.is_cancelled()), "it must resolve cancelled");
    }
    assert_eq!((looked.get(), finds.get()), (2, 2), "destructors that looked, and those that found their runtime");
}

/// What a runtime without its type blocks on finds that runtime, and its tasks, sleeps and closures are the runtime's.
///
/// Intent: a synchronous program holds a runtime that is not in its type, and calls what asks for the current one.
///
/// If this fails, check that `AnyBlockOn::block_on` enters its runtime around each poll.
Must fn erased_block_on_is_current(rt: Shared + SystemThreads) {
    let (erased, done, before) = (AnyBlockOn::new(rt.handle()), Gate::new(), rt.now());
    let is_erased = rt.backend().is_through_any();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _done = OnDrop(|| done.open());
            let (slept, output) = erased.block_on(async {
                let found = AnyRuntime::try_current().expect("not in what it blocks on");
                let begun = found.now();
                assert!(begun >= before, "another clock");
                found.sleep(10 * MS).await;
                yield_now().await;
                let found = AnyRuntime::try_current().expect("not after it was pending");
                (found.now() - begun, found.spawn(async { 7 }).await)
            });
            assert!(slept >= 10 * MS, "it was early");
            assert_eq!(output.expect("the task ends"), 7);
            assert!(AnyRuntime::try_current().is_err() || is_erased, "it stays where it was left");
        });
        // Some runtimes move only while their owner drives them.
        step("an erased runtime blocks on a future that asks for it");
        rt.block_on(done.wait());
    });
}

/// A timer without its type keeps the time of the runtime that it is made of, and its sleeps are never early.
///
/// Intent: most crates that need a runtime need its clock and nothing else.
///
/// If this fails, check that `AnyTimer` passes every call on.
Must fn erased_timer_is_the_runtimes(rt: Shared) {
    let timer = AnyTimer::new(rt.handle());
    let before = rt.now();
    let begun = timer.now();
    assert!(begun >= before && begun <= rt.now(), "another clock");
    let wakes = WakeCount::new();
    let mut sleep = timer.sleep(HOUR);
    assert!(wakes.with(|cx| Pin::new(&mut sleep).poll(cx)).is_pending(), "an hour has not passed");
    step("a sleep of an erased timer fires");
    let begun = rt.now();
    rt.block_on(timer.sleep(40 * MS));
    assert!(rt.now() - begun >= 40 * MS, "a sleep of an erased timer was early");
    step("the sleeps of an erased timer and of an erased runtime end where they were told to");
    assert_keeps_time!(rt, timer);
    assert_keeps_time!(rt, AnyRuntime::new(rt.handle()));
}

/// An erased local runtime has the clocks of the runtime, and its sleeps end when they were told to.
///
/// Intent: code that takes any local runtime is tested on a simulation's, whose clocks are not the system's.
///
/// If this fails, check what `AnyLocalRuntime` passes on of `Timer`.
Capability fn erased_local_runtime_keeps_time(rt: Local + Blocking) {
    let erased = AnyLocalRuntime::new(rt.handle());
    step("a sleep of an erased local runtime ends where it was told to");
    assert_keeps_time!(rt, erased);
}

/// An erased runtime passes the name and the line of a spawn on to the runtime inside.
///
/// Intent: a name is for whoever looks on at the runtime, and must not end at a box.
///
/// If this fails, check what `AnyRuntime` does with a `SpawnMeta`.
Must fn erased_runtime_passes_names_on(rt: Shared + Blocking) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let erased = AnyRuntime::new(Noting { inner: rt.handle(), seen: seen.clone() });
    let line = Location::caller();
    let meta = SpawnMeta::named("task").at(line);
    step("tasks and closures of an erased runtime end");
    assert_eq!(rt.block_on(erased.spawn_with(meta, ready(1))).expect("it ends"), 1);
    assert_eq!(rt.block_on(erased.spawn_named("by name", ready(2))).expect("it ends"), 2);
    assert_eq!(rt.block_on(erased.spawn_blocking_with(SpawnMeta::named("closure").at(line), || 3)).expect("it ends"), 3);
    let seen = seen.lock().expect("no panic").clone();
    let names: Vec<_> = seen.iter().map(|(name, _)| name.as_deref()).collect();
    assert_eq!(names, [Some("task"), Some("by name"), Some("closure")], "names that the runtime inside was given");
    assert_eq!((seen[0].1, seen[1].1.file(), seen[2].1), (line, file!(), line), "lines that the runtime inside was given");
}

}

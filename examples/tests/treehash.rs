//! What `treehash` promises, on every backend.

mod common;

use std::cell::RefCell;
use std::future::{pending, ready};
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::Path;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread;
use std::time::Duration;

use anyrt_core::{Runtime, yield_now};
use anyrt_examples::treehash::{Backoff, Progress, Report, Source, TreeHash};
use futures::channel::{mpsc, oneshot};
use futures::future::{Either, select};
use futures::{FutureExt, StreamExt};

use crate::common::fast::Fast;
use crate::common::gate::Gate;
use crate::common::hand::Hand;
use crate::common::tree::Tree;

/// Makes a test of each of these functions, `async fn case<R: Runtime>(rt: R)`, on each backend.
macro_rules! on_every_backend {
    ($($case:ident),+ $(,)?) => {
        on_every_backend!(@backend tokio_multi_thread $($case)+);
        on_every_backend!(@backend tokio_current_thread $($case)+);
        on_every_backend!(@backend smol $($case)+);
        on_every_backend!(@backend smol_owned $($case)+);
        on_every_backend!(@backend async_std $($case)+);
        on_every_backend!(@backend erased $($case)+);
    };
    (@backend $backend:ident $($case:ident)+) => {
        mod $backend {
            $(
                #[test]
                fn $case() {
                    crate::common::backends::$backend(super::$case);
                }
            )+
        }
    };
}

on_every_backend!(
    digests_are_those_of_other_programs,
    a_missing_root_is_an_error,
    a_file_is_tried_again_after_pauses_that_double,
    a_file_is_given_up_after_the_last_attempt,
    an_error_that_lasts_is_not_tried_again,
    a_panic_of_the_source_is_an_error_of_the_file,
    a_stuck_file_is_left_behind,
    an_endless_file_is_ended,
    concurrency_is_used_and_never_exceeded,
    progress_is_reported_on_the_callers_thread,
    a_stop_keeps_what_was_done,
    a_stop_does_not_wait_for_a_stuck_file,
    a_stop_ends_a_pause,
    a_stop_from_the_start_hashes_nothing,
    dropping_the_future_ends_the_closures,
);

async fn digests_are_those_of_other_programs<R: Runtime>(rt: R) {
    let tree = Tree::sample();
    let hasher = TreeHash::new(rt).ignore(["target", ".git"]);
    let report = hasher.hash(tree.path()).await.unwrap();

    let files: Vec<_> = report
        .files()
        .iter()
        .map(|file| file.path.to_str().unwrap())
        .collect();
    assert_eq!(files, ["a/b/c.txt", "a-b", "abc", "big", "empty"]);
    assert_eq!(
        report.files()[2].digest.to_string(),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
    assert_eq!(report.bytes(), Tree::SAMPLE_BYTES);
    assert_eq!(report.digest().unwrap().to_string(), Tree::SAMPLE_DIGEST);
    assert_eq!(report.files_found(), 5);
    assert!(!report.is_stopped());
}

async fn a_missing_root_is_an_error<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["file"]);
    let hasher = TreeHash::new(rt);
    for (name, kind) in [
        ("missing", io::ErrorKind::NotFound),
        ("file", io::ErrorKind::NotADirectory),
    ] {
        let root = tree.path().join(name);
        let error = hasher.hash(&root).await.unwrap_err();
        assert_eq!((error.path(), error.cause().kind()), (&*root, kind));
    }
}

async fn a_file_is_tried_again_after_pauses_that_double<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["file"]);
    let (source, opened) = flaky(3, || io::ErrorKind::ConnectionReset.into());
    let report = TreeHash::new(Fast::new(rt))
        .file_timeout(Duration::MAX)
        .backoff(Backoff::new(3, Duration::from_secs(10)).at_most(Duration::MAX))
        .source(source)
        .hash(tree.path())
        .await
        .unwrap();

    assert_eq!(opened.load(Ordering::SeqCst), 4);
    assert_eq!(report.files().len(), 1);
    assert!(report.elapsed() >= Duration::from_secs(10 + 20 + 40));
}

async fn a_file_is_given_up_after_the_last_attempt<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["folder/bad", "good"]);
    let (source, opened) = flaky(usize::MAX, || io::ErrorKind::ConnectionReset.into());
    let report = TreeHash::new(rt)
        .backoff(Backoff::new(2, Duration::from_millis(1)))
        .source(source)
        .hash(tree.path())
        .await
        .unwrap();

    assert_eq!(opened.load(Ordering::SeqCst), 3);
    assert_eq!(paths(&report), [Path::new("good")]);
    let [error] = report.errors() else {
        panic!("one error: {report:?}")
    };
    assert_eq!(error.path(), Path::new("folder/bad"));
    assert_eq!(error.attempts(), 3);
    assert_eq!(error.cause().kind(), io::ErrorKind::ConnectionReset);
    assert!(error.to_string().ends_with("(tried 3 times)"), "{error}");
    assert_eq!(report.digest(), None, "half a tree has no digest");
}

async fn an_error_that_lasts_is_not_tried_again<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["bad", "good"]);
    let (source, opened) = flaky(usize::MAX, || io::ErrorKind::PermissionDenied.into());
    let report = TreeHash::new(rt)
        .source(source)
        .hash(tree.path())
        .await
        .unwrap();

    assert_eq!(opened.load(Ordering::SeqCst), 1);
    assert_eq!(paths(&report), [Path::new("good")]);
    assert_eq!(report.errors()[0].attempts(), 1);
}

async fn a_panic_of_the_source_is_an_error_of_the_file<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["bad", "good"]);
    let (source, opened) = flaky(usize::MAX, || panic!("the source is broken"));
    let report = TreeHash::new(rt)
        .source(source)
        .hash(tree.path())
        .await
        .unwrap();

    assert_eq!(
        opened.load(Ordering::SeqCst),
        1,
        "a panic is not tried again"
    );
    assert_eq!(paths(&report), [Path::new("good")]);
    let message = report.errors()[0].to_string();
    assert!(message.contains("the source is broken"), "{message}");
}

async fn a_stuck_file_is_left_behind<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["one", "two"]);
    let gate = Gate::default();
    let release = OpenOnDrop(gate.clone());
    let report = TreeHash::new(rt)
        .concurrency(NonZeroUsize::MIN)
        .file_timeout(Duration::from_millis(20))
        .source(move |_: &Path| {
            gate.wait();
            Ok(io::empty())
        })
        .hash(tree.path())
        .await
        .unwrap();
    drop(release);

    let ends: Vec<_> = report
        .errors()
        .iter()
        .map(|error| (error.cause().kind(), error.attempts()))
        .collect();
    assert_eq!(ends, [(io::ErrorKind::TimedOut, 1); 2]);
}

async fn an_endless_file_is_ended<R: Runtime>(rt: R) {
    const LIMIT: Duration = Duration::from_secs(60);
    const PAUSE: Duration = Duration::from_secs(3600);
    let tree = Tree::of_empty_files(["endless", "in-a-pause"]);
    let (endless, ended) = endless();
    let endless = Arc::new(Mutex::new(Some(endless)));
    let unopened = endless.clone();
    let rt = Hand::new(rt);
    let clock = rt.clock();
    let end = async {
        // Earlier, the limit would end the attempt at the other file as well, or one that has not opened this one.
        while unopened.lock().unwrap().is_some() || !clock.is_waited_for(PAUSE) {
            yield_now().await;
        }
        clock.advance(LIMIT);
        ended.wait().await;
    };
    let report = TreeHash::new(rt)
        .file_timeout(LIMIT)
        .backoff(Backoff::new(1, PAUSE).at_most(PAUSE))
        .source(move |path: &Path| {
            // Keeps the work on the tree going.
            if path.ends_with("in-a-pause") {
                return Err(io::ErrorKind::ConnectionReset.into());
            }
            let once = endless.lock().unwrap().take().expect("tried again");
            once.open(path)
        })
        .hash_until(tree.path(), end, drop)
        .await
        .unwrap();

    assert!(report.is_stopped());
    assert_eq!(report.errors().len(), 1, "{report:?}");
    assert_eq!(report.errors()[0].path(), Path::new("endless"));
    assert_eq!(report.errors()[0].cause().kind(), io::ErrorKind::TimedOut);
}

async fn concurrency_is_used_and_never_exceeded<R: Runtime>(rt: R) {
    const AT_ONCE: usize = 3;
    let names: Vec<_> = (0..10 * AT_ONCE).map(|i| i.to_string()).collect();
    let tree = Tree::of_empty_files(names.iter().map(String::as_str));
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (counted, highest) = (now.clone(), most.clone());
    // Nobody passes before there are three, so fewer at once would hang.
    let all_here = Barrier::new(AT_ONCE);
    let report = TreeHash::new(rt)
        .concurrency(NonZeroUsize::new(AT_ONCE).unwrap())
        .source(move |_: &Path| {
            highest.fetch_max(counted.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            all_here.wait();
            thread::sleep(Duration::from_millis(1));
            counted.fetch_sub(1, Ordering::SeqCst);
            Ok(io::empty())
        })
        .hash(tree.path())
        .await
        .unwrap();

    assert_eq!(report.files().len(), names.len());
    assert_eq!(most.load(Ordering::SeqCst), AT_ONCE);
}

async fn progress_is_reported_on_the_callers_thread<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["held", "quick"]);
    let gate = Gate::default();
    let held = gate.clone();
    let period = Duration::from_millis(5);
    // Neither the callback nor the stop is `Send`.
    let ticks = Rc::<RefCell<Vec<Progress>>>::default();
    let (seen, caller) = (ticks.clone(), thread::current().id());
    let never = {
        let not_send = Rc::new(());
        async move {
            pending::<()>().await;
            drop(not_send);
        }
    };
    let report = TreeHash::new(rt)
        .progress_every(period)
        .source(move |path: &Path| {
            if path.ends_with("held") {
                held.wait();
            }
            Ok(&b"12345"[..])
        })
        .hash_until(tree.path(), never, |progress| {
            assert_eq!(thread::current().id(), caller);
            seen.borrow_mut().push(progress);
            // The others keep ticking until the quick file is done.
            if seen.borrow().len() >= 3 && progress.files_done == 1 {
                gate.open();
            }
        })
        .await
        .unwrap();

    let ticks = ticks.borrow();
    assert!(ticks.len() >= 3);
    for (tick, number) in ticks.iter().zip(1..) {
        assert!(tick.elapsed >= period * number, "tick {number}: {tick:?}");
    }
    // The one that let the held file go: those after it may see it read.
    let mut open = ticks.iter().skip(2);
    let opened = open.find(|tick| tick.files_done == 1).unwrap();
    assert_eq!(opened.files_found, 2);
    assert_eq!(opened.bytes_read, 5);
    assert_eq!(report.bytes(), 10);
}

async fn a_stop_keeps_what_was_done<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["a-endless", "b-quick", "c-endless", "d-never-begun"]);
    let (endless, ended) = endless();
    let (stop, stopped) = oneshot::channel::<()>();
    let mut stop = Some(stop);
    let report = TreeHash::new(rt)
        .concurrency(NonZeroUsize::new(2).unwrap())
        // The endless ones must end by themselves.
        .grace(Duration::MAX)
        .progress_every(Duration::from_millis(1))
        .source(move |path: &Path| -> io::Result<Box<dyn Read>> {
            match path.file_name().unwrap().to_str().unwrap() {
                "b-quick" => Ok(Box::new(io::empty())),
                "d-never-begun" => panic!("begun"),
                _ => Ok(Box::new(endless.open(path)?)),
            }
        })
        .hash_until(tree.path(), stopped.map(drop), |progress| {
            if progress.files_done == 1 {
                stop.take();
            }
        })
        .await
        .unwrap();

    assert!(report.is_stopped());
    assert_eq!(paths(&report), [Path::new("b-quick")]);
    assert_eq!(report.files_found(), 4);
    assert!(report.errors().is_empty(), "{report:?}");
    assert_eq!(report.digest(), None, "half a tree has no digest");
    ended.wait().await;
}

async fn a_stop_does_not_wait_for_a_stuck_file<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["stuck"]);
    let gate = Gate::default();
    let release = OpenOnDrop(gate.clone());
    let (begun, stop) = oneshot::channel();
    let begun = Mutex::new(Some(begun));
    let report = TreeHash::new(rt)
        .grace(Duration::from_millis(5))
        .source(move |_: &Path| {
            begun.lock().unwrap().take();
            gate.wait();
            Ok(io::empty())
        })
        .hash_until(tree.path(), stop.map(drop::<Result<(), _>>), drop)
        .await
        .unwrap();
    drop(release);

    assert!(report.is_stopped());
    assert!(report.files().is_empty() && report.errors().is_empty());
    assert_eq!(report.files_found(), 1);
}

async fn a_stop_ends_a_pause<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["file"]);
    let (begun, stop) = oneshot::channel();
    let begun = Mutex::new(Some(begun));
    let report = TreeHash::new(rt)
        .backoff(Backoff::new(1, Duration::MAX).at_most(Duration::MAX))
        .grace(Duration::MAX)
        .source(move |_: &Path| -> io::Result<io::Empty> {
            assert!(begun.lock().unwrap().take().is_some(), "tried again");
            Err(io::ErrorKind::ConnectionReset.into())
        })
        .hash_until(tree.path(), stop.map(drop::<Result<(), _>>), drop)
        .await
        .unwrap();

    assert!(report.is_stopped());
    assert!(report.files().is_empty() && report.errors().is_empty());
}

async fn a_stop_from_the_start_hashes_nothing<R: Runtime>(rt: R) {
    let tree = Tree::sample();
    let (source, opened) = flaky(0, || unreachable!());
    let report = TreeHash::new(rt)
        .source(source)
        .hash_until(tree.path(), ready(()), drop)
        .await
        .unwrap();

    assert_eq!(opened.load(Ordering::SeqCst), 0);
    assert!(report.is_stopped());
    assert!(report.files().is_empty() && report.errors().is_empty());
}

async fn dropping_the_future_ends_the_closures<R: Runtime>(rt: R) {
    let tree = Tree::of_empty_files(["one", "two"]);
    let (endless, ended) = endless();
    let (begun, first_read) = oneshot::channel::<()>();
    let begun = Mutex::new(Some(begun));
    let hasher = TreeHash::new(rt).source(move |path: &Path| {
        begun.lock().unwrap().take();
        endless.open(path)
    });
    let hash = Box::pin(hasher.hash(tree.path()));
    match select(hash, first_read).await {
        Either::Left((report, _)) => panic!("an endless file has ended: {report:?}"),
        Either::Right((_, hash)) => drop(hash),
    }
    drop(hasher);
    ended.wait().await;
}

/// The future may be spawned, where what is passed to it may.
#[test]
fn the_future_is_send() {
    fn is_send<T: Send>(_: T) {}
    fn check<R: Runtime>(hasher: &TreeHash<R>) {
        is_send(hasher.hash(Path::new("")));
        is_send(hasher.hash_until(Path::new(""), pending(), |_| {}));
    }
    let _ = check::<anyrt_core::AnyRuntime>;
}

fn paths(report: &Report) -> Vec<&Path> {
    report.files().iter().map(|file| &*file.path).collect()
}

/// A source of empty files that fails `times` times, and counts what it opened; a file called `good` never fails or counts.
fn flaky(
    times: usize,
    error: fn() -> io::Error,
) -> (impl Source<Reader = io::Empty>, Arc<AtomicUsize>) {
    let opened = Arc::new(AtomicUsize::new(0));
    let count = opened.clone();
    let source = move |path: &Path| {
        if !path.ends_with("good") && count.fetch_add(1, Ordering::SeqCst) < times {
            return Err(error());
        }
        Ok(io::empty())
    };
    (source, opened)
}

/// A source of files without end, and what tells when all of them are closed and the source itself is gone.
fn endless() -> (impl Source<Reader = Endless>, Ended) {
    let (alive, ended) = mpsc::unbounded();
    (move |_: &Path| Ok(Endless(alive.clone())), Ended(ended))
}

struct Endless(#[expect(dead_code, reason = "held for its drop")] mpsc::UnboundedSender<()>);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        thread::sleep(Duration::from_millis(1));
        buffer.fill(0);
        Ok(buffer.len())
    }
}

struct Ended(mpsc::UnboundedReceiver<()>);

impl Ended {
    async fn wait(mut self) {
        assert_eq!(self.0.next().await, None);
    }
}

/// Lets stuck closures go, also when a test fails: a runtime may wait for them.
struct OpenOnDrop(Gate);

impl Drop for OpenOnDrop {
    fn drop(&mut self) {
        self.0.open();
    }
}

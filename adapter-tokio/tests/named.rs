//! A task with a name is a task, whichever way tokio spawns it: CI runs this with `--cfg tokio_unstable` as well.

mod watchdog;

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{Config, Flavor, prelude::*};
use anyrt_tokio::{Ambient, Local, LocalHandle, Owned, Tokio};
use watchdog::watched;

#[test]
fn named_work_yields_its_value_and_its_panic() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let tokio = rt.handle();
        rt.run(async move {
            assert_eq!(tokio.spawn_named("a", async { 1 }).await.unwrap(), 1);
            assert_eq!(Ambient.spawn_named("b", async { 2 }).await.unwrap(), 2);
            assert_eq!(tokio.spawn_blocking_named("c", || 3).await.unwrap(), 3);
            assert_eq!(Ambient.spawn_blocking_named("d", || 4).await.unwrap(), 4);
            let panics = tokio.spawn_named("e", async { std::panic::resume_unwind(Box::new(5)) });
            let error = panics.await.map(|(): ()| ()).unwrap_err();
            assert_eq!(error.into_panic().downcast_ref(), Some(&5));
            let stopped = tokio.spawn_named("f", pending::<()>()).cancel().await;
            assert!(stopped.unwrap_err().is_cancelled());
        });
    });
}

#[test]
fn a_name_keeps_the_runtime_that_the_handle_carries() {
    watched(|| {
        let one = Owned::launch(Config::new().thread_name("one")).unwrap();
        let other = Owned::launch(Config::new().thread_name("other")).unwrap();
        let tokio = one.handle();
        fn thread() -> Option<String> {
            std::thread::current().name().map(str::to_owned)
        }
        let found = other.run(async move {
            let task = tokio.spawn_named("task", async { thread() }).await.unwrap();
            let work = tokio.spawn_blocking_named("work", thread).await.unwrap();
            [task, work]
        });
        assert_eq!(found, [Some("one".to_owned()), Some("one".to_owned())]);
    });
}

#[test]
fn a_named_local_task_stays_on_its_runtime() {
    watched(|| {
        let rt = Local::launch(Config::new()).unwrap();
        let here = rt.handle();
        let outside = rt
            .handle()
            .spawn_local_named("outside", async { Rc::new(1) });
        assert_eq!(*rt.block_on(outside).unwrap(), 1);
        // A set of tasks that is driven inside must not catch it.
        let set = tokio::task::LocalSet::new();
        let mut task = None;
        rt.block_on(set.run_until(async {
            let handle = LocalHandle::try_current().unwrap();
            task = Some(handle.spawn_local_named("inside", pending::<()>()));
        }));
        let task = task.unwrap();
        drop(set);
        assert!(!task.is_finished());
        assert_eq!(
            rt.block_on(here.spawn_blocking_named("work", || 2))
                .unwrap(),
            2
        );
        drop(rt);
        let kept = Rc::new(());
        let inside = kept.clone();
        let late = here.spawn_local_named("late", async move { drop(inside) });
        assert_eq!(Rc::strong_count(&kept), 1, "the future is dropped at once");
        let waits = Owned::launch(Config::new().flavor(Flavor::CurrentThread)).unwrap();
        assert!(waits.block_on(late).unwrap_err().is_cancelled());
        assert!(waits.block_on(task).unwrap_err().is_cancelled());
    });
}

#[test]
fn named_work_on_a_runtime_that_is_gone_is_cancelled() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let tokio: Tokio = rt.handle();
        rt.shutdown(Duration::from_secs(10));
        let kept = Arc::new(());
        let (in_task, in_work) = (kept.clone(), kept.clone());
        let task = tokio.spawn_named("task", async move { drop(in_task) });
        let work = tokio.spawn_blocking_named("work", move || drop(in_work));
        assert_eq!(Arc::strong_count(&kept), 1, "both are dropped at once");
        assert!(task.is_finished() && work.is_finished());
        let waits = Owned::launch(Config::new()).unwrap();
        assert!(waits.block_on(task).unwrap_err().is_cancelled());
        assert!(waits.block_on(work).unwrap_err().is_cancelled());
    });
}

#[test]
fn a_named_spawn_without_a_runtime_panics_with_the_words_of_the_plain_one() {
    fn message(call: impl FnOnce()) -> String {
        let payload = catch_unwind(AssertUnwindSafe(call)).unwrap_err();
        match payload.downcast::<&'static str>() {
            Ok(text) => (*text).to_owned(),
            Err(payload) => *payload.downcast::<String>().unwrap(),
        }
    }
    watched(|| {
        let plain = message(|| Ambient.spawn(async {}).detach());
        assert!(plain.contains("no reactor running"), "{plain}");
        assert_eq!(
            message(|| Ambient.spawn_named("a", async {}).detach()),
            plain
        );
        assert_eq!(
            message(|| Ambient.spawn_blocking_named("b", || {}).detach()),
            message(|| Ambient.spawn_blocking(|| {}).detach()),
        );
    });
}

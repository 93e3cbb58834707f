//! Everyday shapes of application code on every form of the runtime.

mod watchdog;

use std::sync::LazyLock;

use anyrt_core::{AnyBlockOn, Config, Flavor, Launch};
use anyrt_tokio::{Ambient, Local, LocalHandle, Owned, Tokio};

#[macro_use]
#[path = "../../adapter-shared/tests/twins/everyday.rs"]
mod shapes;

static OWNED: LazyLock<Owned> =
    LazyLock::new(|| Owned::launch(Config::new().worker_threads(2)).expect("threads"));

/// The ambient form on a thread that stays inside the runtime.
fn inside() -> Ambient {
    let handle = OWNED.handle();
    std::mem::forget(handle.as_tokio().enter());
    Ambient
}

/// A current-thread runtime that another thread drives.
fn driven() -> Tokio {
    static DRIVEN: LazyLock<Tokio> = LazyLock::new(|| {
        let rt = Owned::launch(Config::new().flavor(Flavor::CurrentThread)).expect("a runtime");
        let handle = rt.handle();
        std::thread::spawn(move || rt.run(std::future::pending::<()>()));
        handle
    });
    DRIVEN.clone()
}

everyday!(owned, Tokio, OWNED.handle());
everyday!(current_thread, Tokio, driven());
everyday!(ambient, Ambient, inside());
everyday!(erased, AnyBlockOn, AnyBlockOn::new(OWNED.handle()));

/// The shapes that tasks which are not `Send` have as well.
mod local {
    use std::error::Error;
    use std::pin::pin;
    use std::rc::Rc;
    use std::time::Duration;

    use anyrt_core::prelude::*;

    use super::*;
    use crate::watchdog::watched;

    type BoxError = Box<dyn Error>;
    const LONG: Duration = Duration::from_secs(30);

    fn on<F: Future<Output = ()> + 'static>(test: fn(LocalHandle) -> F) {
        watched(move || {
            let rt = Local::launch(Config::new()).expect("a runtime");
            let handle = rt.handle();
            let task = handle.spawn_local(test(handle.clone()));
            rt.block_on(task).unwrap();
        });
    }

    async fn parse(text: &str) -> Result<u32, BoxError> {
        Ok(text.parse()?)
    }

    #[test]
    fn a_task_awaits_texts_boxed_errors_and_closures() {
        on(|rt| async move {
            assert_eq!(rt.spawn_local(async { "hi" }).await.unwrap(), "hi");
            let task = rt.spawn_local(async { parse("41").await });
            assert_eq!(task.await.unwrap().unwrap(), 41);
            assert_eq!(rt.spawn_blocking(|| "hi").await.unwrap(), "hi");
        });
    }

    #[test]
    fn a_handle_has_a_timeout_and_aborts_on_drop() {
        on(|rt| async move {
            let word: Rc<str> = "moin".into();
            let part = &word[1..];
            let task = rt.spawn_local({
                let word = word.clone();
                async move { word }
            });
            let end = rt.timeout(LONG, task).await.unwrap().unwrap();
            assert_eq!((part, &*end), ("oin", "moin"));
            drop(
                rt.spawn_local(std::future::pending::<&'static str>())
                    .abort_on_drop(),
            );
            let mut ticks = pin!(rt.interval(Duration::from_millis(1)));
            ticks.as_mut().tick().await;
        });
    }
}

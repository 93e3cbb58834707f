use core::fmt::Debug;

use crate::{Runtime, Timer};

/// Gives a timer that may go to other threads, also from a handle that may not.
///
/// # Contract
///
/// The timer's sleeps are sleeps of the same runtime, on the same clock (`local::shared_timer_is_the_runtimes`). It does not
/// keep the runtime alive.
///
/// # For library authors
///
/// Every [`Runtime`] has it, and is its own shared timer. Ask for it beside [`LocalRuntime`](crate::LocalRuntime) where a type
/// that must be `Send` keeps a timer, as clients and connection pools do. To store it without a type, put it into an
/// [`AnyTimer`](crate::AnyTimer).
///
/// # For runtime authors
///
/// Implement it for the handle of a local runtime whose timer works from other threads. A local runtime whose timer does not
/// leaves it out.
///
/// # Cost
///
/// That of a clone of the handle.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use anyrt_core::{AnyTimer, LocalRuntime, ShareTimer, Timer};
///
/// /// Is `Send`, so that any client may keep it.
/// struct Backoff { timer: AnyTimer, pause: Duration }
///
/// impl Backoff {
///     fn on<R: LocalRuntime + ShareTimer>(rt: &R) -> Self {
///         Self { timer: AnyTimer::new(rt.shared_timer()), pause: Duration::from_millis(2) }
///     }
///     async fn wait(&self) {
///         self.timer.sleep(self.pause).await;
///     }
/// }
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
/// # rt.block_on(Backoff::on(&rt.handle()).wait());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no timer for other threads",
    label = "`ShareTimer` is not implemented for `{Self}`",
    note = "a local runtime without it keeps its timer on its own thread; every `Runtime` has it"
)]
pub trait ShareTimer {
    /// The timer that may go anywhere.
    type SharedTimer: Timer<Sleep: Send + Sync + 'static>
        + Clone
        + Debug
        + Send
        + Sync
        + Unpin
        + 'static;

    /// Returns a timer of the same runtime, for any thread.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use std::time::Duration;
    /// use anyrt_core::{LocalRuntime, ShareTimer, Timer};
    ///
    /// /// The runtime stays here; its clock is read elsewhere.
    /// fn now_elsewhere<R: LocalRuntime + ShareTimer>(rt: &R) -> anyrt_core::Instant {
    ///     let timer = rt.shared_timer();
    ///     thread::spawn(move || timer.now()).join().unwrap()
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Local::launch(Config::new()).unwrap();
    /// # let now = now_elsewhere(&rt.handle());
    /// # assert!(now <= rt.handle().now());
    /// ```
    fn shared_timer(&self) -> Self::SharedTimer;
}

impl<R: Runtime> ShareTimer for R {
    type SharedTimer = R;

    #[inline]
    fn shared_timer(&self) -> R {
        self.clone()
    }
}

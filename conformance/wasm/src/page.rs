//! What the suite asks of a runtime and a page cannot give: a call that blocks.
//!
//! JSPI gives it to the one stack on which a case runs: the stack is put aside, the event loop goes on, and the stack is continued
//! when the root was woken.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::panic;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use anyrt_conformance::kit;
use anyrt_core::{
    BlockOn, Config, Current, Instant, JoinHandle, Launch, LaunchError, NoRuntime, Spawn,
    SpawnBlocking, SpawnLocal, SystemTime, Timer,
};
use anyrt_wasm::{Ambient, BlockingTask, LocalTask, Owned, Sleep, Task, Wasm};
use wasm_bindgen::prelude::wasm_bindgen;

// JSPI suspends no frame of JavaScript's, so these are imported without the wrappers that wasm-bindgen puts around its imports.
#[allow(
    unsafe_code,
    reason = "that these functions exist, and their types, stand in host.mjs"
)]
#[link(wasm_import_module = "./host.mjs")]
unsafe extern "C" {
    /// Puts the stack aside until `resume` is called for this root, or for one turn of the event loop if it was woken already.
    safe fn suspend(root: u32, is_woken: u32);
    safe fn resume(root: u32);
    /// Puts the stack aside for this time.
    safe fn suspend_for(millis: f64);
}

#[wasm_bindgen(raw_module = "./host.mjs")]
extern "C" {
    /// Writes a line to where the parent finds it if the case ends without a verdict.
    fn say(text: &str);
}

thread_local! {
    /// The caller is on the stack that can be put aside, and not in a callback of the event loop.
    static CAN_SUSPEND: Cell<bool> = const { Cell::new(false) };
    /// Whose `block_on` runs on that stack, the innermost where they are nested.
    static ROOT: RefCell<Option<Wasm>> = const { RefCell::new(None) };
    static ROOTS: Cell<u32> = const { Cell::new(0) };
}

/// Runs a case on the stack that can be put aside.
pub(crate) fn on_the_stack<T>(case: impl FnOnce() -> T) -> T {
    kit::give_page(kit::Page { now, pause });
    panic::set_hook(Box::new(|info| say(&info.to_string())));
    CAN_SUSPEND.set(true);
    case()
}

pub(crate) fn now() -> Instant {
    Wasm::global().now()
}

/// Lets time pass: with the event loop where the caller can be put aside, and without it in a task.
fn pause(duration: Duration) {
    if CAN_SUSPEND.get() {
        put_aside(|| suspend_for(duration.as_secs_f64() * 1000.0));
    } else {
        let end = now() + duration;
        while now() < end {}
    }
}

fn put_aside(suspend: impl FnOnce()) {
    CAN_SUSPEND.set(false);
    suspend();
    CAN_SUSPEND.set(true);
}

/// The root of a `block_on`.
struct Root {
    number: u32,
    is_woken: AtomicBool,
}

impl Wake for Root {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.is_woken.swap(true, Ordering::AcqRel) {
            resume(self.number);
        }
    }
}

#[track_caller]
fn block_on<F: Future>(around: Option<Wasm>, future: F) -> F::Output {
    assert!(
        CAN_SUSPEND.get(),
        "cannot block on a future in a task: the event loop is on the same thread"
    );
    let _scope = Scope(ROOT.replace(around));
    let number = ROOTS.replace(ROOTS.get() + 1);
    let is_woken = AtomicBool::new(true);
    let root = Arc::new(Root { number, is_woken });
    let waker = Waker::from(root.clone());
    let mut future = pin!(future);
    loop {
        if root.is_woken.swap(false, Ordering::AcqRel) {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                return output;
            }
        }
        put_aside(|| suspend(number, root.is_woken.load(Ordering::Acquire).into()));
    }
}

/// Makes the root before it the current one again when it is dropped.
struct Scope(Option<Wasm>);

impl Drop for Scope {
    fn drop(&mut self) {
        ROOT.set(self.0.take());
    }
}

/// The handle of a task or of the root around the caller.
fn around() -> Option<Wasm> {
    if CAN_SUSPEND.get() {
        ROOT.with_borrow(Clone::clone)
    } else {
        None
    }
}

/// Defines a handle that is one of anyrt-wasm's, and that blocks.
macro_rules! blocking_handle {
    ($(#[$doc:meta])+ $name:ident($handle:ty)) => {
        $(#[$doc])+
        #[derive(Clone, Debug)]
        pub(crate) struct $name(pub(crate) $handle);

        impl Spawn for $name {
            type Task<T: Send> = Task<T>;

            fn spawn<F>(&self, future: F) -> JoinHandle<Task<F::Output>>
            where
                F: Future + Send + 'static,
                F::Output: Send + 'static,
            {
                self.0.spawn(future)
            }
        }

        impl SpawnLocal for $name {
            type LocalTask<T> = LocalTask<T>;

            fn spawn_local<F>(&self, future: F) -> JoinHandle<LocalTask<F::Output>>
            where
                F: Future + 'static,
                F::Output: 'static,
            {
                self.0.spawn_local(future)
            }
        }

        impl SpawnBlocking for $name {
            type BlockingTask<T: Send> = BlockingTask<T>;

            fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<BlockingTask<T>>
            where
                F: FnOnce() -> T + Send + 'static,
                T: Send + 'static,
            {
                self.0.spawn_blocking(work)
            }
        }

        impl Timer for $name {
            type Sleep = Sleep;

            fn sleep(&self, duration: Duration) -> Sleep {
                self.0.sleep(duration)
            }

            fn sleep_until(&self, deadline: Instant) -> Sleep {
                self.0.sleep_until(deadline)
            }

            fn now(&self) -> Instant {
                self.0.now()
            }

            fn system_time(&self) -> SystemTime {
                self.0.system_time()
            }
        }
    };
}

blocking_handle! {
    /// A handle of the page's executor, or of an owned one.
    Handle(Wasm)
}

blocking_handle! {
    /// The ambient form.
    Around(Ambient)
}

impl Current for Handle {
    fn try_current() -> Result<Self, NoRuntime> {
        around().map_or_else(Wasm::try_current, Ok).map(Self)
    }
}

impl BlockOn for Handle {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(Some(self.0.clone()), future)
    }
}

impl BlockOn for Around {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        block_on(Some(Wasm::global()), future)
    }
}

/// An owned executor that blocks.
#[derive(Debug)]
pub(crate) struct Page(Owned);

impl Launch for Page {
    type Handle = Handle;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check("wasm", &[])?;
        Ok(Self(Owned::new()))
    }

    fn handle(&self) -> Handle {
        Handle(self.0.handle())
    }

    fn shutdown(self, _: Duration) {}
}

impl BlockOn for Page {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.handle().block_on(future)
    }
}

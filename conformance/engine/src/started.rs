use std::fmt::{self, Debug};
use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

use anyrt_core::NoRuntime;

use crate::kit::call;
use crate::{Backend, Claims, End, Instance, Local, Shared, Unbox, Value, erase};

/// A started runtime as a rule gets it.
///
/// It dereferences to its handle, so `rt.spawn(…)` and `rt.sleep(…)` work, and its [`block_on`](Self::block_on) is the one
/// that drives the runtime. Dropping it ends an owned runtime.
pub struct Started<H> {
    instance: Box<dyn Instance<H>>,
    handle: H,
    backend: Backend,
}

impl<H: Clone> Started<H> {
    fn new(instance: Box<dyn Instance<H>>, backend: Backend) -> Self {
        Self {
            handle: instance.handle(),
            instance,
            backend,
        }
    }

    /// A handle, to be moved into tasks and, if it is [`Shared`], to other threads.
    pub fn handle(&self) -> H {
        self.handle.clone()
    }

    /// Drives the runtime on this thread until `future` is ready.
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        call("block_on");
        erase::block_on(future, |future| self.instance.block_on(future))
    }

    /// Shuts the runtime down. The rule must need `Owned`.
    #[track_caller]
    pub fn shutdown(self, grace: Duration) {
        call("shutdown");
        drop(self.handle);
        self.instance.shutdown(grace);
    }

    /// The end of the runtime, to be moved into a task of its own. The rule must need `Movable`.
    pub fn into_end(self) -> End {
        drop(self.handle);
        self.instance.into_end()
    }

    /// What the backend claims.
    pub fn claims(&self) -> &Claims {
        self.backend.claims_made()
    }

    /// The backend that this runtime is one of.
    pub fn backend(&self) -> &Backend {
        &self.backend
    }
}

impl Started<Shared> {
    /// Runs `main` as a task of the runtime and waits for it. The rule must need `Owned`.
    #[track_caller]
    pub fn run<F>(&self, main: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        call("run");
        let main = async { Box::new(main.await) as Value };
        self.instance.run(Box::pin(main)).unbox()
    }
}

/// What depends on the kind of the runtime, for one kind.
macro_rules! started {
    ($(#[$doc:meta])+ $kind:ident: $start:ident $instance:ident $try_current:ident; $($send:ident)?) => {
        impl Backend {
            $(#[$doc])+
            ///
            /// # Panics
            ///
            /// When the backend is of the other kind, or the runtime does not start.
            pub fn $start(&self) -> Started<$kind> {
                Started::new(self.$instance(), self.clone())
            }
        }

        impl Started<$kind> {
            /// Starts another runtime of the same backend. The rule must need `Owned`.
            pub fn another(&self) -> Self {
                self.backend.$start()
            }

            /// Shuts the runtime down and starts it anew. The rule must need `Owned`.
            pub fn restarted(self, grace: Duration) -> Self {
                let backend = self.backend.clone();
                self.shutdown(grace);
                backend.$start()
            }

            /// Looks up the runtime that the caller runs on. The rule must need `Current`.
            pub fn try_current(&self) -> Result<$kind, NoRuntime> {
                self.backend.$try_current()
            }

            /// As [`try_current`](Self::try_current), to be moved into tasks.
            pub fn lookup(&self) -> impl Fn() -> Result<$kind, NoRuntime> + Clone $(+ $send)? + use<> {
                let backend = self.backend.clone();
                move || backend.$try_current()
            }
        }
    };
}

started! {
    /// Starts the runtime of a backend whose tasks are `Send`.
    Shared: start_shared instance_shared try_current_shared; Send
}

started! {
    /// Starts the runtime of a backend whose tasks are local.
    Local: start_local instance_local try_current_local;
}

impl<H> Deref for Started<H> {
    type Target = H;

    fn deref(&self) -> &H {
        &self.handle
    }
}

impl<H: Debug> Debug for Started<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Started").field(&self.handle).finish()
    }
}

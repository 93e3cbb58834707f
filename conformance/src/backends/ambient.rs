//! Ambient forms as backends of their own.
//!
//! An ambient form works where its runtime is around. So its backend has a handle that makes each call through the form, inside
//! the runtime that is meant: [`ambient!`] defines it, and the runtime that hands it out.

/// Defines a handle that makes each call through an ambient form: around the runtime's own handle, by `$through`, a macro that
/// gets that handle and what to do with whatever makes the call.
macro_rules! ambient {
    (
        $(#[$doc:meta])*
        $handle:ident($native:ty) of $runtime:ident($owned:ty);
        $task:ident $blocking:ident $sleep:ty;
        by $through:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub(super) struct $handle($native);

        impl ::anyrt_core::Spawn for $handle {
            type Task<T: Send> = $task<T>;

            #[track_caller]
            fn spawn<F>(&self, future: F) -> ::anyrt_core::JoinHandle<$task<F::Output>>
            where
                F: ::std::future::Future + Send + 'static,
                F::Output: Send + 'static,
            {
                $through!(&self.0, form => form.spawn(future))
            }

            #[track_caller]
            fn spawn_with<F>(
                &self,
                meta: ::anyrt_core::SpawnMeta<'_>,
                future: F,
            ) -> ::anyrt_core::JoinHandle<$task<F::Output>>
            where
                F: ::std::future::Future + Send + 'static,
                F::Output: Send + 'static,
            {
                $through!(&self.0, form => form.spawn_with(meta, future))
            }
        }

        impl ::anyrt_core::SpawnBlocking for $handle {
            type BlockingTask<T: Send> = $blocking<T>;

            #[track_caller]
            fn spawn_blocking<F, T>(&self, work: F) -> ::anyrt_core::JoinHandle<$blocking<T>>
            where
                F: FnOnce() -> T + Send + 'static,
                T: Send + 'static,
            {
                $through!(&self.0, form => form.spawn_blocking(work))
            }

            #[track_caller]
            fn spawn_blocking_with<F, T>(
                &self,
                meta: ::anyrt_core::SpawnMeta<'_>,
                work: F,
            ) -> ::anyrt_core::JoinHandle<$blocking<T>>
            where
                F: FnOnce() -> T + Send + 'static,
                T: Send + 'static,
            {
                $through!(&self.0, form => form.spawn_blocking_with(meta, work))
            }
        }

        impl ::anyrt_core::Timer for $handle {
            type Sleep = $sleep;

            #[track_caller]
            fn sleep(&self, duration: ::std::time::Duration) -> $sleep {
                $through!(&self.0, form => form.sleep(duration))
            }

            #[track_caller]
            fn sleep_until(&self, deadline: ::anyrt_core::Instant) -> $sleep {
                $through!(&self.0, form => form.sleep_until(deadline))
            }

            fn now(&self) -> ::anyrt_core::Instant {
                $through!(&self.0, form => form.now())
            }

            fn system_time(&self) -> ::std::time::SystemTime {
                $through!(&self.0, form => form.system_time())
            }
        }

        impl ::anyrt_core::BlockOn for $handle {
            #[track_caller]
            fn block_on<F: ::std::future::Future>(&self, future: F) -> F::Output {
                $through!(&self.0, form => form.block_on(future))
            }
        }

        /// The runtime of such a handle.
        #[derive(Debug)]
        pub(super) struct $runtime($owned);

        impl ::anyrt_core::Launch for $runtime {
            type Handle = $handle;

            fn launch(config: ::anyrt_core::Config) -> Result<Self, ::anyrt_core::LaunchError> {
                <$owned as ::anyrt_core::Launch>::launch(config).map(Self)
            }

            fn handle(&self) -> $handle {
                $handle(::anyrt_core::Launch::handle(&self.0))
            }

            fn shutdown(self, grace: ::std::time::Duration) {
                ::anyrt_core::Launch::shutdown(self.0, grace);
            }
        }

        impl ::anyrt_core::BlockOn for $runtime {
            #[track_caller]
            fn block_on<F: ::std::future::Future>(&self, future: F) -> F::Output {
                ::anyrt_core::BlockOn::block_on(&self.0, future)
            }
        }
    };
}

pub(super) use ambient;

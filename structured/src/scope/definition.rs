//! What scopes of `Send` tasks and scopes of local tasks have in common. They differ in what they spawn, and in nothing else.

/// Defines what spawns into a scope. The task is a parameter for the reason that groups have (ADR 0019).
macro_rules! scope_handle {
    (
        $(#[$attribute:meta])*
        pub struct $scope:ident on [$($spawner:tt)+], error [$($error:tt)+], task $task:ty;
        future [$($future:tt)+];
        spawn($runtime:ident, $meta:ident, $given:ident) $spawn:block
    ) => {
        $(#[$attribute])*
        pub struct $scope<R: $($spawner)+, E: $($error)+, H: RawTask = $task> {
            runtime: R,
            core: Arc<Core<H>>,
            error: PhantomData<fn() -> E>,
        }

        impl<R: $($spawner)+, E: $($error)+> $scope<R, E> {
            /// Starts `future` as a task of the scope.
            #[track_caller]
            pub fn spawn<F>(&self, future: F)
            where
                F: Future<Output = ()> + $($future)+,
            {
                self.spawn_result(Always::new(future));
            }

            /// Starts `future` as a task of the scope that goes by `name` in the runtime's tools; see
            /// [`Spawn::spawn_named`](anyrt_core::Spawn::spawn_named).
            #[track_caller]
            pub fn spawn_named<F>(&self, name: &str, future: F)
            where
                F: Future<Output = ()> + $($future)+,
            {
                self.spawn_result_named(name, Always::new(future));
            }

            /// Starts `future` as a task of the scope, whose error stops the scope.
            #[track_caller]
            pub fn spawn_result<F>(&self, future: F)
            where
                F: Future<Output = Result<(), E>> + $($future)+,
            {
                self.start(SpawnMeta::unnamed(), future);
            }

            /// Starts `future` as a task of the scope, whose error stops the scope, under a name.
            #[track_caller]
            pub fn spawn_result_named<F>(&self, name: &str, future: F)
            where
                F: Future<Output = Result<(), E>> + $($future)+,
            {
                self.start(SpawnMeta::named(name), future);
            }

            #[track_caller]
            fn start<F>(&self, $meta: SpawnMeta<'_>, $given: F)
            where
                F: Future<Output = Result<(), E>> + $($future)+,
            {
                if !self.core.has_ended() {
                    let $runtime = &self.runtime;
                    let task = $spawn;
                    self.core.add(task);
                }
            }
        }

        impl<R: $($spawner)+, E: $($error)+, H: RawTask> $scope<R, E, H> {
            pub(super) fn new(runtime: R, core: Arc<Core<H>>) -> Self {
                Self {
                    runtime,
                    core,
                    error: PhantomData,
                }
            }

            /// Returns the token that is cancelled when the scope fails, is dropped, or has ended. Blocking closures and tasks that
            /// clean up look at it.
            pub fn token(&self) -> &CancellationToken {
                self.core.token()
            }

            /// The runtime on which the tasks run.
            pub fn runtime(&self) -> &R {
                &self.runtime
            }
        }

        impl<R: $($spawner)+ + Clone, E: $($error)+, H: RawTask> Clone for $scope<R, E, H> {
            fn clone(&self) -> Self {
                Self::new(self.runtime.clone(), self.core.clone())
            }
        }

        impl<R: $($spawner)+, E: $($error)+, H: RawTask> fmt::Debug for $scope<R, E, H> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($scope))
                    .field("has_ended", &self.core.has_ended())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use scope_handle;

//! What groups of `Send` tasks and groups of local tasks have in common. They differ in what they spawn, and in nothing else.

/// Defines a group: the type, the spawning of futures, and the joining.
///
/// The task is a defaulted parameter of the type, and no field names a projection of the runtime (ADR 0019).
macro_rules! task_group {
    (
        $(#[$attribute:meta])*
        pub struct $group:ident on [$($spawner:tt)+], output [$($output:tt)+], task $task:ty;
        future [$($future:tt)+];
        spawn($runtime:ident, $meta:ident, $given:ident) $spawn:block
    ) => {
        $(#[$attribute])*
        pub struct $group<R: $($spawner)+, T: $($output)+, H: RawTask = $task> {
            runtime: R,
            tasks: TaskSet<(), H>,
            output: PhantomData<fn() -> T>,
        }

        impl<R: $($spawner)+, T: $($output)+> $group<R, T> {
            /// Makes an empty group, whose tasks run on `runtime`.
            pub fn new(runtime: R) -> Self {
                Self {
                    runtime,
                    tasks: TaskSet::new(),
                    output: PhantomData,
                }
            }

            /// Starts `future` as a task of the group.
            #[inline]
            #[track_caller]
            pub fn spawn<F>(&mut self, future: F) -> TaskId
            where
                F: Future<Output = T> + $($future)+,
            {
                self.start(None, future)
            }

            /// Starts `future` as a task of the group that goes by `name` in the runtime's tools; see
            /// [`Spawn::spawn_named`](anyrt_core::Spawn::spawn_named).
            #[inline]
            #[track_caller]
            pub fn spawn_named<F>(&mut self, name: &str, future: F) -> TaskId
            where
                F: Future<Output = T> + $($future)+,
            {
                self.start(Some(SpawnMeta::named(name)), future)
            }

            /// Starts `future` as a task of the group, and returns what aborts it from anywhere.
            ///
            /// # Cost
            ///
            /// That of [`spawn`](Self::spawn) and of an [abort handle](anyrt_core::JoinHandle::abort_handle), which allocates. For a
            /// task that only the owner of the group aborts, [`abort`](Self::abort) takes the id that `spawn` returns.
            #[inline]
            #[track_caller]
            pub fn spawn_abortable<F>(&mut self, future: F) -> AbortHandle
            where
                F: Future<Output = T> + $($future)+,
            {
                let id = self.start(None, future);
                self.abort_handle(id).expect("spawned just now")
            }

            #[inline]
            #[track_caller]
            fn start<F>(&mut self, $meta: Option<SpawnMeta<'_>>, $given: F) -> TaskId
            where
                F: Future<Output = T> + $($future)+,
            {
                let $runtime = &self.runtime;
                let task = $spawn;
                self.tasks.insert((), task)
            }
        }

        impl<R: $($spawner)+, T: $($output)+, H: RawTask<Output = T>> $group<R, T, H> {
            /// The runtime on which the tasks run.
            pub fn runtime(&self) -> &R {
                &self.runtime
            }

            /// Waits for the next task to end and takes it out of the group; yields `None` when the group is empty.
            ///
            /// # Cancellation
            ///
            /// Dropping the returned future loses no task.
            #[inline]
            pub fn join_next(&mut self) -> impl Future<Output = Option<Result<T, JoinError>>> {
                std::future::poll_fn(|cx| {
                    let ended = self.tasks.poll_ended(cx);
                    ended.map(|ended| ended.map(|(_, ((), output))| output))
                })
            }

            /// Waits for the next task to end, as [`join_next`](Self::join_next), and yields its id with it.
            ///
            /// # Cancellation
            ///
            /// Dropping the returned future loses no task.
            #[inline]
            pub fn join_next_with_id(
                &mut self,
            ) -> impl Future<Output = Option<(TaskId, Result<T, JoinError>)>> {
                std::future::poll_fn(|cx| {
                    let ended = self.tasks.poll_ended(cx);
                    ended.map(|ended| ended.map(|(id, ((), output))| (id, output)))
                })
            }

            /// Polls for the next task that ends, for futures written by hand; see [`TaskSet::poll_join_next`].
            #[inline]
            pub fn poll_join_next(
                &mut self,
                cx: &mut Context<'_>,
            ) -> Poll<Option<Result<T, JoinError>>> {
                self.tasks
                    .poll_join_next(cx)
                    .map(|ended| ended.map(|((), output)| output))
            }

            /// Polls for the next task that ends and for its id, for futures written by hand.
            #[inline]
            pub fn poll_join_next_with_id(
                &mut self,
                cx: &mut Context<'_>,
            ) -> Poll<Option<(TaskId, Result<T, JoinError>)>> {
                self.tasks
                    .poll_shared(cx)
                    .map(|ended| ended.map(|(id, ((), output))| (id, output)))
            }

            /// Takes a task that has ended out of the group, if there is one; see [`TaskSet::try_join_next`].
            ///
            /// Called in a loop, it returns every task that has ended (`group::try_join_next_sees_all`).
            #[inline]
            pub fn try_join_next(&mut self) -> Option<Result<T, JoinError>> {
                self.tasks.try_join_next().map(|((), output)| output)
            }

            /// Waits for all tasks and returns their outputs in the order in which they were spawned.
            ///
            /// An error of one task stops no other; for that, [`try_scope`](crate::try_scope).
            ///
            /// # Cancellation
            ///
            /// Dropping the returned future aborts the tasks that have not ended, and drops the outputs of those that have.
            pub fn join_all(self) -> impl Future<Output = Vec<Result<T, JoinError>>> {
                let all = self.tasks.join_all();
                async move { all.await.into_iter().map(|((), output)| output).collect() }
            }

            /// Asks all tasks to stop, and returns at once. They stay in the group until they are joined.
            #[inline]
            pub fn abort_all(&mut self) {
                self.tasks.abort_all();
            }

            /// Asks one task to stop, and tells whether it was still in the group. It stays in there until it is joined.
            #[inline]
            pub fn abort(&mut self, id: TaskId) -> bool {
                self.tasks.abort(id)
            }

            /// Makes a handle that aborts one task from anywhere, or `None` when the task is no longer in the group.
            ///
            /// # Cost
            ///
            /// That of [`JoinHandle::abort_handle`](anyrt_core::JoinHandle::abort_handle).
            #[inline]
            pub fn abort_handle(&mut self, id: TaskId) -> Option<AbortHandle> {
                self.tasks.abort_handle(id)
            }

            /// Asks all tasks to stop and waits until they are gone; their outputs and panics are dropped.
            ///
            /// # Cancellation
            ///
            /// The request is made by the call. Dropping the returned future stops the waiting and nothing else.
            #[inline]
            pub fn shutdown(&mut self) -> impl Future<Output = ()> {
                self.tasks.shutdown()
            }

            /// Lets all tasks run on with nobody to join them, and empties the group.
            #[inline]
            pub fn detach_all(&mut self) {
                self.tasks.detach_all();
            }

            /// The number of tasks that have not been joined, ended or not.
            #[inline]
            pub fn len(&self) -> usize {
                self.tasks.len()
            }

            /// Tells whether all tasks have been joined.
            #[inline]
            pub fn is_empty(&self) -> bool {
                self.tasks.is_empty()
            }
        }

        /// Spawns each future as a task of the group.
        impl<R, T, F> Extend<F> for $group<R, T>
        where
            R: $($spawner)+,
            T: $($output)+,
            F: Future<Output = T> + $($future)+,
        {
            fn extend<I: IntoIterator<Item = F>>(&mut self, futures: I) {
                for future in futures {
                    self.spawn(future);
                }
            }
        }

        /// Spawns each future as a task of the runtime that the caller runs on.
        ///
        /// # Panics
        ///
        /// When the caller runs on no such runtime; see [`Current::current`](anyrt_core::Current::current).
        impl<R, F> FromIterator<F> for $group<R, F::Output>
        where
            R: $($spawner)+ + Current,
            F: Future<Output: $($output)+> + $($future)+,
        {
            fn from_iter<I: IntoIterator<Item = F>>(futures: I) -> Self {
                let mut group = Self::new(R::current());
                group.extend(futures);
                group
            }
        }

        impl<R: $($spawner)+, T: $($output)+, H: RawTask> fmt::Debug for $group<R, T, H> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($group))
                    .field("len", &self.tasks.len())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use task_group;

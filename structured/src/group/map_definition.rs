//! What maps of `Send` tasks and maps of local tasks have in common.

/// Defines a map of tasks. The task is a parameter for the reason that groups have (ADR 0019).
macro_rules! task_map {
    (
        $(#[$attribute:meta])*
        pub struct $map:ident on [$($spawner:tt)+], output [$($output:tt)+], task $task:ty;
        future [$($future:tt)+];
        spawn($runtime:ident, $given:ident) $spawn:block
    ) => {
        $(#[$attribute])*
        pub struct $map<R: $($spawner)+, K, T: $($output)+, H: RawTask = $task> {
            runtime: R,
            ids: HashMap<K, TaskId>,
            tasks: TaskSet<K, H>,
            output: PhantomData<fn() -> T>,
        }

        impl<R: $($spawner)+, K: Clone + Eq + Hash, T: $($output)+> $map<R, K, T> {
            /// Makes an empty map, whose tasks run on `runtime`.
            pub fn new(runtime: R) -> Self {
                Self {
                    runtime,
                    ids: HashMap::new(),
                    tasks: TaskSet::new(),
                    output: PhantomData,
                }
            }

            /// Starts `future` as a task under `key`. A task that is there already is aborted, and is not returned any more; tells
            /// whether there was one.
            #[track_caller]
            pub fn spawn<F>(&mut self, key: K, $given: F) -> bool
            where
                F: Future<Output = T> + $($future)+,
            {
                let $runtime = &self.runtime;
                let task = $spawn;
                self.replace(key, task)
            }
        }

        impl<R: $($spawner)+, K: Clone + Eq + Hash, T: $($output)+, H: RawTask<Output = T>>
            $map<R, K, T, H>
        {
            /// The runtime on which the tasks run.
            pub fn runtime(&self) -> &R {
                &self.runtime
            }

            /// Waits for the next task to end and takes it out of the map, with its key; yields `None` when the map is empty.
            ///
            /// # Cancellation
            ///
            /// Dropping the returned future loses no task.
            #[inline]
            pub fn join_next(&mut self) -> impl Future<Output = Option<(K, Result<T, JoinError>)>> {
                std::future::poll_fn(|cx| {
                    let ended = self.tasks.poll_ended(cx);
                    ended.map(|ended| ended.map(|(_, entry)| self.forget(entry)))
                })
            }

            /// Polls for the next task that ends, for futures written by hand; see [`TaskSet::poll_join_next`].
            pub fn poll_join_next(
                &mut self,
                cx: &mut Context<'_>,
            ) -> Poll<Option<(K, Result<T, JoinError>)>> {
                let ended = self.tasks.poll_join_next(cx);
                ended.map(|ended| ended.map(|entry| self.forget(entry)))
            }

            /// Takes the key of a task that was joined out of the map.
            fn forget(&mut self, joined: (K, Result<T, JoinError>)) -> (K, Result<T, JoinError>) {
                self.ids.remove(&joined.0);
                joined
            }

            /// Takes a task that has ended out of the map, if there is one; see [`TaskSet::try_join_next`].
            pub fn try_join_next(&mut self) -> Option<(K, Result<T, JoinError>)> {
                let ended = self.tasks.try_join_next();
                ended.inspect(|(key, _)| {
                    self.ids.remove(key);
                })
            }

            /// Waits for all tasks and returns their keys and outputs, in the order in which they were spawned.
            ///
            /// # Cancellation
            ///
            /// Dropping the returned future aborts the tasks that have not ended, and drops the outputs of those that have.
            pub fn join_all(self) -> JoinAll<K, H, T> {
                self.tasks.join_all()
            }

            /// Asks the task under `key` to stop, and tells whether there is one. It stays in the map until it is joined.
            pub fn abort<Q>(&mut self, key: &Q) -> bool
            where
                K: Borrow<Q>,
                Q: Eq + Hash + ?Sized,
            {
                let id = self.ids.get(key).copied();
                id.is_some_and(|id| self.tasks.abort(id))
            }

            /// Makes a handle that aborts the task under `key` from anywhere, or `None` when there is no such task.
            ///
            /// # Cost
            ///
            /// That of [`JoinHandle::abort_handle`].
            pub fn abort_handle<Q>(&mut self, key: &Q) -> Option<AbortHandle>
            where
                K: Borrow<Q>,
                Q: Eq + Hash + ?Sized,
            {
                let id = self.ids.get(key).copied()?;
                self.tasks.abort_handle(id)
            }

            /// Asks all tasks to stop, and returns at once. They stay in the map until they are joined.
            pub fn abort_all(&mut self) {
                self.tasks.abort_all();
            }

            /// Takes the task under `key` out of the map without joining it, and returns its handle.
            pub fn remove<Q>(&mut self, key: &Q) -> Option<JoinHandle<H>>
            where
                K: Borrow<Q>,
                Q: Eq + Hash + ?Sized,
            {
                let id = self.ids.remove(key)?;
                self.tasks.remove(id).map(|(_, handle)| handle)
            }

            /// Asks all tasks to stop and waits until they are gone; their outputs and panics are dropped.
            ///
            /// # Cancellation
            ///
            /// The request is made by the call. Dropping the returned future stops the waiting and nothing else.
            pub fn shutdown(&mut self) -> impl Future<Output = ()> {
                self.abort_all();
                std::future::poll_fn(|cx| {
                    while ready!(self.poll_join_next(cx)).is_some() {}
                    Poll::Ready(())
                })
            }

            /// Lets all tasks run on with nobody to join them, and empties the map.
            pub fn detach_all(&mut self) {
                self.ids.clear();
                self.tasks.detach_all();
            }

            /// Tells whether there is a task under `key` that was not joined, ended or not.
            pub fn contains_key<Q>(&self, key: &Q) -> bool
            where
                K: Borrow<Q>,
                Q: Eq + Hash + ?Sized,
            {
                self.ids.contains_key(key)
            }

            /// The keys of the tasks that were not joined, in no particular order.
            pub fn keys(&self) -> impl Iterator<Item = &K> {
                self.ids.keys()
            }

            /// The number of tasks that have not been joined, ended or not.
            pub fn len(&self) -> usize {
                self.tasks.len()
            }

            /// Tells whether all tasks have been joined.
            pub fn is_empty(&self) -> bool {
                self.tasks.is_empty()
            }

            fn replace(&mut self, key: K, task: JoinHandle<H>) -> bool {
                let id = self.tasks.insert(key.clone(), task);
                let Some(old) = self.ids.insert(key, id) else {
                    return false;
                };
                if let Some((_, mut old)) = self.tasks.remove(old) {
                    old.abort_and_detach();
                }
                true
            }
        }

        /// Spawns each future under its key; the last one under a key stays.
        impl<R, K, T, F> Extend<(K, F)> for $map<R, K, T>
        where
            R: $($spawner)+,
            K: Clone + Eq + Hash,
            T: $($output)+,
            F: Future<Output = T> + $($future)+,
        {
            fn extend<I: IntoIterator<Item = (K, F)>>(&mut self, futures: I) {
                for (key, future) in futures {
                    self.spawn(key, future);
                }
            }
        }

        impl<R: $($spawner)+, K: fmt::Debug, T: $($output)+, H: RawTask> fmt::Debug
            for $map<R, K, T, H>
        {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($map))
                    .field("keys", &self.ids.keys())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(super) use task_map;

//! The traits for references and smart pointers, so that a borrowed or shared runtime is one, too.

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::sync::Arc;
use core::future::Future;
use core::time::Duration;

use crate::{
    BlockOn, Instant, JoinHandle, Spawn, SpawnBlocking, SpawnLocal, SpawnMeta, SystemTime, Timer,
};

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        impl<R: Spawn> Spawn for $pointer {
            type Task<T: Send> = R::Task<T>;

            #[inline]
            #[track_caller]
            fn spawn<F>(&self, future: F) -> JoinHandle<Self::Task<F::Output>>
            where
                F: Future + Send + 'static,
                F::Output: Send + 'static,
            {
                (**self).spawn(future)
            }

            #[inline]
            #[track_caller]
            fn spawn_with<F>(
                &self,
                meta: SpawnMeta<'_>,
                future: F,
            ) -> JoinHandle<Self::Task<F::Output>>
            where
                F: Future + Send + 'static,
                F::Output: Send + 'static,
            {
                (**self).spawn_with(meta, future)
            }

            #[inline]
            #[track_caller]
            fn spawn_detached<F>(&self, future: F)
            where
                F: Future + Send + 'static,
            {
                (**self).spawn_detached(future);
            }
        }

        impl<R: SpawnLocal> SpawnLocal for $pointer {
            type LocalTask<T> = R::LocalTask<T>;

            #[inline]
            #[track_caller]
            fn spawn_local<F>(&self, future: F) -> JoinHandle<Self::LocalTask<F::Output>>
            where
                F: Future + 'static,
                F::Output: 'static,
            {
                (**self).spawn_local(future)
            }

            #[inline]
            #[track_caller]
            fn spawn_local_with<F>(
                &self,
                meta: SpawnMeta<'_>,
                future: F,
            ) -> JoinHandle<Self::LocalTask<F::Output>>
            where
                F: Future + 'static,
                F::Output: 'static,
            {
                (**self).spawn_local_with(meta, future)
            }

            #[inline]
            #[track_caller]
            fn spawn_local_detached<F>(&self, future: F)
            where
                F: Future + 'static,
            {
                (**self).spawn_local_detached(future);
            }
        }

        impl<R: SpawnBlocking> SpawnBlocking for $pointer {
            type BlockingTask<T: Send> = R::BlockingTask<T>;

            #[inline]
            #[track_caller]
            fn spawn_blocking<F, T>(&self, work: F) -> JoinHandle<Self::BlockingTask<T>>
            where
                F: FnOnce() -> T + Send + 'static,
                T: Send + 'static,
            {
                (**self).spawn_blocking(work)
            }

            #[inline]
            #[track_caller]
            fn spawn_blocking_with<F, T>(
                &self,
                meta: SpawnMeta<'_>,
                work: F,
            ) -> JoinHandle<Self::BlockingTask<T>>
            where
                F: FnOnce() -> T + Send + 'static,
                T: Send + 'static,
            {
                (**self).spawn_blocking_with(meta, work)
            }
        }

        impl<R: Timer> Timer for $pointer {
            type Sleep = R::Sleep;

            #[inline]
            #[track_caller]
            fn sleep(&self, duration: Duration) -> Self::Sleep {
                (**self).sleep(duration)
            }

            #[inline]
            #[track_caller]
            fn sleep_until(&self, deadline: Instant) -> Self::Sleep {
                (**self).sleep_until(deadline)
            }

            #[inline]
            fn now(&self) -> Instant {
                (**self).now()
            }

            #[inline]
            fn system_time(&self) -> SystemTime {
                (**self).system_time()
            }
        }

        impl<R: BlockOn> BlockOn for $pointer {
            #[inline]
            #[track_caller]
            fn block_on<F: Future>(&self, future: F) -> F::Output {
                (**self).block_on(future)
            }
        }
    )+};
}

forward!(&R, Box<R>, Rc<R>, Arc<R>);

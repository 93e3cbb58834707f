use alloc::rc::Rc;
use core::fmt;
use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll, Waker};
use core::time::Duration;

use anyrt_core::{BlockOn, Config, Launch, LaunchError};
use edge_executor::{LocalExecutor, UnboundQueue};

use super::handle::Handle;
use crate::board;

pub(super) type Executor = LocalExecutor<'static, UnboundQueue>;

/// The board's runtime. It drives its tasks while it blocks.
pub struct Bare(Rc<Executor>);

impl Launch for Bare {
    type Handle = Handle;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check("bare", &[])?;
        Ok(Self(Rc::new(Executor::new())))
    }

    fn handle(&self) -> Handle {
        Handle::new(&self.0)
    }

    fn shutdown(self, _: Duration) {
        drop(self);
    }
}

impl BlockOn for Bare {
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        let mut future = pin!(self.0.run(future));
        let mut cx = Context::from_waker(Waker::noop());
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
                return output;
            }
            board::wait_for_interrupt();
        }
    }
}

impl fmt::Debug for Bare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Bare")
    }
}

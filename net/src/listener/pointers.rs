use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::Listener;

macro_rules! forward {
    ($($pointer:ty),+) => {$(
        impl<L: Listener> Listener for $pointer {
            type Stream = L::Stream;
            type Addr = L::Addr;
            type Waiter = L::Waiter;

            #[inline]
            fn poll_accept(
                &self,
                waiter: &mut L::Waiter,
                cx: &mut Context<'_>,
            ) -> Poll<io::Result<(L::Stream, L::Addr)>> {
                (**self).poll_accept(waiter, cx)
            }

            #[inline]
            fn local_addr(&self) -> io::Result<L::Addr> {
                (**self).local_addr()
            }
        }
    )+};
}

forward!(&L, Box<L>, Rc<L>, Arc<L>);

//! The traits for references and smart pointers, so that a borrowed or shared runtime has sockets, too.

use std::rc::Rc;
use std::sync::Arc;

use crate::forward_net;

forward_net! { [R] &R as R, |this| **this; Tcp, Udp, Resolve, Signals }
forward_net! { [R] Box<R> as R, |this| **this; Tcp, Udp, Resolve, Signals }
forward_net! { [R] Rc<R> as R, |this| **this; Tcp, Udp, Resolve, Signals }
forward_net! { [R] Arc<R> as R, |this| **this; Tcp, Udp, Resolve, Signals }

#[cfg(any(unix, windows))]
mod os;
#[cfg(unix)]
mod unix;

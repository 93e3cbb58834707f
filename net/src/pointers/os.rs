use std::rc::Rc;
use std::sync::Arc;

use crate::forward_net;

forward_net! { [R] &R as R, |this| **this; OsNet }
forward_net! { [R] Box<R> as R, |this| **this; OsNet }
forward_net! { [R] Rc<R> as R, |this| **this; OsNet }
forward_net! { [R] Arc<R> as R, |this| **this; OsNet }

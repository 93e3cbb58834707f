//! The same server without the layer, as it is written for one runtime. What needs no runtime is shared with
//! [`serve`](crate::serve), so that a difference in a table is the layer's.

pub mod async_net;
pub mod tokio;

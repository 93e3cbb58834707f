use std::io;
use std::time::Duration;

use anyrt_core::Runtime;
use async_trait::async_trait;

/// Delivers texts. Implementors write `async fn deliver`.
pub trait Deliver: Send + Sync + 'static {
    fn deliver(&self, text: &str) -> impl Future<Output = io::Result<()>> + Send;
}

/// The same as an object. Every `Deliver` is one, and nobody implements it by hand.
#[async_trait]
pub trait DeliverDyn: Send + Sync + 'static {
    async fn deliver_dyn(&self, text: &str) -> io::Result<()>;
}

#[async_trait]
impl<D: Deliver> DeliverDyn for D {
    async fn deliver_dyn(&self, text: &str) -> io::Result<()> {
        self.deliver(text).await
    }
}

/// Delivers to `T` after a pause on the clock of the runtime.
pub struct Slowly<R, T> {
    pub runtime: R,
    pub pause: Duration,
    pub to: T,
}

impl<R: Runtime, T: Deliver> Deliver for Slowly<R, T> {
    async fn deliver(&self, text: &str) -> io::Result<()> {
        self.runtime.sleep(self.pause).await;
        self.to.deliver(text).await
    }
}

/// For those of one type, which the caller knows.
pub async fn to_all<D: Deliver>(all: &[D], text: &str) -> io::Result<()> {
    for one in all {
        one.deliver(text).await?;
    }
    Ok(())
}

/// For those of any types, such as what a configuration names.
pub async fn to_all_dyn(all: &[Box<dyn DeliverDyn>], text: &str) -> io::Result<()> {
    for one in all {
        one.deliver_dyn(text).await?;
    }
    Ok(())
}

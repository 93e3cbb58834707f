use opentelemetry_sdk::runtime::{TrySend, TrySendError};

/// Sends messages to a processor's task, and never waits: a full queue is an error, and the span is dropped by opentelemetry_sdk.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, prelude::*};
/// use anyrt_opentelemetry::Opentelemetry;
/// use opentelemetry_sdk::runtime::{RuntimeChannel, TrySend};
///
/// let owner = anyrt_smol::Owned::launch(Config::new())?;
/// let (sender, _receiver) = Opentelemetry::new(owner.handle()).batch_message_channel(1);
/// assert!(sender.try_send("moin").is_ok());
/// assert!(sender.try_send("moin").is_err());
/// # Ok::<(), anyrt_core::LaunchError>(())
/// ```
#[derive(Debug)]
pub struct Sender<T>(async_channel::Sender<T>);

impl<T> Sender<T> {
    pub(crate) fn new(sender: async_channel::Sender<T>) -> Self {
        Self(sender)
    }
}

impl<T: Send> TrySend for Sender<T> {
    type Message = T;

    fn try_send(&self, item: T) -> Result<(), TrySendError> {
        self.0.try_send(item).map_err(|error| match error {
            async_channel::TrySendError::Full(_) => TrySendError::ChannelFull,
            async_channel::TrySendError::Closed(_) => TrySendError::ChannelClosed,
        })
    }
}

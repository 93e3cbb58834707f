use std::fmt::Debug;
use std::io;

use futures_core::Stream;

use crate::{CtrlC, SignalKind};

/// The signals of a runtime: those of the process, or of a simulated node.
///
/// # Contract
///
/// - Every subscription sees each signal that comes after it was made (`net::signals_reach_every_subscription`), also before it
///   is polled (`net::signals_wait_for_the_poll`), and wherever it was made (`net::signals_made_elsewhere_belong_home`).
/// - Signals of one kind that come while one waits are one (`net::signals_coalesce`).
///
/// The first subscription to a kind replaces what the system does by default, for as long as the process runs: afterwards
/// ctrl-c ends nothing by itself.
///
/// # Cancellation
///
/// Dropping a future that waits for the next signal loses none. Dropping the subscription ends it, and
/// leaves nothing behind (`net::signals_give_back`).
///
/// # Examples
///
/// A server ends by ctrl-c, or by the supervisor:
///
/// ```
/// use futures::{StreamExt, future::select};
/// use anyrt_net::{SignalKind, prelude::*};
///
/// async fn until_told<R: Signals>(rt: &R) -> std::io::Result<()> {
///     let mut terminate = rt.signals(SignalKind::Terminate)?;
///     select(rt.ctrl_c(), terminate.next()).await;
///     Ok(())
/// }
/// ```
pub trait Signals {
    /// The signals of one kind, one after the other, for ever.
    type Signals: Stream<Item = io::Result<()>> + Debug + Unpin;

    /// Subscribes to the signals of one kind, from now on.
    ///
    /// # Errors
    ///
    /// `Unsupported` for a kind that the system does not have, and what the system reports.
    fn signals(&self, kind: SignalKind) -> io::Result<Self::Signals>;

    /// Waits for the next [interrupt](SignalKind::Interrupt) that comes after this call (`net::ctrl_c_is_an_interrupt`).
    #[inline]
    fn ctrl_c(&self) -> CtrlC<Self::Signals> {
        CtrlC::new(self.signals(SignalKind::Interrupt))
    }
}

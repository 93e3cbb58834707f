use anyrt_net::forward_net;

use crate::{LocalDriver, LocalFamily, LocalHandle};

/// A driver that has sockets: the handles of its [`Local`](crate::Local) have what its [`Net`](Self::Net) has.
///
/// # Examples
///
/// ```
/// use anyrt_net::Tcp;
/// use anyrt_shared::{LocalFamily, LocalHandle, NetDriver};
///
/// fn has_tcp<T: Tcp>() {}
///
/// fn passes_on<L: LocalFamily<Driver: NetDriver<Net: Tcp>>>() {
///     has_tcp::<LocalHandle<L>>();
/// }
/// ```
pub trait NetDriver: LocalDriver {
    /// What makes the sockets.
    type Net;

    /// Returns it, for the runtime of this name.
    fn net(&self, runtime: &'static str) -> Self::Net;
}

forward_net! {
    [L: LocalFamily<Driver: NetDriver>] LocalHandle<L> as <L::Driver as NetDriver>::Net,
    |this| this.driver().net(L::RUNTIME);
    Tcp, Udp, Resolve, Signals
}

#[cfg(unix)]
forward_net! {
    [L: LocalFamily<Driver: NetDriver>] LocalHandle<L> as <L::Driver as NetDriver>::Net,
    |this| this.driver().net(L::RUNTIME);
    Unix
}

#[cfg(any(unix, windows))]
forward_net! {
    [L: LocalFamily<Driver: NetDriver>] LocalHandle<L> as <L::Driver as NetDriver>::Net,
    |this| this.driver().net(L::RUNTIME);
    OsNet
}

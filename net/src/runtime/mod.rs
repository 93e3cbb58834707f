mod local_net;
mod lookup;
mod net;
mod net_runtime;
#[cfg(any(unix, windows))]
mod os_net;
#[cfg(any(unix, windows))]
mod os_socket;
mod resolve;
mod tcp;
mod udp;
#[cfg(unix)]
mod unix;

pub use local_net::LocalNet;
pub use lookup::{Lookup, lookup};
pub use net::Net;
pub use net_runtime::NetRuntime;
#[cfg(any(unix, windows))]
pub use os_net::OsNet;
#[cfg(any(unix, windows))]
pub use os_socket::OsSocket;
pub use resolve::Resolve;
pub use tcp::Tcp;
pub use udp::Udp;
#[cfg(unix)]
pub use unix::Unix;

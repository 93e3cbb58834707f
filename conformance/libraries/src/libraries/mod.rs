//! What each library does until it is interrupted.

pub(crate) mod dns;
pub(crate) mod grpc;
pub(crate) mod http;
pub(crate) mod quic;
pub(crate) mod raft;

use std::net::{Ipv4Addr, SocketAddr};

/// An address of this machine, with a port that the system chooses.
pub(crate) const ANY_PORT: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Writes the start of a workload twice, for tasks that are `Send` and for those that are not.
macro_rules! start {
    ($(#[$doc:meta])* |$spawner:ident| $body:block) => {
        $(#[$doc])*
        pub(crate) fn start<R>($spawner: &crate::spawner::Spawner<R>) -> std::io::Result<()>
        where
            R: anyrt_net::NetRuntime,
        $body

        $(#[$doc])*
        pub(crate) fn start_local<R>($spawner: &crate::spawner::LocalSpawner<R>) -> std::io::Result<()>
        where
            R: anyrt_net::LocalNet + anyrt_core::ShareTimer,
        $body
    };
}
pub(crate) use start;

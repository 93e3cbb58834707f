//! What each library does until it is interrupted.

pub(crate) mod dns;
pub(crate) mod grpc;
pub(crate) mod http;
pub(crate) mod quic;
pub(crate) mod raft;

/// Writes the start of a workload twice, for tasks that are `Send` and for those that are not.
macro_rules! start {
    ($(#[$doc:meta])* |$spawner:ident, $sockets:ident| $body:block) => {
        $(#[$doc])*
        pub(crate) fn start<R, $sockets>($spawner: &crate::spawner::Spawner<R>) -> std::io::Result<()>
        where
            R: anyrt_core::Runtime,
            $sockets: crate::sockets::Sockets,
        $body

        $(#[$doc])*
        pub(crate) fn start_local<R, $sockets>($spawner: &crate::spawner::LocalSpawner<R>) -> std::io::Result<()>
        where
            R: anyrt_core::LocalRuntime + anyrt_core::ShareTimer,
            $sockets: crate::sockets::Sockets,
        $body
    };
}
pub(crate) use start;

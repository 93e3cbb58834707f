//! The backends that the bridges' tests run on: one list for all of them.
//!
//! [`on_every_backend!`] makes a test of each case on each backend. A case is an async function that is generic over the
//! runtime. A further backend is one function in [`backend`], and one line in a macro.

pub mod backend;
mod watchdog;

pub use watchdog::Watchdog;

/// Makes a test of each case on each backend with sockets. A case is `async fn case<R: NetRuntime>(rt: R)`.
///
/// # Examples
///
/// ```
/// use anyrt_net::NetRuntime;
///
/// anyrt_bridge_backends::on_every_backend!(a_socket_has_a_port);
///
/// async fn a_socket_has_a_port<R: NetRuntime>(rt: R) {
///     use anyrt_net::Datagram;
///     let socket = rt.udp_bind(([127, 0, 0, 1], 0).into()).unwrap();
///     assert_ne!(socket.local_addr().unwrap().port(), 0);
/// }
/// ```
#[macro_export]
macro_rules! on_every_backend {
    ($($case:ident),+ $(,)?) => {
        $crate::on_every_system_backend!($($case),+);
        $crate::on_backend!(any_net_on_tokio $($case)+);
        $crate::on_backend!(any_net_on_smol $($case)+);
    };
}

/// Makes a test of each case on each backend whose sockets are the system's. A case is
/// `async fn case<R: NetRuntime + OsNet>(rt: R)`, or with fewer bounds.
#[macro_export]
macro_rules! on_every_system_backend {
    ($($case:ident),+ $(,)?) => {
        $crate::on_backend!(tokio_multi_thread $($case)+);
        $crate::on_backend!(tokio_current_thread $($case)+);
        $crate::on_backend!(smol_owned $($case)+);
        $crate::on_backend!(smol_global $($case)+);
        $crate::on_backend!(async_std_global $($case)+);
    };
}

/// Makes a test of each case on each local runtime. A case is `async fn case<R: LocalNet>(rt: R)`.
#[macro_export]
macro_rules! on_every_local_backend {
    ($($case:ident),+ $(,)?) => {
        $crate::on_backend!(tokio_local $($case)+);
        $crate::on_backend!(smol_local $($case)+);
        $crate::on_backend!(async_std_local $($case)+);
    };
}

/// Makes a test of each case on a simulation, with 20 seeds each. A case is `async fn case<R: Runtime>(rt: R)`.
#[macro_export]
macro_rules! on_simulation {
    ($($case:ident),+ $(,)?) => {
        $crate::on_backend!(simulation $($case)+);
    };
}

/// Makes a test of each case on one backend, in a module of the backend's name.
#[doc(hidden)]
#[macro_export]
macro_rules! on_backend {
    ($backend:ident $($case:ident)+) => {
        mod $backend {
            $(
                #[test]
                fn $case() {
                    $crate::backend::$backend(super::$case);
                }
            )+
        }
    };
}

/// How much of its work a test does: `long` if `ANYRT_BRIDGES_LONG` is set, and else `short`.
pub fn repeats(short: usize, long: usize) -> usize {
    match std::env::var_os("ANYRT_BRIDGES_LONG") {
        Some(_) => long,
        None => short,
    }
}

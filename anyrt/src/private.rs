//! What the attribute macros expand to. No part of the public API.

#[cfg(feature = "macros")]
pub use anyrt_macros::__expand as expand;

/// Keeps its first block.
#[doc(hidden)]
#[macro_export]
macro_rules! __present {
    ({ $($present:tt)* } { $($absent:tt)* }) => { $($present)* };
}

/// Keeps its second block.
#[doc(hidden)]
#[macro_export]
macro_rules! __absent {
    ({ $($present:tt)* } { $($absent:tt)* }) => { $($absent)* };
}

#[cfg(not(feature = "net"))]
pub use crate::__absent as if_net;
/// What the attribute macros cannot see: whether this crate was compiled with sockets.
#[cfg(feature = "net")]
pub use crate::__present as if_net;

/// What the attribute macros cannot see: whether this crate was compiled for an event loop.
#[cfg(not(all(feature = "wasm", target_family = "wasm", target_os = "unknown")))]
pub use crate::__absent as if_page;
#[cfg(all(feature = "wasm", target_family = "wasm", target_os = "unknown"))]
pub use crate::__present as if_page;
#[cfg(all(feature = "wasm", target_family = "wasm", target_os = "unknown"))]
pub use crate::page::main_on_page;

macro_rules! per_backend {
    ($(
        $(#[$doc:meta])*
        $feature:literal $sockets:literal $name:ident = $krate:ident: $kind:ident $handle:ident, $owned:path, $local:ident, $tests:ident,
            [$($owned_option:ident)*], [$($local_option:ident)*];
    )*) => {
        #[cfg(any($(feature = $feature),*))]
        pub use crate::program::{
            backend::Backend,
            entry::{block_on, main, main_local, main_on, main_on_local, run, runtime},
            not_started::{exit, or_panic},
            once,
            settings::Settings,
        };
        #[cfg(all(feature = "net", any($(feature = $feature),*)))]
        pub use crate::program::sockets::main_net;

        $(
            /// What the attribute macros cannot see: whether this crate was compiled with the features.
            pub mod $name {
                #[cfg(feature = $sockets)]
                pub use crate::__present as if_sockets;
                #[cfg(not(feature = $sockets))]
                pub use crate::__absent as if_sockets;

                #[cfg(feature = $feature)]
                pub use crate::{__present as if_compiled, program::backend::$name::Compiled, program::$tests::*};
                #[cfg(not(feature = $feature))]
                pub use crate::__absent as if_compiled;
            }
        )*
    };
}

__backends!([per_backend]);

//! Programs whose handle is an `AnyNet`.

use std::future::Future;

use anyrt_core::Config;
use anyrt_net::AnyNet;

use crate::program::backend::{self, Backend};
use crate::program::not_started::NotStarted;
use crate::program::select::{self, on};
use crate::program::settings::Settings;

/// A runtime that is compiled in, with its sockets or without.
trait WithSockets: Backend {
    /// Runs `main` on it, or says which feature its sockets need.
    #[track_caller]
    fn main_net<F>(
        self,
        config: Config,
        settings: Settings,
        main: impl FnOnce(AnyNet) -> F,
    ) -> Result<F::Output, NotStarted>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static;
}

/// What depends on a row's kind and on whether its sockets are compiled in.
macro_rules! start {
    (shared $feature:literal, $sockets:literal, $name:ident: $backend:expr, $config:expr, $settings:expr, $main:expr) => {
        crate::__private::$name::if_sockets! {
            { super::entry::main_on($backend, $config, $settings, |handle| $main(AnyNet::new(handle))) }
            {{
                let _unused = ($config, $settings, $main);
                Err(NotStarted::NoSockets { runtime: $feature, feature: $sockets })
            }}
        }
    };
    // Its launch is refused: it has local tasks alone.
    (local $feature:literal, $sockets:literal, $name:ident: $backend:expr, $config:expr, $settings:expr, $main:expr) => {{
        let _unused = $main;
        super::entry::main_on($backend, $config, $settings, |_| std::future::pending())
    }};
}

macro_rules! with_sockets {
    ($(
        $(#[$doc:meta])*
        $feature:literal $sockets:literal $name:ident = $krate:ident: $kind:ident $handle:ident, $owned:path, $local:ident, $tests:ident,
            [$($owned_option:ident)*], [$($local_option:ident)*];
    )*) => {
        $(
            #[cfg(feature = $feature)]
            impl WithSockets for backend::$name::Compiled {
                #[track_caller]
                fn main_net<F>(
                    self,
                    config: Config,
                    settings: Settings,
                    main: impl FnOnce(AnyNet) -> F,
                ) -> Result<F::Output, NotStarted>
                where
                    F: Future + Send + 'static,
                    F::Output: Send + 'static,
                {
                    start!($kind $feature, $sockets, $name: self, config, settings, main)
                }
            }
        )*
    };
}

__backends!([with_sockets]);

/// `#[anyrt::main]` above `async fn main(rt: AnyNet)`
#[track_caller]
pub fn main_net<F>(
    config: Config,
    settings: Settings,
    main: impl FnOnce(AnyNet) -> F,
) -> Result<F::Output, NotStarted>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    let chosen = select::choose()?;
    on!(chosen, backend => backend.main_net(config, settings, main))
}

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

macro_rules! with_sockets {
    ($($feature:literal, $sockets:literal: $name:ident;)*) => {
        $(
            #[cfg(feature = $feature)]
            impl WithSockets for backend::$name::Compiled {
                #[cfg(feature = $sockets)]
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
                    super::entry::main_on(self, config, settings, |handle| main(AnyNet::new(handle)))
                }

                #[cfg(not(feature = $sockets))]
                fn main_net<F>(
                    self,
                    _: Config,
                    _: Settings,
                    _: impl FnOnce(AnyNet) -> F,
                ) -> Result<F::Output, NotStarted>
                where
                    F: Future + Send + 'static,
                    F::Output: Send + 'static,
                {
                    Err(NotStarted::NoSockets { runtime: $feature, feature: $sockets })
                }
            }
        )*
    };
}

// A feature for each runtime, because none may be weak.
with_sockets! {
    "tokio", "tokio-net": tokio;
    "smol", "smol-net": smol;
    "async-std", "async-std-net": async_std;
    "sim", "sim-net": sim;
}

#[cfg(feature = "compio")]
impl WithSockets for backend::compio::Compiled {
    #[track_caller]
    fn main_net<F>(
        self,
        config: Config,
        settings: Settings,
        _: impl FnOnce(AnyNet) -> F,
    ) -> Result<F::Output, NotStarted>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        // Its launch is refused: it has local tasks alone.
        super::entry::main_on(self, config, settings, |_| std::future::pending())
    }
}

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

//! The native way and the layer's, side by side.

use std::fmt;
use std::sync::Arc;

use anyrt_core::{AnyBlockOn, BlockOn, Config, Launch, Runtime};

use crate::layer::Layer;
use crate::local::{Local, StartLocal};
use crate::measure::{Drive, Driven, Measure};
use crate::operation::Operation;
use crate::structured::{DrivenGroups, Structured};
use crate::work::Work;

/// The same operations done twice, on running backends.
pub struct Pair {
    /// How it is called.
    pub key: &'static str,
    /// By hand; for the erased form: through the static one.
    pub native: Box<dyn Measure>,
    /// Through anyrt.
    pub layer: Box<dyn Measure>,
    /// Other ways, which are reported only.
    pub beside: Vec<Beside>,
}

/// Another way of doing some of the operations.
pub struct Beside {
    /// How it is called.
    pub name: &'static str,
    /// What it does.
    pub operations: &'static [Operation],
    /// How it does it.
    pub way: Box<dyn Measure>,
}

impl Pair {
    /// Native work and the layer's, which are driven alike.
    pub fn new<N: Work, L: Work, D: Drive>(
        key: &'static str,
        native: N,
        layer: L,
        drive: impl Fn() -> D,
    ) -> Self {
        Self {
            key,
            native: driven(native, drive()),
            layer: driven(layer, drive()),
            beside: Vec::new(),
        }
    }

    /// The static form and the erased one, which are driven alike.
    pub fn erased<R: Runtime + BlockOn, D: Drive>(
        key: &'static str,
        runtime: R,
        drive: impl Fn() -> D,
    ) -> Self {
        let erased = AnyBlockOn::new(runtime.clone());
        Self::new(key, Layer(runtime), Layer(erased), drive)
    }

    /// Two runtimes of one thread.
    pub fn local<N: StartLocal + 'static, L: StartLocal + 'static>(key: &'static str) -> Self {
        Self {
            key,
            native: Box::new(Local::<N>::new()),
            layer: Box::new(Local::<L>::new()),
            beside: Vec::new(),
        }
    }
}

/// Work that is driven on a backend.
pub fn driven<W: Work, D: Drive>(work: W, drive: D) -> Box<dyn Measure> {
    Box::new(Driven { work, drive })
}

/// Structured work that is driven on a backend.
pub fn groups<W: Structured, D: Drive>(work: W, drive: D) -> Box<dyn Measure> {
    Box::new(DrivenGroups { work, drive })
}

/// Starts a runtime.
///
/// # Panics
///
/// When the runtime refuses the options.
pub fn launch<L: Launch>(config: Config) -> Arc<L> {
    Arc::new(L::launch(config).expect("the options are ones that the runtime honours"))
}

impl fmt::Debug for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pair")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

//! One run of one seed.

use std::future::Future;
use std::panic::Location;

use anyrt_core::Launch;

use crate::report::fault::Fault;
use crate::report::panics;
use crate::report::trace::Log;
use crate::schedule::choices::Made;
use crate::schedule::root::{self, Ended};
use crate::{Builder, Failure, Outcome, Sim};

/// What became of a run.
pub(crate) struct Ran {
    pub(crate) seed: u64,
    pub(crate) steps: u64,
    pub(crate) virtual_nanos: u64,
    /// The hash of all that happened, and of the order of events.
    pub(crate) course: u64,
    pub(crate) order: u64,
    pub(crate) failure: Option<Failure>,
    /// Every event, where the builder keeps them.
    pub(crate) log: Log,
    /// The choices, where the builder records them.
    pub(crate) made: Vec<Made>,
}

/// Runs `test` in a simulation of `builder`; its panics are in its failure.
pub(crate) fn run_seed<T, F>(
    builder: &Builder,
    test: &T,
    location: &'static Location<'static>,
    with_backtrace: bool,
) -> Ran
where
    T: Fn(Sim) -> F,
    F: Future<Output: Outcome>,
{
    let rt = builder.clone().build();
    let sim = rt.handle();
    let root = async { test(sim.clone()).await.into_error() };
    let (end, panics) = panics::keep(with_backtrace, || {
        // What the test launches itself has the seed, too, and all choices.
        let inner = builder.clone().with_all_choices();
        inner.scope(|| root::run_root(sim.shared(), root, location))
    });
    let failure = match end {
        Ok(None) => None,
        Ok(Some(error)) => Some(sim.shared().failure(&Fault::Error(error))),
        Err(Ended::Failed(failure) | Ended::Panicked(_, failure)) => Some(failure),
    };
    let mut state = sim.shared().lock();
    Ran {
        seed: sim.seed(),
        steps: state.steps,
        virtual_nanos: state.now,
        course: state.hash(),
        order: state.trace.order(),
        failure: failure.map(|failure| failure.with_panics(panics)),
        log: state.trace.take_log(),
        made: state.made(),
    }
}

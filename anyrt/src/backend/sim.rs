//! The simulation as a backend of the entry points.

use std::future::Future;
use std::panic::Location;
use std::process::{ExitCode, Termination};

use anyrt_core::{AnyRuntime, Config, Current, Launch, NoRuntime};
use anyrt_sim::{Check, Owned, Sim};

use super::Backend;
use crate::select::{self, Chosen};

/// The simulation.
#[derive(Clone, Copy, Debug)]
pub struct Compiled;

pub(crate) const BACKEND: Option<Compiled> = Some(Compiled);

impl Backend for Compiled {
    type Owned = Owned;
    /// Its one handle is for local tasks as well.
    type Local = Owned;

    fn name(self) -> &'static str {
        "sim"
    }

    fn current(self) -> Result<AnyRuntime, NoRuntime> {
        Sim::try_current().map(AnyRuntime::new)
    }

    fn chosen(self) -> Chosen {
        Chosen::Sim(self)
    }
}

/// `#[anyrt::test]`, for the simulation: as many runs as there are seeds.
#[track_caller]
pub fn test<F>(config: Config, test: impl Fn(Sim) -> F + Sync)
where
    F: Future<Output: Termination>,
{
    // Options that it cannot honour are refused as on the other runtimes, although the seeds' own simulations have none.
    if let Err(error) = Owned::launch(config) {
        panic!("{error}");
    }
    let (chosen, location) = (Compiled.chosen(), Location::caller());
    select::during_test(chosen, || {
        Check::new().location(location).run(|sim| {
            // Seeds run on threads of the check's own, too, which end with it.
            select::for_the_rest_of_the_thread(chosen);
            let run = test(sim);
            async move { judge(run.await) }
        });
    });
}

/// Judges what a test returns as the test harness does. An error prints itself.
fn judge(returned: impl Termination) -> Result<(), ExitCode> {
    let code = returned.report();
    // Exit codes have no other comparison.
    match format!("{code:?}") == format!("{:?}", ExitCode::SUCCESS) {
        true => Ok(()),
        false => Err(code),
    }
}

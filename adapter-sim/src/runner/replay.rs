//! What a check does with a seed that failed: runs it again, and looks for a shorter run.

use std::future::Future;
use std::panic::Location;
use std::sync::Arc;

use crate::report::divergence::Divergence;
use crate::report::replay_command::replay_command;
use crate::runner::check::Check;
use crate::runner::search::{Elsewhere, Search};
use crate::runner::seed::{Ran, run_seed};
use crate::runner::shrink::shrink;
use crate::schedule::choices::Kept;
use crate::{Failure, Outcome, Replay, Sim};

impl Check {
    /// The failure of the lowest seed, after a second run of that seed, alone.
    pub(super) fn first_failure<T, F>(
        &self,
        search: Search,
        test: &T,
        location: &'static Location<'static>,
    ) -> Option<Failure>
    where
        T: Fn(Sim) -> F,
        F: Future<Output: Outcome>,
    {
        let alone = search.seeds.end - search.seeds.start == 1;
        let (_, failure) = search.into_failures().into_iter().next()?;
        if alone {
            return Some(failure);
        }
        let again = run_seed(
            &self.builder_of(failure.seed()).keep_log(),
            test,
            location,
            true,
        );
        let replay = match &again.failure {
            None => Replay::Passed,
            Some(again) if again.is_same(&failure) => Replay::Same,
            Some(_) => Replay::Differed,
        };
        let divergence = (replay != Replay::Same).then(|| {
            let third = self.record(failure.seed(), test, location);
            Divergence::between(failure.seed(), again.log, third).err()
        });
        Some(
            failure
                .with_replay(replay)
                .with_divergence(divergence.flatten()),
        )
    }

    /// The failure of a seed that failed in another process, by a run in this one.
    ///
    /// # Panics
    ///
    /// With what the other process said, where a run here cannot show it.
    #[track_caller]
    pub(super) fn failure_elsewhere<T, F>(
        &self,
        seed: u64,
        how: Elsewhere,
        test: &T,
        location: &'static Location<'static>,
    ) -> Failure
    where
        T: Fn(Sim) -> F,
        F: Future<Output: Outcome>,
    {
        let (course, text) = match how {
            Elsewhere::Failed { course, text } => (course, text),
            Elsewhere::Died(how) => {
                let line = replay_command(seed);
                panic!("anyrt-sim: seed {seed} {how}\n  replay: {line}");
            }
        };
        let here = run_seed(&self.builder_of(seed), test, location, true);
        match here.failure {
            Some(failure) if here.course == course => failure.with_replay(Replay::Same),
            Some(failure) => failure.with_replay(Replay::Differed),
            None => panic!(
                "anyrt-sim: seed {seed} failed in a process of its own and passed in this one, so it does not decide alone: the likely \
                 cause is a `static`, a thread-local or a cache that the seeds of a process share: {text}"
            ),
        }
    }

    /// A shorter run that fails in the same manner, where one is asked for.
    pub(super) fn shorter<T, F>(
        &self,
        failure: Failure,
        budget: Option<u64>,
        test: &T,
        location: &'static Location<'static>,
    ) -> Failure
    where
        T: Fn(Sim) -> F,
        F: Future<Output: Outcome>,
    {
        let budget = budget.or(self.shrink).unwrap_or(0);
        let is_replayed = !matches!(failure.replay(), Some(Replay::Passed | Replay::Differed));
        if budget == 0 || !is_replayed {
            return failure;
        }
        let (seed, steps) = (failure.seed(), failure.steps());
        shrink(failure, budget, |kept: Option<&Kept>| -> Ran {
            let mut builder = self.builder_of(seed);
            let settings = builder.settings_mut();
            settings.record_choices = true;
            settings.kept = kept.cloned().map(Arc::new).or(settings.kept.take());
            // A run that goes on for longer is not what is looked for.
            settings.step_limit = settings.step_limit.min(steps.saturating_mul(4) + 1000);
            run_seed(&builder, test, location, false)
        })
    }
}

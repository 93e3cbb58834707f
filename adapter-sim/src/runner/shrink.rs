//! The search for a shorter run that fails in the same manner: leaves out choices of the seed, as many at a time as it can.

use crate::Failure;
use crate::runner::seed::Ran;
use crate::runner::shrunk::{Shrunk, Size};
use crate::schedule::choices::{Choice, Kept, Kind, Made};

/// Tells whether it is a fault of a profile or of the test's own, and not one of so many messages.
fn is_planned(kind: Kind) -> bool {
    matches!(kind, Kind::Strike | Kind::Chance)
}

/// What is no fault.
const NO_FAULTS: &[Kind] = &[Kind::Late, Kind::Latency, Kind::Schedule];

/// Looks for a shorter run that fails as `failure` does, in at most `budget` runs; `run` runs the seed with the choices that it is
/// given, or with all, and records those that were made.
pub(crate) fn shrink(failure: Failure, budget: u64, run: impl Fn(Option<&Kept>) -> Ran) -> Failure {
    let mut search = Search {
        run,
        wanted: failure.manner(),
        runs: 0,
        budget,
        best: None,
    };
    let all = (search.run)(None);
    let before = Size::of(&all);
    search.runs += 1;
    let choices: Vec<Choice> = all.made.iter().map(|made| made.choice).collect();
    // The same choices, given instead of drawn. What is not the same failure then cannot be replayed in this manner.
    if !search.fails(&choices) {
        return failure;
    }
    for kind in Kind::ALL {
        search.leave_out_all(|choice| choice.kind == kind);
    }
    loop {
        let size = search.size();
        for kind in Kind::ALL {
            search.leave_out_some(kind);
        }
        search.leave_out_pairs();
        search.keep_one_turn();
        if search.size() == size {
            search.leave_out_planned();
        }
        if search.size() == size || search.is_over() {
            break;
        }
    }
    let (runs, size) = (search.runs, search.size());
    let Some((_, best)) = search.best else {
        return failure;
    };
    let shrunk = Shrunk {
        runs,
        before,
        after: size.unwrap_or(before),
    };
    match best.failure {
        Some(best) => best.with_shrunk(shrunk).with_replay_of(&failure),
        None => failure,
    }
}

struct Search<R> {
    run: R,
    /// The manner of the failure that is looked for.
    wanted: String,
    runs: u64,
    budget: u64,
    /// The shortest run so far, and the choices that it was given.
    best: Option<(Vec<Choice>, Ran)>,
}

impl<R: Fn(Option<&Kept>) -> Ran> Search<R> {
    fn is_over(&self) -> bool {
        self.runs >= self.budget
    }

    fn size(&self) -> Option<Size> {
        self.best.as_ref().map(|(_, ran)| Size::of(ran))
    }

    /// The choices that the shortest run has made: one that was given may have come to nothing.
    fn choices(&self) -> Vec<Choice> {
        let made = self.best.iter().flat_map(|(_, ran)| &ran.made);
        made.map(|made: &Made| made.choice).collect()
    }

    /// Runs with these choices; tells whether that failed in the same manner and is no longer than the shortest.
    fn fails(&mut self, choices: &[Choice]) -> bool {
        if self.is_over() {
            return false;
        }
        self.runs += 1;
        let ran = (self.run)(Some(&choices.iter().copied().collect()));
        let is_same = (ran.failure.as_ref()).is_some_and(|failure| failure.manner() == self.wanted);
        let is_shorter = self.size().is_none_or(|size| Size::of(&ran) < size);
        if is_same && is_shorter {
            self.best = Some((choices.to_vec(), ran));
        }
        is_same && is_shorter
    }

    /// Leaves out planned faults, while orders and times are as the seed draws them. For a fault may shift the orders and the times after it, so
    /// that a list of them does not fit any more, even where the fault was over long before.
    fn leave_out_planned(&mut self) {
        let planned = |this: &Self| -> Vec<Choice> {
            let mut all = this.choices();
            all.retain(|choice| is_planned(choice.kind));
            all
        };
        let all = planned(self);
        if all.is_empty() || self.fails_with(&[]) {
            return;
        }
        // The last ones first: what fails was likely struck last.
        for one in all.iter().rev() {
            if all.len() == 1 || self.fails_with(&[*one]) {
                return;
            }
        }
        let mut parts = 2;
        loop {
            let all = planned(self);
            if all.len() < 2 || self.is_over() {
                return;
            }
            let size = all.len().div_ceil(parts.min(all.len()));
            let without = |part: &[Choice]| -> Vec<Choice> {
                let left = all.iter().filter(|choice| !part.contains(choice));
                left.copied().collect()
            };
            if all.chunks(size).any(|part| self.fails_with(part)) {
                parts = 2;
            } else if all.chunks(size).any(|part| self.fails_with(&without(part))) {
                parts = parts.saturating_sub(1).max(2);
            } else if size == 1 {
                return;
            } else {
                parts *= 2;
            }
        }
    }

    /// Runs with these planned faults, the lost messages of the shortest run, and the orders and times that the seed draws; tells whether
    /// that failed in the same manner, is shorter, and does so again with the choices that it made.
    fn fails_with(&mut self, planned: &[Choice]) -> bool {
        if self.is_over() {
            return false;
        }
        self.runs += 1;
        let mut kept = self.choices();
        kept.retain(|choice| choice.kind == Kind::Network);
        let kept: Kept = kept.iter().chain(planned).copied().collect();
        let ran = (self.run)(Some(&kept.with_all(NO_FAULTS)));
        let is_same = (ran.failure.as_ref()).is_some_and(|failure| failure.manner() == self.wanted);
        let choices: Vec<_> = ran.made.iter().map(|made| made.choice).collect();
        is_same && self.fails(&choices)
    }

    /// Leaves out two planned faults at a time, of which each alone has to stay: one that undoes the other, say.
    fn leave_out_pairs(&mut self) {
        let mut all = self.choices();
        all.retain(|choice| is_planned(choice.kind));
        for (index, one) in all.iter().enumerate() {
            for other in &all[index + 1..] {
                if self.is_over() || self.leave_out_all(|choice| choice == one || choice == other) {
                    return;
                }
            }
        }
    }

    fn leave_out_all(&mut self, which: impl Fn(&Choice) -> bool) -> bool {
        let choices = self.choices();
        let left: Vec<_> = choices
            .iter()
            .filter(|choice| !which(choice))
            .copied()
            .collect();
        left.len() < choices.len() && self.fails(&left)
    }

    /// Keeps one turn of the schedule alone, at its time or earlier: where a task was overtaken by many, one of them earlier may do.
    fn keep_one_turn(&mut self) {
        let choices = self.choices();
        let (turns, others): (Vec<_>, Vec<_>) = choices
            .into_iter()
            .partition(|it| it.kind == Kind::Schedule);
        if turns.len() < 2 {
            return;
        }
        for choice in turns {
            let mut turn = choice.turn;
            loop {
                let choice = Choice { turn, ..choice };
                if self.fails(&[&others[..], &[choice]].concat()) {
                    return;
                }
                if turn == 0 {
                    break;
                }
                turn /= 2;
            }
        }
    }

    /// Leaves out parts of the choices of a kind, smaller and smaller ones, down to single choices.
    fn leave_out_some(&mut self, kind: Kind) {
        let count = |this: &Self| this.choices().iter().filter(|it| it.kind == kind).count();
        let mut part = count(self).div_ceil(2);
        while part > 0 && !self.is_over() {
            let mut from = 0;
            while from < count(self) && !self.is_over() {
                let all = self.choices();
                let mut of_kind: Vec<_> =
                    all.iter().filter(|it| it.kind == kind).copied().collect();
                // The last ones first: what happens late rarely matters.
                of_kind.reverse();
                let out: Vec<_> = of_kind.into_iter().skip(from).take(part).collect();
                if !self.leave_out_all(|choice| out.contains(choice)) {
                    from += part;
                }
            }
            part = match part {
                1 => 0,
                part => part.div_ceil(2),
            };
        }
    }
}

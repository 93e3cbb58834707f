//! Makes a program smaller while it still differs.

use super::program::{End, Fate, Place, Program, Step, Task};

/// Removes and simplifies what `differs` does not need, until nothing more can go.
///
/// `differs` tells whether a program still shows a difference; it is only asked about valid programs, each smaller than the
/// last that it said yes to.
pub fn shrink(program: Program, mut differs: impl FnMut(&Program) -> bool) -> Program {
    let mut smallest = program;
    while let Some(smaller) = candidates(&smallest).into_iter().find(&mut differs) {
        smallest = smaller;
    }
    smallest
}

/// All valid programs that are one simplification smaller, the smallest first.
fn candidates(program: &Program) -> Vec<Program> {
    let size = weight(&program.root);
    let programs = lists(&program.root)
        .into_iter()
        .map(|root| Program { root }.numbered());
    let mut smaller: Vec<_> = programs
        .filter(|it| it.is_valid())
        .map(|it| (weight(&it.root), it))
        .filter(|(weight, _)| *weight < size)
        .collect();
    smaller.sort_by_key(|(weight, _)| *weight);
    smaller.into_iter().map(|(_, it)| it).collect()
}

/// What a program weighs: every simplification makes it lighter, so shrinking ends.
fn weight(steps: &[Step]) -> usize {
    let each = |step: &Step| match step {
        Step::Yield => 10,
        Step::Sleep(millis) => 12 + usize::from(*millis),
        Step::Interval { period, ticks } => 12 + usize::from(*period) + usize::from(*ticks),
        Step::Timeout { limit, sleep } => {
            let number = |it: &Option<u8>| it.map_or(6, usize::from);
            12 + number(limit) + number(sleep)
        }
        Step::Spawn {
            on,
            child,
            between,
            fate,
        } => {
            let end = match child.end {
                End::Value => 0,
                End::Panic => 1,
                End::Park => 2,
            };
            let pool = usize::from(*on == Place::Pool);
            20 + end + pool + rank(*fate) + weight(&child.steps) + weight(between)
        }
    };
    steps.iter().map(each).sum()
}

/// The plainer a fate is, the less it weighs.
fn rank(fate: Fate) -> usize {
    match fate {
        Fate::Join => 0,
        Fate::Drop => 1,
        Fate::Abort => 2,
        Fate::Detach | Fate::Cancel | Fate::AbortByHandle => 3,
        Fate::AbortOnDrop | Fate::JoinFinished | Fate::AbortFinished | Fate::SpawnDetached => 4,
        Fate::JoinWithin(within) => 5 + within.map_or(6, usize::from),
    }
}

/// Every list that differs from `steps` in one thing.
fn lists(steps: &[Step]) -> Vec<Vec<Step>> {
    let mut all = Vec::new();
    // Halves, quarters and so on down to single steps go first.
    let mut length = steps.len();
    while length > 0 {
        for at in (0..steps.len()).step_by(length) {
            let end = (at + length).min(steps.len());
            all.push([&steps[..at], &steps[end..]].concat());
        }
        length /= 2;
    }
    for (at, step) in steps.iter().enumerate() {
        for instead in replacements(step) {
            all.push([&steps[..at], &instead, &steps[at + 1..]].concat());
        }
    }
    all
}

/// What may stand for a step.
fn replacements(step: &Step) -> Vec<Vec<Step>> {
    match step {
        Step::Yield => Vec::new(),
        Step::Sleep(millis) => {
            let shorter = [0, 1, millis / 2].map(|it| vec![Step::Sleep(it)]);
            shorter.into_iter().chain([vec![Step::Yield]]).collect()
        }
        Step::Interval { period, ticks } => {
            let of = |period, ticks| vec![Step::Interval { period, ticks }];
            vec![of(1, 1), of(*period, ticks - 1), of(period - 1, *ticks)]
        }
        Step::Timeout { limit, sleep } => {
            let of = |limit, sleep| vec![Step::Timeout { limit, sleep }];
            let shorter = |it: &Option<u8>| it.map(|millis| millis / 2);
            let mut all = vec![of(shorter(limit), *sleep), of(*limit, shorter(sleep))];
            all.extend(limit.or(*sleep).map(|millis| vec![Step::Sleep(millis)]));
            all
        }
        Step::Spawn {
            on,
            child,
            between,
            fate,
        } => {
            let of = |on, steps, end, between, fate| {
                let child = Task { id: 0, steps, end };
                vec![Step::Spawn {
                    on,
                    child,
                    between,
                    fate,
                }]
            };
            let (on, end, fate) = (*on, child.end, *fate);
            let (inner, between) = (&child.steps, between);
            let mut all = vec![
                between.clone(),
                inner.clone(),
                [&inner[..], between].concat(),
            ];
            let less = |steps: &Vec<Step>| lists(steps);
            all.extend(
                less(inner)
                    .into_iter()
                    .map(|it| of(on, it, end, between.clone(), fate)),
            );
            all.extend(
                less(between)
                    .into_iter()
                    .map(|it| of(on, inner.clone(), end, it, fate)),
            );
            for plainer in [Fate::Join, Fate::Drop, Fate::Abort] {
                all.push(of(on, inner.clone(), end, between.clone(), plainer));
                all.push(of(on, inner.clone(), End::Value, between.clone(), plainer));
            }
            all.push(of(on, inner.clone(), End::Value, between.clone(), fate));
            all.push(of(
                Place::Executor,
                inner.clone(),
                end,
                between.clone(),
                fate,
            ));
            if let Fate::JoinWithin(Some(millis)) = fate {
                let shorter = Fate::JoinWithin(Some(millis / 2));
                all.push(of(on, inner.clone(), end, between.clone(), shorter));
            }
            all
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(steps: &[Step], seen: &dyn Fn(&Step) -> bool) -> bool {
        steps.iter().any(|step| {
            seen(step)
                || matches!(step, Step::Spawn { child, between, .. }
                    if has(&child.steps, seen) || has(between, seen))
        })
    }

    #[test]
    fn what_is_left_is_what_differs_and_no_more() {
        let wanted: &dyn Fn(&Step) -> bool = &|step| matches!(step, Step::Spawn { child, fate: Fate::Cancel, .. } if child.end == End::Park);
        let mut shrunk = 0;
        for seed in 0..300 {
            let program = Program::random(seed);
            if has(&program.root, wanted) {
                let small = shrink(program, |it| {
                    assert!(it.is_valid(), "{it:?}");
                    has(&it.root, wanted)
                });
                assert_eq!(small.len(), 1, "seed {seed}: {small:?}");
                shrunk += 1;
            }
        }
        assert!(shrunk > 10, "{shrunk}");
    }

    #[test]
    fn a_program_that_needs_everything_stays() {
        let program = Program::random(3);
        assert_eq!(shrink(program.clone(), |it| *it == program), program);
    }
}

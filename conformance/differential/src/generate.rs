//! Programs from seeds.

use super::program::{End, Fate, Place, Program, Step, Task};
use crate::kit::Random;

/// How many steps a program has at the most, its tasks' included, and those of closures not.
const STEPS: u64 = 24;
/// How deep tasks start tasks.
const DEPTH: u32 = 4;

impl Program {
    /// The program of `seed`: the same on every backend, and in every run.
    pub fn random(seed: u64) -> Self {
        let mut random = Random::new(seed);
        let budget = 3 + random.below(STEPS - 2);
        let mut source = Source { random, budget };
        let mut root = Vec::new();
        while source.budget > 0 {
            root.extend(source.step(0));
        }
        Self { root }.numbered()
    }
}

struct Source {
    random: Random,
    budget: u64,
}

impl Source {
    fn chance(&mut self, one_in: u64) -> bool {
        self.random.below(one_in) == 0
    }

    fn steps(&mut self, depth: u32) -> Vec<Step> {
        let wanted = self.random.below(4);
        (0..wanted).filter_map(|_| self.step(depth)).collect()
    }

    fn step(&mut self, depth: u32) -> Option<Step> {
        self.budget = self.budget.checked_sub(1)?;
        Some(match self.random.below(10) {
            0 => Step::Yield,
            1 => Step::Sleep(self.millis()),
            2 => Step::Interval {
                period: 1 + self.random.below(2) as u8,
                ticks: 1 + self.random.below(3) as u8,
            },
            3 => self.timeout(),
            4 => self.closure(depth),
            _ if depth < DEPTH => self.task(depth),
            _ => Step::Yield,
        })
    }

    fn millis(&mut self) -> u8 {
        self.random.below(5) as u8
    }

    fn timeout(&mut self) -> Step {
        let (limit, sleep) = (self.millis(), self.millis());
        let (limit, sleep) = match self.random.below(3) {
            0 => (None, Some(sleep)),
            1 => (Some(limit), None),
            _ => (Some(limit), Some(sleep)),
        };
        Step::Timeout { limit, sleep }
    }

    fn closure(&mut self, depth: u32) -> Step {
        let sleeps = self.random.below(2);
        let steps = (0..sleeps).map(|_| Step::Sleep(self.millis())).collect();
        let end = if self.chance(4) {
            End::Panic
        } else {
            End::Value
        };
        let fate = match self.fate(end) {
            Fate::SpawnDetached => Fate::Detach,
            fate => fate,
        };
        Step::Spawn {
            on: Place::Pool,
            child: Task { id: 0, steps, end },
            between: self.steps(depth),
            fate,
        }
    }

    fn task(&mut self, depth: u32) -> Step {
        let steps = self.steps(depth + 1);
        let end = match self.random.below(8) {
            0 | 1 => End::Panic,
            2 | 3 => End::Park,
            _ => End::Value,
        };
        Step::Spawn {
            on: Place::Executor,
            child: Task { id: 0, steps, end },
            between: self.steps(depth),
            fate: self.fate(end),
        }
    }

    fn fate(&mut self, end: End) -> Fate {
        let limit = if self.chance(2) && end != End::Park {
            None
        } else {
            Some(self.millis())
        };
        let fate = match self.random.below(14) {
            0..=2 => Fate::Join,
            3 => Fate::JoinFinished,
            4 => Fate::JoinWithin(limit),
            5 => Fate::Abort,
            6 => Fate::AbortByHandle,
            7 => Fate::Cancel,
            8 => Fate::AbortOnDrop,
            9 => Fate::Detach,
            10 | 11 => Fate::Drop,
            12 => Fate::AbortFinished,
            _ => Fate::SpawnDetached,
        };
        match fate {
            Fate::Join | Fate::JoinFinished | Fate::AbortFinished if end == End::Park => {
                Fate::Abort
            }
            fate => fate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_gives_a_valid_program_of_bounded_size() {
        for seed in 0..5_000 {
            let program = Program::random(seed);
            assert!(program.is_valid(), "seed {seed}: {program:?}");
            assert!(
                (3..=2 * STEPS as usize).contains(&program.len()),
                "seed {seed}"
            );
            assert!(program.without_pool().is_valid(), "seed {seed}");
        }
    }
}

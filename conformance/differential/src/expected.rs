use std::collections::BTreeMap;

use super::program::{End, Fate, Place, Program, Step, Task};

/// What may come out of one task of a program: the model that runtimes are compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// Whether it is started in any case, and its parent does with its handle what the program says; not so below a task
    /// that may be stopped.
    pub certain: bool,
    /// Whether it is a closure of the blocking pool.
    pub pool: bool,
    /// How it ends of itself.
    pub end: End,
    /// What awaiting its handle may give; empty where nobody does.
    pub joins: Vec<Seen>,
}

/// What awaiting a handle gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The task's output.
    Value,
    /// The task's panic, with its payload.
    Panic,
    /// That the task was cancelled.
    Cancelled,
    /// Nothing within the limit.
    Elapsed,
}

/// The model's answer for every task of `program`, by number.
pub fn expected(program: &Program) -> BTreeMap<u32, Expected> {
    let mut all = BTreeMap::new();
    visit(&program.root, true, &mut all);
    all
}

/// What a sleep under a time limit may give: the end of the sleep, and the passing of the limit; one of them where time is
/// virtual.
pub(crate) fn timeout(limit: Option<u8>, sleep: Option<u8>, is_virtual: bool) -> Vec<Seen> {
    match (limit, sleep) {
        // A sleep of no duration is ready at the first poll, and the value is polled before the limit.
        (_, Some(0)) | (None, _) => vec![Seen::Value],
        (_, None) => vec![Seen::Elapsed],
        // The sleep is the older one, and the value wins where both are due.
        (Some(limit), Some(sleep)) if is_virtual => {
            vec![if sleep <= limit {
                Seen::Value
            } else {
                Seen::Elapsed
            }]
        }
        // Both may be due by the time that anybody looks, and then the value wins.
        (Some(_), Some(_)) => vec![Seen::Value, Seen::Elapsed],
    }
}

/// What awaiting the handle of `child` may give.
pub(crate) fn joins(on: Place, child: &Task, fate: Fate) -> Vec<Seen> {
    let own = match child.end {
        End::Value => Some(Seen::Value),
        End::Panic => Some(Seen::Panic),
        End::Park => None,
    };
    let other = match fate {
        Fate::JoinWithin(Some(_)) => Some(Seen::Elapsed),
        // A closure that was submitted runs, whatever is done to its handle.
        fate if fate.aborts() && on == Place::Executor => Some(Seen::Cancelled),
        _ => None,
    };
    if fate.joins() {
        own.into_iter().chain(other).collect()
    } else {
        Vec::new()
    }
}

fn visit(steps: &[Step], certain: bool, all: &mut BTreeMap<u32, Expected>) {
    for step in steps {
        let Step::Spawn {
            on,
            child,
            between,
            fate,
        } = step
        else {
            continue;
        };
        all.insert(
            child.id,
            Expected {
                certain,
                pool: *on == Place::Pool,
                end: child.end,
                joins: joins(*on, child, *fate),
            },
        );
        let stopped = fate.aborts() && *on == Place::Executor;
        visit(&child.steps, certain && !stopped, all);
        visit(between, certain, all);
    }
}

//! The tasks that are ready, and which of them runs next.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use crate::rng::{Purpose, Rng};
use crate::schedule::choices::{Choice, Kept, Kind};
use crate::{Policy, TaskId};

/// Above this, memory is given back once the queue is empty.
const ROOMY: usize = 1024;

/// First priority of a task under [`Policy::Pct`]; change points and yields lie below.
const HIGH: u64 = 1 << 62;

pub(crate) struct Ready {
    rng: Rng,
    order: Order,
    /// Where choices are recorded or left out.
    queue: Option<Queue>,
}

/// The ready tasks in the order in which they became so, and how far a run differs from it.
struct Queue {
    tasks: VecDeque<TaskId>,
    /// Decides instead of the policy.
    kept: Option<Arc<Kept>>,
    /// The time of the last turn, and how many there were at that time.
    last: (u64, u64),
    made: Option<(Choice, TaskId, TaskId)>,
}

enum Order {
    Random(VecDeque<TaskId>),
    Fifo(VecDeque<TaskId>),
    Lifo(VecDeque<TaskId>),
    Pct(Pct),
}

struct Pct {
    ready: BTreeSet<(u64, TaskId)>,
    priorities: BTreeMap<TaskId, u64>,
    /// Steps at which a task falls, the next one last.
    changes: Vec<u64>,
    step: u64,
    /// What the next task that falls gets: lower than any before.
    lowest: u64,
}

impl Ready {
    pub(crate) fn new(seed: u64, policy: Policy, record: bool, kept: Option<&Arc<Kept>>) -> Self {
        let mut rng = Rng::stream(seed, Purpose::SCHEDULE);
        let order = match policy {
            Policy::Random => Order::Random(VecDeque::new()),
            Policy::Fifo => Order::Fifo(VecDeque::new()),
            Policy::Lifo => Order::Lifo(VecDeque::new()),
            Policy::Pct { depth } => Order::Pct(Pct::new(&mut rng, depth)),
        };
        let queue = (record || kept.is_some()).then(|| Queue {
            tasks: VecDeque::new(),
            kept: kept.cloned(),
            last: (0, 0),
            made: None,
        });
        Self { rng, order, queue }
    }

    /// Adds a task that is not in here; `yielded` when it woke itself while it was polled.
    #[inline]
    pub(crate) fn push(&mut self, task: TaskId, yielded: bool) {
        if let Some(queue) = &mut self.queue {
            queue.tasks.push_back(task);
        }
        match &mut self.order {
            Order::Random(queue) | Order::Fifo(queue) => queue.push_back(task),
            Order::Lifo(queue) if yielded => queue.push_front(task),
            Order::Lifo(queue) => queue.push_back(task),
            Order::Pct(pct) => pct.push(&mut self.rng, task, yielded),
        }
    }

    /// Takes the task that runs next, at `now`.
    #[inline]
    pub(crate) fn pop(&mut self, now: u64) -> Option<TaskId> {
        if let Some(task) = self.queue.as_mut().and_then(|queue| queue.pop_kept(now)) {
            self.order_remove(task);
            return Some(task);
        }
        let task = self.pop_drawn();
        if let (Some(queue), Some(task)) = (&mut self.queue, task) {
            queue.note(task, now);
        }
        task
    }

    /// The choice of the last [`pop`](Self::pop), if it was one: with the task that runs, and the one that was ready for longest.
    pub(crate) fn take_made(&mut self) -> Option<(Choice, TaskId, TaskId)> {
        self.queue.as_mut()?.made.take()
    }

    #[inline]
    fn pop_drawn(&mut self) -> Option<TaskId> {
        match &mut self.order {
            Order::Random(queue) => {
                let drawn = match queue.len() {
                    0 => 0,
                    ready => self.rng.below(ready as u64) as usize,
                };
                shrink(queue);
                queue.swap_remove_back(drawn)
            }
            Order::Fifo(queue) => {
                shrink(queue);
                queue.pop_front()
            }
            Order::Lifo(queue) => {
                shrink(queue);
                queue.pop_back()
            }
            Order::Pct(pct) => pct.pop(),
        }
    }

    /// Forgets a task that has ended.
    pub(crate) fn forget(&mut self, task: TaskId) {
        if let Order::Pct(pct) = &mut self.order {
            pct.priorities.remove(&task);
        }
    }

    /// Takes a task off that may be in here.
    pub(crate) fn remove(&mut self, task: TaskId) {
        if let Some(queue) = &mut self.queue {
            queue.tasks.retain(|&other| other != task);
        }
        self.order_remove(task);
    }

    fn order_remove(&mut self, task: TaskId) {
        match &mut self.order {
            Order::Random(queue) | Order::Fifo(queue) | Order::Lifo(queue) => {
                queue.retain(|&other| other != task);
            }
            Order::Pct(pct) => pct.ready.retain(|&(_, other)| other != task),
        }
    }

    pub(crate) fn has_any(&self) -> bool {
        match &self.order {
            Order::Random(queue) | Order::Fifo(queue) | Order::Lifo(queue) => !queue.is_empty(),
            Order::Pct(pct) => !pct.ready.is_empty(),
        }
    }

    pub(crate) fn clear(&mut self) {
        if let Some(queue) = &mut self.queue {
            queue.tasks.clear();
        }
        match &mut self.order {
            Order::Random(queue) | Order::Fifo(queue) | Order::Lifo(queue) => queue.clear(),
            Order::Pct(pct) => {
                pct.ready.clear();
                pct.priorities.clear();
            }
        }
    }
}

impl Queue {
    /// Takes the next task, where the choices that are kept decide.
    fn pop_kept(&mut self, now: u64) -> Option<TaskId> {
        let kept = (self.kept.as_ref()).filter(|kept| !kept.has_all(Kind::Schedule))?;
        let first = *self.tasks.front()?;
        let task = kept.task(now, self.turn(now));
        let place = task.and_then(|task| self.tasks.iter().position(|it| it.number() == task));
        let task = self.tasks.remove(place.unwrap_or(0))?;
        self.choose(task, first, now);
        Some(task)
    }

    /// Takes the task that the policy drew.
    fn note(&mut self, task: TaskId, now: u64) {
        let Some(&first) = self.tasks.front() else {
            return;
        };
        if let Some(place) = self.tasks.iter().position(|&other| other == task) {
            self.tasks.remove(place);
            self.choose(task, first, now);
        }
    }

    /// How many turns there were before at this time.
    fn turn(&self, now: u64) -> u64 {
        match self.last {
            (time, turns) if time == now => turns,
            _ => 0,
        }
    }

    fn choose(&mut self, task: TaskId, first: TaskId, now: u64) {
        let turn = self.turn(now);
        let choice = Choice {
            kind: Kind::Schedule,
            number: now,
            turn,
            task: task.number(),
        };
        self.last = (now, turn + 1);
        self.made = (task != first).then_some((choice, task, first));
    }
}

fn shrink(queue: &mut VecDeque<TaskId>) {
    if queue.is_empty() && queue.capacity() > ROOMY {
        queue.shrink_to(0);
    }
}

impl Pct {
    fn new(rng: &mut Rng, depth: u32) -> Self {
        let horizon = 1 << rng.range(4..17);
        let mut changes: Vec<u64> = (1..depth).map(|_| rng.range(1..horizon + 1)).collect();
        changes.sort_unstable_by(|a, b| b.cmp(a));
        Self {
            ready: BTreeSet::new(),
            priorities: BTreeMap::new(),
            changes,
            step: 0,
            lowest: HIGH,
        }
    }

    fn push(&mut self, rng: &mut Rng, task: TaskId, yielded: bool) {
        let priority = if yielded {
            let lowest = self.lower();
            self.priorities.insert(task, lowest);
            lowest
        } else {
            // The task's number breaks a tie between equal draws.
            *self
                .priorities
                .entry(task)
                .or_insert_with(|| HIGH + (rng.u64() >> 2))
        };
        self.ready.insert((priority, task));
    }

    fn pop(&mut self) -> Option<TaskId> {
        let mut next = self.ready.pop_last()?;
        self.step += 1;
        while self.changes.last().is_some_and(|&at| at <= self.step) {
            self.changes.pop();
            let lowest = self.lower();
            self.priorities.insert(next.1, lowest);
            self.ready.insert((lowest, next.1));
            next = self.ready.pop_last()?;
        }
        Some(next.1)
    }

    fn lower(&mut self) -> u64 {
        self.lowest -= 1;
        self.lowest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(policy: Policy, seed: u64) -> Vec<u64> {
        let mut ready = Ready::new(seed, policy, false, None);
        for task in 0..6 {
            ready.push(TaskId::new(task), false);
        }
        std::iter::from_fn(|| ready.pop(0))
            .map(|id| id.number())
            .collect()
    }

    #[test]
    fn fifo_and_lifo_are_what_they_say() {
        assert_eq!(order(Policy::Fifo, 1), [0, 1, 2, 3, 4, 5]);
        assert_eq!(order(Policy::Lifo, 1), [5, 4, 3, 2, 1, 0]);
    }

    #[test]
    fn a_yield_goes_to_the_back_of_lifo_and_to_the_bottom_of_pct() {
        for policy in [Policy::Lifo, Policy::Pct { depth: 1 }] {
            let mut ready = Ready::new(1, policy, false, None);
            for task in 0..3 {
                ready.push(TaskId::new(task), task == 1);
            }
            ready.pop(0);
            ready.pop(0);
            assert_eq!(ready.pop(0), Some(TaskId::new(1)), "{policy}");
        }
    }

    #[test]
    fn seeds_decide_random_and_pct() {
        for policy in [Policy::Random, Policy::Pct { depth: 3 }] {
            let orders: BTreeSet<_> = (0..50).map(|seed| order(policy, seed)).collect();
            assert!(orders.len() > 30, "{policy}: {}", orders.len());
            assert_eq!(order(policy, 3), order(policy, 3));
            assert!(orders.iter().all(|order| {
                let mut sorted = order.clone();
                sorted.sort_unstable();
                sorted == [0, 1, 2, 3, 4, 5]
            }));
        }
    }

    #[test]
    fn pct_lets_a_task_stay_behind() {
        // Two tasks that are ready again at once: a priority decides, not a coin for each step.
        let mut runs = Vec::new();
        for seed in 0..20 {
            let mut ready = Ready::new(seed, Policy::Pct { depth: 1 }, false, None);
            ready.push(TaskId::new(0), false);
            ready.push(TaskId::new(1), false);
            let first = ready.pop(0).expect("two are ready");
            let mut run = 1;
            ready.push(first, false);
            while run < 100 && ready.pop(0) == Some(first) {
                ready.push(first, false);
                run += 1;
            }
            runs.push(run);
        }
        assert!(runs.iter().all(|&run| run == 100), "{runs:?}");
    }
}

use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::report::count::Count;
use crate::report::label::Label;
use crate::report::trace::{Log, Record};
use crate::{Event, EventKind};

/// How many events before the first difference are shown.
const BEFORE: usize = 8;

/// Where two runs under one seed parted; see [`Check::compare`](crate::Check::compare).
///
/// Its `Display` shows the events before, the two that differ, the task that ran then, where these tasks were spawned, and what usually
/// causes such a difference.
///
/// # Examples
///
/// ```
/// use std::cell::Cell;
/// use anyrt_core::yield_now;
/// use anyrt_sim::Check;
///
/// let runs = Cell::new(0);
/// let divergence = Check::new().compare(0, |_| async {
///     runs.set(runs.get() + 1);
///     for _ in 0..runs.get() {
///         yield_now().await;
///     }
/// }).unwrap_err();
/// assert!(divergence.to_string().contains("two runs under seed 0 differ"));
/// ```
#[derive(Clone)]
pub struct Divergence(Box<Parting>);

#[derive(Clone)]
struct Parting {
    seed: u64,
    index: usize,
    before: Vec<Event>,
    /// The poll before the difference: what that did is not the same in both runs.
    running: Option<Located>,
    first: Option<Located>,
    second: Option<Located>,
}

/// An event, and where its task was spawned.
type Located = (Event, Option<&'static Location<'static>>);

impl Divergence {
    pub(crate) fn between(seed: u64, first: Log, second: Log) -> Result<(), Self> {
        let (one, two) = (&first.events, &second.events);
        let index = one.iter().zip(two).take_while(|(a, b)| a == b).count();
        if index == one.len() && index == two.len() {
            return Ok(());
        }
        let event = |log: &Log, record: Record| -> Located {
            let task = usize::try_from(record.task.number()).ok();
            match task.and_then(|task| log.tasks.get(task)) {
                Some((location, label)) => (Event::new(record, label.clone()), Some(location)),
                None => (Event::new(record, Label::default()), None),
            }
        };
        let at = |log: &Log| Some(event(log, *log.events.get(index)?));
        let before = &one[index.saturating_sub(BEFORE)..index];
        let is_poll = |record: &&Record| record.kind == EventKind::Polled;
        let running = one[..index].iter().rev().find(is_poll);
        Err(Self(Box::new(Parting {
            seed,
            index,
            running: running.map(|&it| event(&first, it)),
            before: before.iter().map(|&it| event(&first, it).0).collect(),
            first: at(&first),
            second: at(&second),
        })))
    }

    /// What usually makes two runs part as these did, the likeliest first.
    fn suspects(&self) -> impl Iterator<Item = &'static str> {
        const ORDER: &str = "an order: `futures::select!` without `select_biased!` and `tokio::select!` without `biased;`, which \
                             draw from generators of their own; `tokio::sync::watch` and what else wakes its waiters from random \
                             shards; the iteration of a `HashMap` or a `HashSet`";
        const DURATION: &str = "a duration: a jitter that is drawn from `rand` or `fastrand` and not from `Sim::rng`; a deadline \
                                that is taken from `Instant::now()` or `SystemTime::now()` and not from the runtime";
        const SHARED: &str = "what the two runs share: a `static`, a thread-local, a cache that the first run has filled";
        let suspects = match (&self.0.first, &self.0.second) {
            (Some((first, _)), Some((second, _))) => {
                let is_alike = first.kind() == second.kind();
                match (is_alike, first.time() == second.time()) {
                    // The same was done, and took another time.
                    (true, false) => [DURATION, SHARED, ORDER],
                    // Another task was next.
                    (true, true) => [ORDER, SHARED, DURATION],
                    // The task that ran did something else: it took another branch.
                    (false, _) => [ORDER, SHARED, DURATION],
                }
            }
            _ => [SHARED, ORDER, DURATION],
        };
        suspects.into_iter()
    }

    /// How many events the runs have in common.
    pub fn index(&self) -> usize {
        self.0.index
    }

    /// The event of the first run, or `None` where it had ended.
    pub fn first(&self) -> Option<Event> {
        self.0.first.as_ref().map(|(event, _)| event.clone())
    }

    /// The event of the second run, or `None` where it had ended.
    pub fn second(&self) -> Option<Event> {
        self.0.second.as_ref().map(|(event, _)| event.clone())
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parting {
            seed,
            index,
            before,
            running,
            first,
            second,
        } = &*self.0;
        writeln!(
            f,
            "two runs under seed {seed} differ after {}: something outside the simulation has a say",
            Count(*index as u64, "event")
        )?;
        for event in before {
            writeln!(f, "    {event}")?;
        }
        for (run, event) in [("first", first), ("second", second)] {
            match event {
                // A clock is nobody's task.
                Some((event, Some(location))) if !is_of_a_clock(event) => {
                    writeln!(f, "  the {run} run: {event}, spawned at {location}")?;
                }
                Some((event, _)) => writeln!(f, "  the {run} run: {event}")?,
                None => writeln!(f, "  the {run} run had ended")?,
            }
        }
        if let Some((event, location)) = running {
            write!(f, "  the task that ran then: {event}")?;
            match location {
                Some(location) => writeln!(f, ", spawned at {location}")?,
                None => writeln!(f)?,
            }
        }
        writeln!(f, "  suspects, the likeliest first:")?;
        for suspect in self.suspects() {
            writeln!(f, "    {suspect}")?;
        }
        Ok(())
    }
}

fn is_of_a_clock(event: &Event) -> bool {
    matches!(event.kind(), EventKind::Advanced | EventKind::WallClockSet)
}

impl fmt::Debug for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Divergence(seed {}, event {})",
            self.0.seed, self.0.index
        )
    }
}

impl Error for Divergence {}

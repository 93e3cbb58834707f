use std::error::Error;
use std::fmt;
use std::panic::Location;

use crate::Event;
use crate::report::label::Label;
use crate::report::trace::{Log, Record};

/// How many events before the first difference are shown.
const BEFORE: usize = 8;

/// Where two runs under one seed parted; see [`Check::compare`](crate::Check::compare).
///
/// Its `Display` shows the events before, the two that differ, and where their tasks were spawned.
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
pub struct Divergence {
    seed: u64,
    index: usize,
    before: Vec<Event>,
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
        Err(Self {
            seed,
            index,
            before: before.iter().map(|&it| event(&first, it).0).collect(),
            first: at(&first),
            second: at(&second),
        })
    }

    /// How many events the runs have in common.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The event of the first run, or `None` where it had ended.
    pub fn first(&self) -> Option<Event> {
        self.first.as_ref().map(|(event, _)| event.clone())
    }

    /// The event of the second run, or `None` where it had ended.
    pub fn second(&self) -> Option<Event> {
        self.second.as_ref().map(|(event, _)| event.clone())
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seed,
            index,
            before,
            first,
            second,
        } = self;
        writeln!(
            f,
            "two runs under seed {seed} differ after {index} events: something outside the simulation has a say"
        )?;
        for event in before {
            writeln!(f, "    {event}")?;
        }
        for (run, event) in [("first", first), ("second", second)] {
            match event {
                Some((event, Some(location))) => {
                    writeln!(f, "  the {run} run: {event}, spawned at {location}")?;
                }
                Some((event, None)) => writeln!(f, "  the {run} run: {event}")?,
                None => writeln!(f, "  the {run} run had ended")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Divergence(seed {}, event {})", self.seed, self.index)
    }
}

impl Error for Divergence {}

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::Entry;

/// Sees what all nodes and clients of a system do, and reports the first thing that must not be.
///
/// - A term is won once: by one node, and by one start of it.
/// - A committed entry never changes, and all nodes commit the same.
/// - A value is applied at one place, the same everywhere, and at no other.
/// - What was acknowledged is applied.
/// - A read shows all that was acknowledged, and all that another read showed, before it began.
pub struct Watch {
    seen: Mutex<Seen>,
    report: Box<dyn Fn(String) + Send + Sync>,
    clock: Box<dyn Fn() -> Duration + Send + Sync>,
    mark: Box<dyn Fn(Mark) + Send + Sync>,
}

/// What a node did at an earlier time, and what a report goes back to.
#[derive(Debug)]
pub struct Mark {
    /// The node.
    pub node: usize,
    /// When, as the clock of [`Watch::marking`] said.
    pub at: Duration,
    /// What it did.
    pub what: String,
}

#[derive(Debug, Default)]
struct Seen {
    leaders: BTreeMap<u64, (usize, u64)>,
    /// The entries, and who committed each first, and when.
    committed: Vec<(Entry, usize, Duration)>,
    /// The entries that nodes took out of their logs and put nothing equal in their places.
    lost: Vec<Lost>,
    marks: Vec<Mark>,
    applied: Vec<(u64, usize)>,
    places: BTreeMap<u64, usize>,
    /// How many values the next read shows at least.
    floor: usize,
    acknowledged: usize,
    reads: usize,
}

#[derive(Debug)]
struct Lost {
    node: usize,
    at: Duration,
    place: usize,
    entry: Entry,
    /// How many entries the node kept.
    keep: usize,
}

impl Watch {
    /// Calls `report` with a sentence for what must not be.
    pub fn new(report: impl Fn(String) + Send + Sync + 'static) -> Self {
        Self {
            seen: Mutex::default(),
            report: Box::new(report),
            clock: Box::new(|| Duration::ZERO),
            mark: Box::new(|_| ()),
        }
    }

    /// Says with `clock` when something happened, and calls `mark`, before the report, with what led to it.
    pub fn marking(
        mut self,
        clock: impl Fn() -> Duration + Send + Sync + 'static,
        mark: impl Fn(Mark) + Send + Sync + 'static,
    ) -> Self {
        (self.clock, self.mark) = (Box::new(clock), Box::new(mark));
        self
    }

    /// How many terms were won, writes acknowledged, and reads answered.
    pub fn totals(&self) -> (usize, usize, usize) {
        self.see(|seen| Ok((seen.leaders.len(), seen.acknowledged, seen.reads)))
            .unwrap_or_default()
    }

    /// Which node won the last term.
    pub fn leader(&self) -> Option<usize> {
        self.see(|seen| Ok(seen.leaders.values().next_back().map(|(node, _)| *node)))?
    }

    fn see<T>(&self, check: impl FnOnce(&mut Seen) -> Result<T, String>) -> Option<T> {
        // The report may panic, and must not do so under the lock.
        let (checked, marks) = {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            (check(&mut seen), std::mem::take(&mut seen.marks))
        };
        marks.into_iter().for_each(&self.mark);
        checked.map_err(|what| (self.report)(what)).ok()
    }

    pub(super) fn elected(&self, node: usize, starts: u64, term: u64) {
        self.see(|seen| match seen.leaders.insert(term, (node, starts)) {
            None => Ok(()),
            Some((first, _)) if first == node => Err(format!(
                "two leaders in term {term}: n{node} won it, and again after a restart"
            )),
            Some((first, _)) => Err(format!("two leaders in term {term}: n{first} and n{node}")),
        });
    }

    pub(super) fn committed(&self, node: usize, place: usize, entry: &Entry) {
        let now = (self.clock)();
        self.see(|seen| match seen.committed.get(place - 1).copied() {
            None => {
                seen.committed.push((*entry, node, now));
                Ok(())
            }
            Some((known, ..)) if known == *entry => Ok(()),
            Some((known, first, at)) => {
                seen.mark_losses(place, &known);
                let what = format!("committed place {place}: {known:?}");
                seen.marks.push(Mark { node: first, at, what });
                Err(format!(
                    "a committed entry changed: at place {place}, n{first} committed {known:?}, and n{node} commits {entry:?}"
                ))
            }
        });
    }

    /// A node keeps so many entries of its log, and puts the entries `new` in place of `old`, which came after them.
    pub(super) fn replaced(&self, node: usize, keep: usize, old: &[Entry], new: &[Entry]) {
        let at = (self.clock)();
        self.see(|seen| {
            for (index, entry) in old.iter().enumerate() {
                if new.get(index) != Some(entry) {
                    seen.lost.push(Lost {
                        node,
                        at,
                        place: keep + index + 1,
                        entry: *entry,
                        keep,
                    });
                }
            }
            Ok(())
        });
    }

    pub(super) fn applied(&self, node: usize, place: usize, value: u64) {
        self.see(|seen| match seen.applied.get(place - 1) {
            Some((known, _)) if *known == value => Ok(()),
            Some((known, first)) => Err(format!(
                "two nodes differ: value {place} is {known} on n{first} and {value} on n{node}"
            )),
            None => {
                seen.applied.push((value, node));
                match seen.places.insert(value, place) {
                    None => Ok(()),
                    Some(first) => Err(format!(
                        "applied twice: {value} is value {first} and value {place}"
                    )),
                }
            }
        });
    }

    /// A client was told that its value is written.
    pub fn acknowledged(&self, value: u64) {
        self.see(|seen| {
            seen.acknowledged += 1;
            let place = seen.places.get(&value);
            let place = place.ok_or(format!(
                "{value} was acknowledged, and no node has applied it"
            ))?;
            seen.floor = seen.floor.max(*place);
            Ok(())
        });
    }

    /// A client is about to read. Returns how many values it has to see.
    pub fn read_begins(&self) -> usize {
        self.see(|seen| Ok(seen.floor)).unwrap_or_default()
    }

    /// A client has read that there are so many values, and which is the last.
    pub fn read_ends(&self, floor: usize, length: usize, last: u64) {
        self.see(|seen| {
            seen.reads += 1;
            if length < floor {
                return Err(format!(
                    "a stale read: it shows {length} values, and {floor} were known before it began"
                ));
            }
            seen.floor = seen.floor.max(length);
            match length
                .checked_sub(1)
                .and_then(|index| seen.applied.get(index))
            {
                Some((known, _)) if *known != last => Err(format!(
                    "a wrong read: value {length} is {known}, and it shows {last}"
                )),
                _ => Ok(()),
            }
        });
    }
}

impl Seen {
    /// Marks where nodes lost an entry that was committed.
    fn mark_losses(&mut self, place: usize, entry: &Entry) {
        let lost = self.lost.iter();
        for lost in lost.filter(|lost| (lost.place, &lost.entry) == (place, entry)) {
            let (node, at, keep) = (lost.node, lost.at, lost.keep);
            let what =
                format!("cut its log behind place {keep}, and lost place {place}: {entry:?}");
            self.marks.push(Mark { node, at, what });
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch")
            .field("seen", &self.seen)
            .finish_non_exhaustive()
    }
}

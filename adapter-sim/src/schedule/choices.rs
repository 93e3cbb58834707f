//! The choices of a seed that differ from the plainest course, and which of them a run keeps: what a search for a shorter run leaves out.
//!
//! The plainest course lets tasks run in the order in which they became ready, is never late, loses nothing, strikes no faults, and every
//! message takes the shortest time. A choice is known by its kind and by which draw of its kind it was, so leaving one out shifts
//! no other. A turn of the schedule is known by its virtual time: a fault that is left out takes away steps, and hardly ever time. Draws are made all the same, so that the streams of numbers stay in step.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::TaskId;

/// What a choice is about, in the order in which a search tries to do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// A fault of `Network::faults`.
    Strike,
    /// `Sim::chance` said yes.
    Chance,
    /// The network lost, doubled, reordered, corrupted or refused something, did less than it could, or a disk failed.
    Network,
    /// A sleep was late.
    Late,
    /// Messages take different times. One choice for all of them.
    Latency,
    /// Another task ran than the one that was ready for longest.
    Schedule,
}

impl Kind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Strike,
        Self::Chance,
        Self::Network,
        Self::Late,
        Self::Latency,
        Self::Schedule,
    ];

    /// Tells whether it is something that went wrong, and not only another order or another time.
    pub(crate) fn is_fault(self) -> bool {
        matches!(self, Self::Strike | Self::Chance | Self::Network)
    }

    fn letter(self) -> char {
        match self {
            Self::Strike => 'f',
            Self::Chance => 'c',
            Self::Network => 'n',
            Self::Late => 'l',
            Self::Latency => 'v',
            Self::Schedule => 's',
        }
    }
}

/// As a report has it.
impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Strike => "a fault of `Network::faults` struck",
            Self::Chance => "`Sim::chance` said yes",
            Self::Network => {
                "a message was lost, doubled, late, corrupted or refused, or a read, write or disk did less than it could"
            }
            Self::Late => "a sleep was late",
            Self::Latency => "messages took different times, from here on",
            Self::Schedule => "a task ran before another that was ready for longer",
        })
    }
}

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Choice {
    pub(crate) kind: Kind,
    /// Which draw of its kind; of a schedule, when.
    pub(crate) number: u64,
    /// Of a schedule: after how many other turns at that time.
    pub(crate) turn: u64,
    /// Of a schedule: the task that runs, if it is ready. Its number holds where a place among the ready tasks would not, once other
    /// choices are left out.
    pub(crate) task: u64,
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.letter(), self.number)?;
        if self.kind != Kind::Schedule {
            return Ok(());
        }
        match self.turn {
            0 => write!(f, ".{}", self.task),
            turn => write!(f, "+{turn}.{}", self.task),
        }
    }
}

/// The choices that a run keeps; it does without all others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kept {
    choices: BTreeMap<(Kind, u64, u64), u64>,
    /// Of these kinds, all choices of the seed are kept: for a search, and written nowhere.
    free: &'static [Kind],
}

impl Kept {
    /// With all choices of some kinds, whichever the seed makes.
    pub(crate) fn with_all(mut self, kinds: &'static [Kind]) -> Self {
        self.free = kinds;
        self
    }

    /// Tells whether all choices of a kind are kept.
    pub(crate) fn has_all(&self, kind: Kind) -> bool {
        self.free.contains(&kind)
    }

    /// The task that runs at this turn of this time, if that is a choice that is kept.
    pub(crate) fn task(&self, time: u64, turn: u64) -> Option<u64> {
        self.choices.get(&(Kind::Schedule, time, turn)).copied()
    }

    fn keeps(&self, kind: Kind, number: u64) -> bool {
        self.has_all(kind) || self.choices.contains_key(&(kind, number, 0))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Choice> {
        let all = self.choices.iter();
        all.map(|(&(kind, number, turn), &task)| Choice {
            kind,
            number,
            turn,
            task,
        })
    }
}

impl FromIterator<Choice> for Kept {
    fn from_iter<I: IntoIterator<Item = Choice>>(choices: I) -> Self {
        let choices = choices.into_iter();
        Self {
            choices: choices
                .map(|it| ((it.kind, it.number, it.turn), it.task))
                .collect(),
            free: &[],
        }
    }
}

/// As the environment has them: `f3-s12.1-s40.2`, or `none`.
impl fmt::Display for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<_> = self.iter().map(|choice| choice.to_string()).collect();
        match all.is_empty() {
            true => f.write_str("none"),
            false => f.write_str(&all.join("-")),
        }
    }
}

impl FromStr for Kept {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        if text == "none" {
            return Ok(Self::default());
        }
        let choice = |text: &str| {
            let mut letters = text.chars();
            let letter = letters.next().ok_or(())?;
            let kind = Kind::ALL.into_iter().find(|kind| kind.letter() == letter);
            let (number, task) = match letters.as_str().split_once('.') {
                Some((number, task)) => (number, task.parse().map_err(|_| ())?),
                None => (letters.as_str(), 0),
            };
            let (number, turn) = match number.split_once('+') {
                Some((number, turn)) => (number, turn.parse().map_err(|_| ())?),
                None => (number, 0),
            };
            let number = number.parse().map_err(|_| ())?;
            let kind = kind.ok_or(())?;
            Ok(Choice {
                kind,
                number,
                turn,
                task,
            })
        };
        text.split('-').map(choice).collect()
    }
}

/// A choice that was made, for the report.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    pub(crate) choice: Choice,
    pub(crate) time: u64,
    /// The task that ran, and the one that would have.
    pub(crate) tasks: Option<(TaskId, TaskId)>,
    /// Which one it was, where there are words for it.
    pub(crate) what: Option<Arc<str>>,
}

/// The choices of a run: nothing, unless they are recorded or some are left out.
#[derive(Default)]
pub(crate) struct Choices {
    on: Option<Box<On>>,
}

struct On {
    kept: Option<Arc<Kept>>,
    draws: BTreeMap<Kind, u64>,
    made: Vec<Made>,
    latency_is_made: bool,
}

impl Choices {
    pub(crate) fn new(record: bool, kept: Option<&Arc<Kept>>) -> Self {
        let on = (record || kept.is_some()).then(|| {
            Box::new(On {
                kept: kept.cloned(),
                draws: BTreeMap::new(),
                made: Vec::new(),
                latency_is_made: false,
            })
        });
        Self { on }
    }

    /// Counts a draw, which chose to differ or did not; tells whether the run does.
    #[inline]
    pub(crate) fn keeps(&mut self, kind: Kind, differs: bool, time: u64) -> bool {
        match &mut self.on {
            None => differs,
            Some(on) => on.keeps(kind, differs, time),
        }
    }

    /// Says what the last choice was that was made. Words are found only where somebody keeps them.
    pub(crate) fn describe_last(&mut self, words: impl FnOnce() -> String) {
        if let Some(made) = self.on.as_mut().and_then(|on| on.made.last_mut()) {
            made.what = Some(words().into());
        }
    }

    /// The choices that were made.
    pub(crate) fn made(&self) -> &[Made] {
        self.on.as_ref().map_or(&[], |on| &on.made)
    }
}

impl On {
    fn keeps(&mut self, kind: Kind, differs: bool, time: u64) -> bool {
        let draws = self.draws.entry(kind).or_default();
        let number = *draws;
        // Latencies are one choice.
        if kind != Kind::Latency {
            *draws += 1;
        }
        let kept = (self.kept.as_ref()).is_none_or(|kept| kept.keeps(kind, number));
        let differs = differs && kept;
        let is_known = kind == Kind::Latency && self.latency_is_made;
        self.latency_is_made |= kind == Kind::Latency && differs;
        if differs && !is_known {
            let (turn, task) = (0, 0);
            self.made.push(Made {
                choice: Choice {
                    kind,
                    number,
                    turn,
                    task,
                },
                time,
                tasks: None,
                what: None,
            });
        }
        differs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_as_it_is_written() {
        for text in ["none", "f3", "f3-c0-n17-l2-v0-s12.1-s12+1.3-s40.2"] {
            let kept: Kept = text.parse().expect("it is well written");
            assert_eq!(kept.to_string(), text);
        }
        for text in ["", "x1", "f", "s1.", "f1--f2", "f-1", "3", "s1+.2"] {
            assert_eq!(text.parse::<Kept>(), Err(()), "{text}");
        }
    }

    #[test]
    fn of_a_kind_that_is_free_all_choices_are_kept() {
        let kept: Kept = "c2".parse().expect("it is well written");
        let kept = Arc::new(kept.with_all(&[Kind::Late]));
        let mut choices = Choices::new(false, Some(&kept));
        let draws = [Kind::Chance, Kind::Late, Kind::Chance, Kind::Late];
        let run = draws.map(|kind| choices.keeps(kind, true, 0));
        assert_eq!(run, [false, true, false, true]);
    }

    #[test]
    fn a_choice_that_is_left_out_shifts_no_other() {
        let kept = Arc::new("c2".parse().expect("it is well written"));
        let mut choices = Choices::new(false, Some(&kept));
        let draws = [true, false, true, true];
        let run = draws.map(|differs| choices.keeps(Kind::Chance, differs, 0));
        assert_eq!(run, [false, false, true, false]);
        assert_eq!(choices.made().len(), 1);
    }
}

//! What is said between nodes and clients: a line of words each.

use std::fmt;
use std::str::{FromStr, SplitAsciiWhitespace};

use super::Entry;

#[derive(Clone, Debug)]
pub(super) enum Request {
    Vote {
        term: u64,
        candidate: usize,
        last: usize,
        last_term: u64,
    },
    Append {
        term: u64,
        leader: usize,
        prev: usize,
        prev_term: u64,
        commit: usize,
        entries: Vec<Entry>,
    },
    Write {
        client: u64,
        number: u64,
        value: u64,
    },
    Read,
}

#[derive(Clone, Debug)]
pub(super) enum Answer {
    Voted {
        term: u64,
        granted: bool,
    },
    Appended {
        term: u64,
        agrees: bool,
        last: usize,
    },
    Written,
    Value {
        length: usize,
        last: u64,
    },
    /// Ask this node, or any other.
    Elsewhere {
        leader: Option<usize>,
    },
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Vote {
                term,
                candidate,
                last,
                last_term,
            } => write!(f, "vote {term} {candidate} {last} {last_term}"),
            Self::Append {
                term,
                leader,
                prev,
                prev_term,
                commit,
                entries,
            } => {
                write!(f, "append {term} {leader} {prev} {prev_term} {commit}")?;
                entries.iter().try_for_each(|entry| write!(f, " {entry}"))
            }
            Self::Write {
                client,
                number,
                value,
            } => write!(f, "write {client} {number} {value}"),
            Self::Read => f.write_str("read"),
        }
    }
}

impl FromStr for Request {
    type Err = ();

    fn from_str(line: &str) -> Result<Self, ()> {
        let mut words = line.split_ascii_whitespace();
        Ok(match words.next().ok_or(())? {
            "vote" => Self::Vote {
                term: next(&mut words)?,
                candidate: next(&mut words)?,
                last: next(&mut words)?,
                last_term: next(&mut words)?,
            },
            "append" => Self::Append {
                term: next(&mut words)?,
                leader: next(&mut words)?,
                prev: next(&mut words)?,
                prev_term: next(&mut words)?,
                commit: next(&mut words)?,
                entries: words.map(str::parse).collect::<Result<_, _>>()?,
            },
            "write" => Self::Write {
                client: next(&mut words)?,
                number: next(&mut words)?,
                value: next(&mut words)?,
            },
            "read" => Self::Read,
            _ => return Err(()),
        })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Voted { term, granted } => write!(f, "voted {term} {granted}"),
            Self::Appended { term, agrees, last } => write!(f, "appended {term} {agrees} {last}"),
            Self::Written => f.write_str("written"),
            Self::Value { length, last } => write!(f, "value {length} {last}"),
            Self::Elsewhere { leader: Some(node) } => write!(f, "elsewhere {node}"),
            Self::Elsewhere { leader: None } => f.write_str("elsewhere"),
        }
    }
}

impl FromStr for Answer {
    type Err = ();

    fn from_str(line: &str) -> Result<Self, ()> {
        let mut words = line.split_ascii_whitespace();
        Ok(match words.next().ok_or(())? {
            "voted" => Self::Voted {
                term: next(&mut words)?,
                granted: next(&mut words)?,
            },
            "appended" => Self::Appended {
                term: next(&mut words)?,
                agrees: next(&mut words)?,
                last: next(&mut words)?,
            },
            "written" => Self::Written,
            "value" => Self::Value {
                length: next(&mut words)?,
                last: next(&mut words)?,
            },
            "elsewhere" => Self::Elsewhere {
                leader: words.next().map(str::parse).transpose().map_err(drop)?,
            },
            _ => return Err(()),
        })
    }
}

fn next<T: FromStr>(words: &mut SplitAsciiWhitespace<'_>) -> Result<T, ()> {
    words.next().and_then(|word| word.parse().ok()).ok_or(())
}

//! What is said between nodes and clients: a line each, of a name and words.

use std::fmt;
use std::str::FromStr;

use super::Entry;
use super::words::{Words, words};

macro_rules! messages {
    ($(#[$doc:meta] enum $enum:ident { $($name:ident { $($field:ident: $type:ty),* })* })*) => {$(
        $(words! {
            #[derive(Clone, Debug)]
            pub(super) struct $name { $(pub(super) $field: $type,)* }
        })*

        #[$doc]
        #[derive(Clone, Debug)]
        pub(super) enum $enum { $($name($name)),* }

        impl fmt::Display for $enum {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let mut line = String::new();
                match self {
                    $(Self::$name(it) => {
                        line.push_str(stringify!($name));
                        it.write(&mut line);
                    })*
                }
                f.write_str(&line)
            }
        }

        impl FromStr for $enum {
            type Err = ();

            fn from_str(line: &str) -> Result<Self, ()> {
                let mut words = line.split_ascii_whitespace();
                let read = match words.next() {
                    $(Some(stringify!($name)) => $name::read(&mut words).map(Self::$name),)*
                    _ => None,
                };
                read.ok_or(())
            }
        }
    )*};
}

messages! {
    /// What a node or a client asks a node.
    enum Request {
        Vote { term: u64, candidate: usize, last_term: u64, last: usize }
        Append { term: u64, leader: usize, prev: usize, prev_term: u64, commit: usize, entries: Vec<Entry> }
        Write { client: u64, number: u64, value: u64 }
        Read {}
    }

    /// What a node answers. `Elsewhere` is to ask this node, or any other.
    enum Answer {
        Voted { term: u64, granted: bool }
        Appended { term: u64, agrees: bool, last: usize }
        Written {}
        Value { length: usize, last: u64 }
        Elsewhere { leader: Option<usize> }
    }
}

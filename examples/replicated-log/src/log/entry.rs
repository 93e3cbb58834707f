use std::fmt;
use std::str::FromStr;

/// What is agreed on: one place of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The term of the leader that made it.
    pub term: u64,
    /// Who asked for it. Nobody did for 0: a leader begins its term with such an entry.
    pub client: u64,
    /// Which of the client's writes it is.
    pub number: u64,
    /// What is written.
    pub value: u64,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            term,
            client,
            number,
            value,
        } = self;
        write!(f, "{term}.{client}.{number}.{value}")
    }
}

impl FromStr for Entry {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut fields = text.split('.').map(str::parse::<u64>);
        let mut next = || fields.next().and_then(Result::ok).ok_or(());
        Ok(Self {
            term: next()?,
            client: next()?,
            number: next()?,
            value: next()?,
        })
    }
}

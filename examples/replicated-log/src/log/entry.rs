use super::words::words;

words! {
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
}

impl Entry {
    pub(super) fn of(term: u64, client: u64, number: u64, value: u64) -> Self {
        Self {
            term,
            client,
            number,
            value,
        }
    }
}

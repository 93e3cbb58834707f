use std::fmt;
use std::str::FromStr;

/// A fault that is built into the log and switched on by [`Config::bug`](super::Config). Each was made by somebody before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A vote is written and not synced, so a node that loses its power votes twice in a term.
    VoteWithoutSync,
    /// A candidate writes neither its new term nor its vote for itself.
    TermNotStored,
    /// A lease is as long as the silence after which others vote, so that a slow clock keeps it too long.
    LeaseWithoutMargin,
    /// A leader answers reads without a lease, as if nobody could have replaced it.
    StaleRead,
    /// A retry of a write has a new number, so that nobody knows it as a retry.
    RetryWithoutId,
    /// A node acknowledges entries and syncs them afterwards.
    AckBeforeSync,
    /// A link waits for the next notification after it reconnects, and forgets the one that it had.
    LostWake,
    /// An answer is awaited without a limit, so that a half-open connection is never noticed.
    HalfOpen,
    /// An answer is taken for the answer to the last request, whatever its number says.
    AnyAnswer,
    /// An entry counts as committed with one acknowledgement too few.
    QuorumOffByOne,
    /// An entry of an earlier term is committed by counting its copies.
    CommitOldTerm,
    /// A follower cuts its log behind what it is sent, also where the two agree.
    TruncateAlways,
    /// A record of the log is read back without a look at its checksum.
    TornRecord,
    /// A follower that hears its leader does not set its election timer back.
    TimerNotReset,
}

impl Bug {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::VoteWithoutSync,
        Self::TermNotStored,
        Self::LeaseWithoutMargin,
        Self::StaleRead,
        Self::RetryWithoutId,
        Self::AckBeforeSync,
        Self::LostWake,
        Self::HalfOpen,
        Self::AnyAnswer,
        Self::QuorumOffByOne,
        Self::CommitOldTerm,
        Self::TruncateAlways,
        Self::TornRecord,
        Self::TimerNotReset,
    ];

    /// What it is called on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::VoteWithoutSync => "vote-without-sync",
            Self::TermNotStored => "term-not-stored",
            Self::LeaseWithoutMargin => "lease-without-margin",
            Self::StaleRead => "stale-read",
            Self::RetryWithoutId => "retry-without-id",
            Self::AckBeforeSync => "ack-before-sync",
            Self::LostWake => "lost-wake",
            Self::HalfOpen => "half-open",
            Self::AnyAnswer => "any-answer",
            Self::QuorumOffByOne => "quorum-off-by-one",
            Self::CommitOldTerm => "commit-old-term",
            Self::TruncateAlways => "truncate-always",
            Self::TornRecord => "torn-record",
            Self::TimerNotReset => "timer-not-reset",
        }
    }
}

impl fmt::Display for Bug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Bug {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let named = Self::ALL.into_iter().find(|bug| bug.name() == name);
        named.ok_or_else(|| format!("no bug is called `{name}`; `replicated-log bugs` lists them"))
    }
}

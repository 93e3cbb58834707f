//! The types of the cluster, and what its state machine keeps.

use std::collections::BTreeMap;
use std::fmt;

use anyrt_openraft::Openraft;
use openraft::alias::{EntryOf, LogIdOf, StoredMembershipOf};
use openraft::entry::RaftEntry as _;
use openraft::impls::leader_id_std::LeaderId;
use openraft::{EmptyNode, EntryPayload};
use openraft_rt::deterministic_rng::DeterministicRng;
use serde::{Deserialize, Serialize};

/// openraft's runtime in a simulation. Its random numbers come from the seed that `Rt::scope` is given.
pub(crate) type Rt = DeterministicRng<Openraft<anyrt_sim::Owned>>;

openraft::declare_raft_types!(
    pub(crate) Types:
        D = Put,
        R = u64,
        Node = EmptyNode,
        LeaderId = LeaderId<u64, u64>,
        AsyncRuntime = Rt,
);

pub(crate) type Entry = EntryOf<Types>;
pub(crate) type LogId = LogIdOf<Types>;

/// A client's request. Its number tells it from all others, however often it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Put {
    pub(crate) number: u64,
}

impl fmt::Display for Put {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "put {}", self.number)
    }
}

/// What the log makes of its entries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) applied: Option<LogId>,
    pub(crate) membership: StoredMembershipOf<Types>,
    /// The entry that first had this request.
    pub(crate) puts: BTreeMap<u64, u64>,
}

impl State {
    /// Applies an entry. The answer is where its request is in the log.
    pub(crate) fn apply(&mut self, entry: &Entry) -> u64 {
        let log_id = entry.log_id();
        self.applied = Some(log_id);
        match &entry.payload {
            EntryPayload::Blank => 0,
            EntryPayload::Normal(put) => *self.puts.entry(put.number).or_insert(log_id.index),
            EntryPayload::Membership(membership) => {
                self.membership =
                    StoredMembershipOf::<Types>::new(Some(log_id), membership.clone());
                0
            }
        }
    }
}

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{Instant, Runtime};
use futures::channel::oneshot;

use super::machine::Machine;
use super::words::Words;
use super::{Bug, Config, Entry, Storage, Watch, record};

/// The files.
const LOG: &str = "log";
const VOTES: &str = "votes";

/// What a node knows. Whoever changes it holds its lock until the change is on the disk.
pub(super) struct State<R, S> {
    pub(super) rt: R,
    storage: S,
    pub(super) config: Config,
    pub(super) watch: Arc<Watch>,
    pub(super) term: u64,
    pub(super) vote: Option<usize>,
    pub(super) log: Vec<Entry>,
    /// How many entries are committed.
    pub(super) commit: usize,
    pub(super) machine: Machine,
    pub(super) role: Role,
    pub(super) leader: Option<usize>,
    /// When a leader was heard, or the node started. No other gets a vote for a while, since leases rely on that.
    pub(super) heard: Instant,
    /// When the node stands for election.
    pub(super) stands_at: Instant,
    /// Who waits for an entry: by its place, with its term.
    pub(super) waiting: BTreeMap<usize, (u64, oneshot::Sender<()>)>,
    random: u64,
}

#[derive(Debug)]
pub(super) enum Role {
    Follower,
    /// Which answers came, and which of them are votes.
    Candidate(Vec<Option<bool>>),
    Leader(Leader),
}

#[derive(Debug)]
pub(super) struct Leader {
    /// The place of the entry with which the term began.
    pub(super) first: usize,
    pub(super) peers: Vec<Peer>,
}

/// What a leader knows of another node.
#[derive(Clone, Debug)]
pub(super) struct Peer {
    /// Which entry it is sent next.
    pub(super) next: usize,
    /// Up to which entry it agrees.
    pub(super) matched: usize,
    /// When the last message was sent that it answered.
    pub(super) heard: Option<Instant>,
    /// It is to be sent a heartbeat.
    pub(super) is_due: bool,
}

impl<R: Runtime, S: Storage> State<R, S> {
    /// Reads what was written before the node stopped.
    pub(super) async fn recover(
        rt: R,
        storage: S,
        config: Config,
        watch: Arc<Watch>,
    ) -> io::Result<Self> {
        let mut log: Vec<Entry> = Vec::new();
        let is_checked = !config.has(Bug::TornRecord);
        for (place, entry) in read::<(usize, Entry), _>(&storage, LOG, is_checked).await? {
            if place == 0 {
                break;
            }
            log.truncate(place - 1);
            log.push(entry);
        }
        let votes: Vec<(u64, Option<usize>)> = read(&storage, VOTES, true).await?;
        let (term, vote) = votes.last().copied().unwrap_or_default();
        let last_term = log.last().map_or(0, |entry| entry.term);
        let mut state = Self {
            random: config.seed | 1,
            term: term.max(last_term),
            vote: vote.filter(|_| term >= last_term),
            log,
            commit: 0,
            machine: Machine::default(),
            role: Role::Follower,
            leader: None,
            heard: rt.now(),
            stands_at: rt.now(),
            waiting: BTreeMap::new(),
            rt,
            storage,
            config,
            watch,
        };
        state.set_timer_back();
        Ok(state)
    }

    /// Of so many nodes every two groups have one in common.
    pub(super) fn quorum(&self) -> usize {
        self.config.nodes.len() / 2 + 1
    }

    pub(super) fn last_term(&self) -> u64 {
        self.term_of(self.log.len())
    }

    pub(super) fn term_of(&self, place: usize) -> u64 {
        match place {
            0 => 0,
            _ => self.log[place - 1].term,
        }
    }

    /// Starts to wait for a leader anew, for a time that differs between nodes.
    pub(super) fn set_timer_back(&mut self) {
        // xorshift
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let more = self.config.election.as_nanos() as u64;
        let wait = self.config.election + Duration::from_nanos(self.random % more.max(1));
        self.stands_at = self.rt.now() + wait;
    }

    /// Goes over to a later term as a follower.
    pub(super) async fn adopt(&mut self, term: u64) -> io::Result<()> {
        if term > self.term {
            self.store_vote(term, None).await?;
        }
        self.follow();
        Ok(())
    }

    /// Is no leader any more, and lets those who wait ask elsewhere.
    pub(super) fn follow(&mut self) {
        self.role = Role::Follower;
        self.waiting.clear();
    }

    pub(super) async fn store_vote(&mut self, term: u64, vote: Option<usize>) -> io::Result<()> {
        let is_own = vote == Some(self.config.id);
        if !(is_own && self.config.has(Bug::TermNotStored)) {
            let record = record::seal(&(term, vote)).into_bytes();
            self.storage.append(VOTES, record).await?;
            if !self.config.has(Bug::VoteWithoutSync) {
                self.storage.sync(VOTES).await?;
            }
        }
        (self.term, self.vote) = (term, vote);
        Ok(())
    }

    /// Puts entries behind the first `keep` ones, in place of what is there.
    pub(super) async fn store_entries(&mut self, keep: usize, entries: &[Entry]) -> io::Result<()> {
        let mut records = String::new();
        for (index, entry) in entries.iter().enumerate() {
            records += &record::seal(&(keep + index + 1, *entry));
        }
        self.storage.append(LOG, records.into_bytes()).await?;
        if self.config.has(Bug::AckBeforeSync) {
            let storage = self.storage.clone();
            self.rt
                .spawn_detached(async move { storage.sync(LOG).await });
        } else {
            self.storage.sync(LOG).await?;
        }
        if keep < self.log.len() {
            let old = &self.log[keep..];
            self.watch.replaced(self.config.id, keep, old, entries);
        }
        self.log.truncate(keep);
        self.log.extend_from_slice(entries);
        self.waiting.split_off(&(keep + 1));
        Ok(())
    }

    /// Applies what is committed up to this entry.
    pub(super) fn commit(&mut self, up_to: usize) {
        while self.commit < up_to {
            let entry = self.log[self.commit];
            self.commit += 1;
            self.watch.committed(self.config.id, self.commit, &entry);
            if let Some(length) = self.machine.apply(&entry) {
                self.watch.applied(self.config.id, length, entry.value);
            }
            if let Some((term, waiter)) = self.waiting.remove(&self.commit) {
                if term == entry.term {
                    // It may have gone away.
                    let _ = waiter.send(());
                }
            }
        }
    }
}

/// The whole records of a file. Cuts off what is behind them.
async fn read<T: Words, S: Storage>(
    storage: &S,
    file: &'static str,
    is_checked: bool,
) -> io::Result<Vec<T>> {
    let bytes = storage.read(file).await?;
    let (records, whole) = record::open(&bytes, is_checked);
    if whole < bytes.len() {
        storage.truncate(file, whole).await?;
    }
    if whole > 0 {
        // A node that was killed may have written this and not synced it.
        storage.sync(file).await?;
    }
    Ok(records)
}

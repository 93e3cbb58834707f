//! Entries on their way from a leader to the others.

use std::io;

use anyrt_core::{Instant, Runtime};
use futures::channel::oneshot;

use super::message::{Answer, Request};
use super::state::{Role, State};
use super::{Bug, Entry, Storage};

/// What became of a write.
pub(super) enum Proposal {
    Known,
    Elsewhere(Option<usize>),
    /// It is in the log, and committed when this says so.
    Waits(oneshot::Receiver<()>),
}

impl<R: Runtime, S: Storage> State<R, S> {
    /// A client writes.
    pub(super) async fn propose(&mut self, mut entry: Entry) -> io::Result<Proposal> {
        if !matches!(self.role, Role::Leader(_)) {
            return Ok(Proposal::Elsewhere(self.leader));
        }
        if self.machine.knows(entry.client, entry.number) {
            return Ok(Proposal::Known);
        }
        entry.term = self.term;
        self.store_entries(self.log.len(), &[entry]).await?;
        let (waiter, committed) = oneshot::channel();
        self.waiting.insert(self.log.len(), (self.term, waiter));
        Ok(Proposal::Waits(committed))
    }

    /// What a leader sends another node now, if anything.
    pub(super) fn append_request(&mut self, peer: usize) -> Option<Request> {
        let Role::Leader(leader) = &mut self.role else {
            return None;
        };
        let peer = &mut leader.peers[peer];
        if peer.next > self.log.len() && !peer.is_due {
            return None;
        }
        peer.is_due = false;
        let prev = peer.next - 1;
        let entries = self.log[prev..].iter().take(self.config.batch);
        Some(Request::Append {
            term: self.term,
            leader: self.config.id,
            prev,
            entries: entries.copied().collect(),
            commit: self.commit,
            prev_term: self.term_of(prev),
        })
    }

    /// A leader sends entries, or a heartbeat.
    pub(super) async fn append(
        &mut self,
        term: u64,
        leader: usize,
        prev: (usize, u64),
        commit: usize,
        entries: &[Entry],
    ) -> io::Result<Answer> {
        let mut agrees = false;
        if term >= self.term {
            self.adopt(term).await?;
            (self.leader, self.heard) = (Some(leader), self.rt.now());
            if !self.config.has(Bug::TimerNotReset) {
                self.set_timer_back();
            }
            let (prev, prev_term) = prev;
            agrees = prev <= self.log.len() && self.term_of(prev) == prev_term;
            if agrees {
                self.take(prev, entries).await?;
                self.commit(commit.min(prev + entries.len()));
            }
        }
        let (term, last) = (self.term, self.log.len());
        Ok(Answer::Appended { term, agrees, last })
    }

    /// Takes entries behind the place `prev`, where the log agrees with the leader's.
    async fn take(&mut self, prev: usize, entries: &[Entry]) -> io::Result<()> {
        let old = self.log[prev..].iter();
        let known = old
            .zip(entries)
            .take_while(|(old, new)| old.term == new.term);
        let known = known.count();
        if self.config.has(Bug::TruncateAlways) && self.log.len() > prev + known {
            return self.store_entries(prev, entries).await;
        }
        match &entries[known..] {
            [] => Ok(()),
            new => self.store_entries(prev + known, new).await,
        }
    }

    /// Another node has answered what was sent at a time, with so many entries behind `prev`.
    pub(super) fn appended(
        &mut self,
        peer: usize,
        sent: (u64, Instant),
        up_to: usize,
        agrees: bool,
        last: usize,
    ) {
        let (term, at) = sent;
        let Role::Leader(leader) = &mut self.role else {
            return;
        };
        if term != self.term {
            return;
        }
        let peer = &mut leader.peers[peer];
        peer.heard = peer.heard.max(Some(at));
        if agrees {
            peer.matched = peer.matched.max(up_to);
            peer.next = peer.matched + 1;
        } else {
            peer.next = (last + 1).min(peer.next - 1).max(1);
        }
        self.commit_what_a_majority_has();
    }

    fn commit_what_a_majority_has(&mut self) {
        let Role::Leader(leader) = &self.role else {
            return;
        };
        let mut matched: Vec<usize> = leader.peers.iter().map(|peer| peer.matched).collect();
        matched[self.config.id] = self.log.len();
        matched.sort_unstable_by(|one, other| other.cmp(one));
        let needed = match self.config.has(Bug::QuorumOffByOne) {
            true => self.config.nodes.len() / 2,
            false => self.quorum(),
        };
        let up_to = matched[needed - 1];
        // A later leader can still replace an entry of an earlier term, however many have it.
        if self.term_of(up_to) == self.term || self.config.has(Bug::CommitOldTerm) {
            self.commit(up_to);
        }
    }
}

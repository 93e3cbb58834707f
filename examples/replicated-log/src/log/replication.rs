//! Entries on their way from a leader to the others.

use std::io;

use anyrt_core::{Instant, Runtime};
use futures::channel::oneshot;

use super::message::{Answer, Append, Appended, Elsewhere, Request, Write, Written};
use super::state::{Role, State};
use super::{Bug, Entry, Storage};

impl<R: Runtime, S: Storage> State<R, S> {
    /// A client writes. Returns the answer, or what says that the write is committed.
    pub(super) async fn propose(
        &mut self,
        write: Write,
    ) -> io::Result<Result<oneshot::Receiver<()>, Answer>> {
        if !matches!(self.role, Role::Leader(_)) {
            let leader = self.leader;
            return Ok(Err(Answer::Elsewhere(Elsewhere { leader })));
        }
        if self.machine.knows(write.client, write.number) {
            return Ok(Err(Answer::Written(Written {})));
        }
        let entry = Entry::of(self.term, write.client, write.number, write.value);
        self.store_entries(self.log.len(), &[entry]).await?;
        let (waiter, committed) = oneshot::channel();
        self.waiting.insert(self.log.len(), (self.term, waiter));
        Ok(Ok(committed))
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
        Some(Request::Append(Append {
            term: self.term,
            leader: self.config.id,
            prev,
            prev_term: self.term_of(prev),
            commit: self.commit,
            entries: entries.copied().collect(),
        }))
    }

    /// A leader sends entries, or a heartbeat.
    pub(super) async fn append(&mut self, sent: Append) -> io::Result<Answer> {
        let mut agrees = false;
        if sent.term >= self.term {
            self.adopt(sent.term).await?;
            (self.leader, self.heard) = (Some(sent.leader), self.rt.now());
            if !self.config.has(Bug::TimerNotReset) {
                self.set_timer_back();
            }
            agrees = sent.prev <= self.log.len() && self.term_of(sent.prev) == sent.prev_term;
            if agrees {
                self.take(sent.prev, &sent.entries).await?;
                self.commit(sent.commit.min(sent.prev + sent.entries.len()));
            }
        }
        let (term, last) = (self.term, self.log.len());
        Ok(Answer::Appended(Appended { term, agrees, last }))
    }

    /// Takes entries behind the place `prev`, where the log agrees with the leader's.
    async fn take(&mut self, prev: usize, entries: &[Entry]) -> io::Result<()> {
        let both = self.log[prev..].iter().zip(entries);
        let known = both.take_while(|(old, new)| old.term == new.term).count();
        if self.config.has(Bug::TruncateAlways) && self.log.len() > prev + known {
            return self.store_entries(prev, entries).await;
        }
        match &entries[known..] {
            [] => Ok(()),
            new => self.store_entries(prev + known, new).await,
        }
    }

    /// Another node has answered what was sent at a time.
    pub(super) fn appended(&mut self, peer: usize, sent: &Append, at: Instant, answer: &Appended) {
        let Role::Leader(leader) = &mut self.role else {
            return;
        };
        if sent.term != self.term {
            return;
        }
        let peer = &mut leader.peers[peer];
        peer.heard = peer.heard.max(Some(at));
        if answer.agrees {
            peer.matched = peer.matched.max(sent.prev + sent.entries.len());
            peer.next = peer.matched + 1;
        } else {
            peer.next = (answer.last + 1).min(peer.next - 1).max(1);
        }
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

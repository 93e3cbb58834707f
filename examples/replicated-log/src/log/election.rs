//! Terms, votes and leases.

use std::io;

use anyrt_core::{Instant, Runtime};

use super::message::{Answer, Request};
use super::state::{Leader, Peer, Role, State};
use super::{Bug, Entry, Storage};

impl<R: Runtime, S: Storage> State<R, S> {
    /// Stands for election.
    pub(super) async fn stand(&mut self) -> io::Result<()> {
        self.store_vote(self.term + 1, Some(self.config.id)).await?;
        self.follow();
        self.leader = None;
        let mut votes = vec![None; self.config.nodes.len()];
        votes[self.config.id] = Some(true);
        self.role = Role::Candidate(votes);
        self.set_timer_back();
        self.win_if_elected().await
    }

    /// Another node asks for a vote.
    pub(super) async fn vote(
        &mut self,
        term: u64,
        candidate: usize,
        log: (u64, usize),
    ) -> io::Result<Answer> {
        let is_loyal = self.hears_leader();
        if term > self.term && !is_loyal {
            self.adopt(term).await?;
        }
        let is_free = self.vote.is_none_or(|vote| vote == candidate);
        let is_up_to_date = log >= (self.last_term(), self.log.len());
        let granted = !is_loyal && term == self.term && is_free && is_up_to_date;
        if granted {
            if self.vote.is_none() {
                self.store_vote(term, Some(candidate)).await?;
            }
            self.set_timer_back();
        }
        let term = self.term;
        Ok(Answer::Voted { term, granted })
    }

    /// Tells whether the leader of now may hold a lease.
    fn hears_leader(&self) -> bool {
        let now = self.rt.now();
        match &self.role {
            Role::Leader(leader) => self.has_lease(leader, now),
            _ => now < self.heard + self.config.election,
        }
    }

    /// Another node has voted, or not.
    pub(super) async fn voted(&mut self, peer: usize, term: u64, granted: bool) -> io::Result<()> {
        match &mut self.role {
            Role::Candidate(votes) if term == self.term => votes[peer] = Some(granted),
            _ => return Ok(()),
        }
        self.win_if_elected().await
    }

    async fn win_if_elected(&mut self) -> io::Result<()> {
        let Role::Candidate(votes) = &self.role else {
            return Ok(());
        };
        if votes.iter().filter(|vote| **vote == Some(true)).count() < self.quorum() {
            return Ok(());
        }
        let (id, term) = (self.config.id, self.term);
        self.watch.elected(id, self.config.starts, term);
        let peer = Peer {
            next: self.log.len() + 1,
            matched: 0,
            heard: None,
            is_due: true,
        };
        self.role = Role::Leader(Leader {
            first: self.log.len() + 1,
            peers: vec![peer; self.config.nodes.len()],
        });
        self.leader = Some(id);
        let begins = Entry {
            term,
            client: 0,
            number: 0,
            value: 0,
        };
        self.store_entries(self.log.len(), &[begins]).await
    }

    /// Tells whether no other node can be leader yet: a majority heard this one so lately that it gives no vote.
    fn has_lease(&self, leader: &Leader, now: Instant) -> bool {
        let others = leader.peers.iter().enumerate();
        let others = others.filter(|(peer, _)| *peer != self.config.id);
        let mut heard: Vec<_> = others.filter_map(|(_, peer)| peer.heard).collect();
        heard.sort_unstable_by(|one, other| other.cmp(one));
        let lease = match self.config.has(Bug::LeaseWithoutMargin) {
            true => self.config.election,
            false => self.config.lease,
        };
        let since = heard.get(self.quorum() - 2);
        since.is_some_and(|&since| now < since + lease)
    }

    /// Answers a read, if nobody else can have committed what this node does not know.
    pub(super) fn read(&self) -> Answer {
        if let Role::Leader(leader) = &self.role {
            let is_current = self.commit >= leader.first;
            let has_lease =
                self.config.has(Bug::StaleRead) || self.has_lease(leader, self.rt.now());
            if is_current && has_lease {
                let (length, last) = self.machine.length_and_last();
                return Answer::Value { length, last };
            }
        }
        Answer::Elsewhere {
            leader: self.leader,
        }
    }

    /// What a candidate asks another node, which has not answered yet.
    pub(super) fn vote_request(&self, peer: usize) -> Option<Request> {
        match &self.role {
            Role::Candidate(votes) if votes[peer].is_none() => Some(Request::Vote {
                term: self.term,
                candidate: self.config.id,
                last: self.log.len(),
                last_term: self.last_term(),
            }),
            _ => None,
        }
    }
}

//! Terms, votes and leases.

use std::io;

use anyrt_core::{Instant, Runtime};

use super::message::{Answer, Elsewhere, Request, Value, Vote, Voted};
use super::state::{Leader, Peer, Role, State};
use super::{Bug, Entry, Storage};

impl<R: Runtime, S: Storage> State<R, S> {
    /// Stands for election.
    pub(super) async fn stand(&mut self) -> io::Result<()> {
        self.store_vote(self.term + 1, Some(self.config.id)).await?;
        self.follow();
        self.leader = None;
        self.role = Role::Candidate(vec![None; self.config.nodes.len()]);
        self.set_timer_back();
        self.voted(self.config.id, self.term, true).await
    }

    /// Another node asks for a vote.
    pub(super) async fn vote(&mut self, asked: Vote) -> io::Result<Answer> {
        let is_loyal = self.hears_leader();
        if asked.term > self.term && !is_loyal {
            self.adopt(asked.term).await?;
        }
        let is_free = self.vote.is_none_or(|vote| vote == asked.candidate);
        let is_up_to_date = (asked.last_term, asked.last) >= (self.last_term(), self.log.len());
        let granted = !is_loyal && asked.term == self.term && is_free && is_up_to_date;
        if granted {
            if self.vote.is_none() {
                self.store_vote(self.term, Some(asked.candidate)).await?;
            }
            self.set_timer_back();
        }
        let term = self.term;
        Ok(Answer::Voted(Voted { term, granted }))
    }

    /// Tells whether the leader of now may hold a lease.
    fn hears_leader(&self) -> bool {
        let now = self.rt.now();
        match &self.role {
            Role::Leader(leader) => self.has_lease(leader, now),
            _ => now < self.heard + self.config.election,
        }
    }

    /// A node has voted, or not. With a majority of votes, this one is leader.
    pub(super) async fn voted(&mut self, peer: usize, term: u64, granted: bool) -> io::Result<()> {
        let Role::Candidate(votes) = &mut self.role else {
            return Ok(());
        };
        if term != self.term {
            return Ok(());
        }
        votes[peer] = Some(granted);
        let votes = votes.iter().filter(|vote| **vote == Some(true)).count();
        if votes < self.quorum() {
            return Ok(());
        }
        let id = self.config.id;
        self.watch.elected(id, self.config.starts, term);
        let first = self.log.len() + 1;
        let peer = Peer {
            next: first,
            matched: 0,
            heard: None,
            is_due: true,
        };
        let peers = vec![peer; self.config.nodes.len()];
        self.role = Role::Leader(Leader { first, peers });
        self.leader = Some(id);
        let begins = Entry::of(term, 0, 0, 0);
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
            let has_lease =
                self.config.has(Bug::StaleRead) || self.has_lease(leader, self.rt.now());
            if self.commit >= leader.first && has_lease {
                let (length, last) = self.machine.length_and_last();
                return Answer::Value(Value { length, last });
            }
        }
        let leader = self.leader;
        Answer::Elsewhere(Elsewhere { leader })
    }

    /// What a candidate asks another node, which has not answered yet.
    pub(super) fn vote_request(&self, peer: usize) -> Option<Request> {
        match &self.role {
            Role::Candidate(votes) if votes[peer].is_none() => Some(Request::Vote(Vote {
                term: self.term,
                candidate: self.config.id,
                last: self.log.len(),
                last_term: self.last_term(),
            })),
            _ => None,
        }
    }
}

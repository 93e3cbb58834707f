//! The state machine and its snapshots, on the disk of a host.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyrt_sim::net::Disk;
use futures::{Stream, TryStreamExt as _};
use openraft::alias::{SnapshotMetaOf, SnapshotOf, StoredMembershipOf};
use openraft::storage::{EntryResponder, RaftStateMachine};
use openraft::{OptionalSend, RaftSnapshotBuilder};

use crate::checks::Checks;
use crate::types::{LogId, State, Types};

#[derive(Clone, Debug)]
pub(crate) struct Machine {
    node: u64,
    disk: Disk,
    checks: Checks,
    state: Arc<Mutex<State>>,
}

impl Machine {
    /// Begins with the snapshot on the disk. openraft applies the log behind it anew.
    pub(crate) fn open(node: u64, disk: Disk, checks: Checks) -> Self {
        let machine = Self {
            node,
            disk,
            checks,
            state: Arc::default(),
        };
        if let Ok(Some(state)) = machine.read() {
            *machine.state() = state;
        }
        machine
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> io::Result<Option<State>> {
        match self.disk.read("snapshot") {
            Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// A crash comes between two polls, and this is one.
    fn write(&self, state: &State) -> io::Result<()> {
        if self.disk.read("snapshot").is_ok() {
            self.disk.remove("snapshot")?;
        }
        self.disk.append("snapshot", &serde_json::to_vec(state)?)?;
        self.disk.sync("snapshot")
    }
}

fn snapshot_of(state: State) -> SnapshotOf<Types, State> {
    SnapshotOf::<Types, State> {
        meta: SnapshotMetaOf::<Types> {
            last_log_id: state.applied,
            last_membership: state.membership.clone(),
        },
        snapshot: state,
    }
}

impl RaftSnapshotBuilder<Types> for Machine {
    type SnapshotData = State;

    async fn build_snapshot(&mut self) -> io::Result<SnapshotOf<Types, State>> {
        let state = self.state().clone();
        self.write(&state)?;
        Ok(snapshot_of(state))
    }
}

impl RaftStateMachine<Types> for Machine {
    type SnapshotData = State;
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> io::Result<(Option<LogId>, StoredMembershipOf<Types>)> {
        let state = self.state();
        Ok((state.applied, state.membership.clone()))
    }

    async fn apply<Entries>(&mut self, mut entries: Entries) -> io::Result<()>
    where
        Entries: Stream<Item = io::Result<EntryResponder<Types>>> + Unpin + OptionalSend,
    {
        while let Some((entry, responder)) = entries.try_next().await? {
            let answer = {
                let mut state = self.state();
                let answer = state.apply(&entry);
                self.checks.applies(self.node, &entry, &state);
                answer
            };
            if let Some(responder) = responder {
                responder.send(answer);
            }
        }
        Ok(())
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn install_snapshot(
        &mut self,
        _meta: &SnapshotMetaOf<Types>,
        state: State,
    ) -> io::Result<()> {
        self.checks.installs(self.node, &state);
        self.write(&state)?;
        *self.state() = state;
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> io::Result<Option<SnapshotOf<Types, State>>> {
        Ok(self.read()?.map(snapshot_of))
    }
}

//! A log on the disk of a host.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyrt_sim::net::Disk;
use openraft::alias::VoteOf;
use openraft::entry::RaftEntry as _;
use openraft::storage::{IOFlushed, RaftLogStorage};
use openraft::{LogState, OptionalSend, RaftLogReader};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::checks::Checks;
use crate::types::{Entry, LogId, Types};

/// A record is filled up with spaces, so that a shorter one leaves nothing of a longer one before it.
const RECORD: usize = 128;

/// What a node writes down, and how careful it is.
#[derive(Clone, Debug)]
pub(crate) struct Log {
    disk: Disk,
    checks: Checks,
    syncs_votes: bool,
    /// What is on the disk.
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug)]
struct Kept {
    vote: Option<VoteOf<Types>>,
    committed: Option<LogId>,
    purged: Option<LogId>,
    entries: BTreeMap<u64, Entry>,
}

fn name(index: u64) -> String {
    format!("log/{index:08}")
}

/// A file that is not there, or torn, is none.
fn read<T: DeserializeOwned>(disk: &Disk, file: &str) -> Option<T> {
    serde_json::from_slice(&disk.read(file).ok()?).ok()
}

fn write(disk: &Disk, file: &str, value: &impl Serialize) -> io::Result<()> {
    let mut bytes = serde_json::to_vec(value)?;
    bytes.resize(bytes.len().max(RECORD), b' ');
    disk.write(file, 0, &bytes)
}

fn write_and_sync(disk: &Disk, file: &str, value: &impl Serialize) -> io::Result<()> {
    write(disk, file, value)?;
    disk.sync(file)
}

impl Log {
    /// Reads what the last process of the host has left.
    pub(crate) fn open(disk: Disk, checks: Checks, syncs_votes: bool) -> Self {
        let files = disk.files();
        let logs = files.iter().filter(|file| file.starts_with("log/"));
        let entries = logs.filter_map(|file| read::<Entry>(&disk, file));
        let kept = Kept {
            vote: read(&disk, "vote"),
            committed: read(&disk, "committed"),
            purged: read(&disk, "purged"),
            entries: entries.map(|entry| (entry.index(), entry)).collect(),
        };
        Self {
            disk,
            checks,
            syncs_votes,
            kept: Arc::new(Mutex::new(kept)),
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remove(&self, range: impl RangeBounds<u64>) -> io::Result<()> {
        let mut kept = self.kept();
        let gone: Vec<_> = kept.entries.range(range).map(|(index, _)| *index).collect();
        for index in gone {
            kept.entries.remove(&index);
            self.disk.remove(&name(index))?;
        }
        Ok(())
    }
}

impl RaftLogReader<Types> for Log {
    async fn try_get_log_entries<RB>(&mut self, range: RB) -> io::Result<Vec<Entry>>
    where
        RB: RangeBounds<u64> + Clone + Debug + OptionalSend,
    {
        let kept = self.kept();
        Ok(kept.entries.range(range).map(|(_, e)| e.clone()).collect())
    }

    async fn read_vote(&mut self) -> io::Result<Option<VoteOf<Types>>> {
        Ok(self.kept().vote)
    }
}

impl RaftLogStorage<Types> for Log {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> io::Result<LogState<Types>> {
        let kept = self.kept();
        let last = kept.entries.last_key_value().map(|(_, e)| e.log_id());
        Ok(LogState {
            last_purged_log_id: kept.purged,
            last_log_id: last.or(kept.purged),
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &VoteOf<Types>) -> io::Result<()> {
        self.kept().vote = Some(*vote);
        self.checks.with(|seen| seen.votes += 1);
        if self.syncs_votes {
            write_and_sync(&self.disk, "vote", vote)
        } else {
            // The planted bug: the vote is given, and a crash may take it back.
            write(&self.disk, "vote", vote)
        }
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> io::Result<()> {
        self.kept().committed = committed;
        write_and_sync(&self.disk, "committed", &committed)
    }

    async fn read_committed(&mut self) -> io::Result<Option<LogId>> {
        Ok(self.kept().committed)
    }

    async fn append<I>(&mut self, entries: I, flushed: IOFlushed<Types>) -> io::Result<()>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        for entry in entries {
            write_and_sync(&self.disk, &name(entry.index()), &entry)?;
            self.kept().entries.insert(entry.index(), entry);
        }
        flushed.io_completed(Ok(()));
        Ok(())
    }

    async fn truncate_after(&mut self, last: Option<LogId>) -> io::Result<()> {
        let after = last.map_or(Bound::Unbounded, |last| Bound::Excluded(last.index));
        self.remove((after, Bound::Unbounded))
    }

    async fn purge(&mut self, upto: LogId) -> io::Result<()> {
        self.kept().purged = Some(upto);
        write_and_sync(&self.disk, "purged", &Some(upto))?;
        self.remove(..=upto.index)
    }
}

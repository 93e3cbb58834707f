use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Bye, Inbox, Outbox, Settings, User};

/// The rooms of a server and everybody in them.
#[derive(Debug)]
pub struct Hall {
    pub(super) name: String,
    pub(super) settings: Settings,
    rooms: Mutex<HashMap<String, Arc<Room>>>,
    /// Nobody comes in once it is `None`. In order, so that a simulation repeats itself.
    everybody: Mutex<Option<BTreeMap<usize, Outbox>>>,
    visitors: AtomicUsize,
    pub(super) addressed: AtomicUsize,
}

/// Who hears what is said in a room.
#[derive(Debug, Default)]
pub(super) struct Room(pub(super) Mutex<Vec<Outbox>>);

impl Hall {
    /// Makes a hall without rooms. A room is made by the first who joins it.
    pub fn new(name: &str, settings: Settings) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            settings,
            rooms: Mutex::default(),
            everybody: Mutex::new(Some(BTreeMap::new())),
            visitors: AtomicUsize::new(0),
            addressed: AtomicUsize::new(0),
        })
    }

    /// The settings.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Lets somebody in: the user, and what is to be written to him. `None` after the end.
    pub fn enter(self: &Arc<Self>) -> Option<(User, Inbox)> {
        let (outbox, inbox) = Outbox::new(self.settings.outbox);
        let number = self.visitors.fetch_add(1, Ordering::Relaxed);
        lock(&self.everybody)
            .as_mut()?
            .insert(number, outbox.clone());
        Some((User::new(self.clone(), number, outbox), inbox))
    }

    /// Says `bye` to everybody, and lets nobody in any more.
    pub fn close(&self) {
        let everybody = lock(&self.everybody).take();
        for outbox in everybody.into_iter().flatten() {
            outbox.1.end(Bye::Shutdown);
        }
    }

    /// How many came in, and how often a line was addressed to one of them.
    pub fn totals(&self) -> (usize, usize) {
        let load = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        (load(&self.visitors), load(&self.addressed))
    }

    pub(super) fn join(&self, room: &str, outbox: &Outbox) -> (Arc<Room>, usize) {
        let mut rooms = lock(&self.rooms);
        let room = rooms.entry(room.to_owned()).or_default();
        let mut members = lock(&room.0);
        members.push(outbox.clone());
        (room.clone(), members.len())
    }

    pub(super) fn leave(&self, name: &str, room: &Room, outbox: &Outbox) {
        let mut rooms = lock(&self.rooms);
        let mut members = lock(&room.0);
        members.retain(|member| !member.is(outbox));
        if members.is_empty() {
            rooms.remove(name);
        }
    }

    pub(super) fn forget(&self, number: usize) {
        if let Some(everybody) = lock(&self.everybody).as_mut() {
            everybody.remove(&number);
        }
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

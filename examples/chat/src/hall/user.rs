use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::hall::{Room, lock};
use super::{Bye, Hall, Outbox};

/// Somebody who is connected. Leaves when it is dropped.
#[derive(Debug)]
pub struct User {
    hall: Arc<Hall>,
    number: usize,
    outbox: Outbox,
    room: Option<(String, Arc<Room>)>,
}

/// A line that has no room in some outboxes. The speaker waits for them, and says nothing in between.
#[derive(Debug)]
pub struct Backlog {
    /// The line.
    pub line: Arc<str>,
    /// Those that were full.
    pub full: Vec<Outbox>,
}

impl User {
    pub(super) fn new(hall: Arc<Hall>, number: usize, outbox: Outbox) -> Self {
        let user = Self {
            hall,
            number,
            outbox,
            room: None,
        };
        user.answer(&format!("welcome {}\n", user.hall.name));
        user
    }

    /// Does what a line of this user asks for.
    ///
    /// # Errors
    ///
    /// Why the conversation ends, if it does.
    pub fn hear(&mut self, line: &str) -> Result<Option<Backlog>, Bye> {
        let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
        match command {
            "join" if !rest.is_empty() => {
                self.leave();
                let (room, members) = self.hall.join(rest, &self.outbox);
                self.room = Some((rest.to_owned(), room));
                self.answer(&format!("joined {rest} {members}\n"));
                Ok(None)
            }
            "say" if self.room.is_some() => Ok(self.say(rest)),
            "quit" => Err(Bye::Quit),
            _ => Err(Bye::NotUnderstood),
        }
    }

    /// Ends the conversation.
    pub fn end(&self, bye: Bye) {
        self.outbox.end(bye);
    }

    fn say(&self, text: &str) -> Option<Backlog> {
        let (_, room) = self.room.as_ref()?;
        let line: Arc<str> = format!("said {} {text}\n", self.number).into();
        let mut full = Vec::new();
        let members = lock(&room.0);
        for member in &*members {
            if !member.offer(&line, self.hall.settings.slow_reader) {
                full.push(member.clone());
            }
        }
        self.hall
            .addressed
            .fetch_add(members.len(), Ordering::Relaxed);
        (!full.is_empty()).then_some(Backlog { line, full })
    }

    /// Answers are few: who sends commands and does not read misses them.
    fn answer(&self, line: &str) {
        self.outbox.offer(&line.into(), super::SlowReader::Skip);
    }

    fn leave(&mut self) {
        if let Some((name, room)) = self.room.take() {
            self.hall.leave(&name, &room, &self.outbox);
        }
    }
}

impl Drop for User {
    fn drop(&mut self) {
        self.leave();
        self.hall.forget(self.number);
        self.outbox.end(Bye::Quit);
    }
}

//! Which task runs next and when: the state of a simulation, the steps that change it, and the loop that drives them.

mod blocks;
pub(crate) mod choices;
mod clock;
mod describe;
pub(crate) mod drive;
pub(crate) mod entry;
pub(crate) mod policy;
pub(crate) mod ready;
pub(crate) mod root;
pub(crate) mod roots;
mod running;
pub(crate) mod shared;
pub(crate) mod state;
pub(crate) mod step;
pub(crate) mod stepping;
pub(crate) mod timers;
pub(crate) mod wait;
pub(crate) mod watchdog;

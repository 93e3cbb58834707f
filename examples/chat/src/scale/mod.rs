//! The chat at a scale: servers and crowds in processes of their own, measured from outside, each way after the other.

mod child;
mod document;
mod row;
mod run;
mod way;

pub use document::{document, table, write_json};
pub use row::Row;
pub use run::Scale;
pub use way::{Way, run_server};

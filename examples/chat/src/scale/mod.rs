//! The chat at a scale: servers and crowds in processes of their own, measured from outside, each way after the other.

mod child;
#[cfg(feature = "document")]
mod document;
#[cfg(not(feature = "document"))]
#[path = "no_document.rs"]
mod document;
mod row;
mod run;
mod table;
mod way;

pub use document::document;
pub use row::Row;
pub use run::Scale;
pub use table::{table, write_json, write_simulated};
pub use way::{Way, run_server};

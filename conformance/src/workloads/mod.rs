//! Realistic work whose result is the same on every backend.
//!
//! Each is written as a library would write it: against a handle, with channels and locks that know no runtime. Sizes follow
//! [`scaled`](crate::kit::scaled), and what is expected is computed from them.

mod services;
mod streams;
mod time;

use crate::Rule;

/// Every workload, as rules of the family `workload`.
pub(crate) fn all() -> Vec<Rule> {
    [streams::rules(), services::rules(), time::rules()].concat()
}

//! openraft: its own suite for what it asks of a runtime, on the bridge.

use anyrt_core::prelude::*;
use anyrt_core::{Current, Launch};
use anyrt_openraft::Openraft;
use openraft_rt::testing::Suite;

/// Runs openraft's suite, which starts and drops several runtimes.
pub(crate) fn suite<L>()
where
    L: Launch<Handle: Runtime + Current> + 'static,
{
    Suite::<Openraft<L>>::test_all();
}

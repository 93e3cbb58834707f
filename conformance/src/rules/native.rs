//! The runtime's own facilities.

use anyrt_conformance_engine::rules;

rules! { native

/// Inside a spawned task the runtime's own facilities work as if the task had been spawned by its own call.
///
/// Intent: on tokio, task ids, `Handle::current` and the coop budget; on async-std, `task::current`. Programs mix libraries
/// that know the runtime with ones that do not.
///
/// If this fails, check that the adapter spawns through the runtime's own call, and polls nothing itself.
Must fn facilities_work(rt: Any + Native) {
    let facilities = rt.backend().native_facilities().facilities;
    rt.block_on(rt.spawn(facilities())).unwrap_or_else(|error| error.resume_unwind());
}

}

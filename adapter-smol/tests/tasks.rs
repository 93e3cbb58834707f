//! Tasks, handles and sleeps, on the global runtime.

#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;
#[path = "../../adapter-shared/tests/twins/tasks.rs"]
mod tasks;

use anyrt_core::JoinHandle;
use anyrt_smol::{Ambient, BlockingTask, LocalTask, Sleep, Smol as Global, Task};

#[test]
fn sizes_are_as_stated() {
    assert_eq!(size_of::<JoinHandle<Task<u8>>>(), 16);
    assert_eq!(size_of::<JoinHandle<Task<[u64; 9]>>>(), 16);
    assert_eq!(size_of::<JoinHandle<BlockingTask<String>>>(), 16);
    assert_eq!(size_of::<JoinHandle<LocalTask<u8>>>(), 24);
    assert_eq!(size_of::<Sleep>(), 80);
    assert_eq!(size_of::<Global>(), 8);
    assert_eq!(size_of::<Ambient>(), 0);
}

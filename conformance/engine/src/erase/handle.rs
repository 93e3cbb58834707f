use anyrt_core::JoinHandle;

use super::layer::{BoxTask, LocalBoxTask};
use super::local::Local;
use super::shared::Shared;
use super::task::TypedTask;

/// The handle of a task on a [`Shared`](super::Shared) runtime, or of any blocking closure.
pub type Handle<T> = JoinHandle<TypedTask<BoxTask, T>>;

/// The handle of a task on a [`Local`](super::Local) runtime.
pub type LocalHandle<T> = JoinHandle<TypedTask<LocalBoxTask, T>>;

/// Which handles the tasks of a runtime have.
pub trait Kind {
    /// The handle of a task with the output `T`.
    type Handle<T: 'static>;
}

impl Kind for Shared {
    type Handle<T: 'static> = Handle<T>;
}

impl Kind for Local {
    type Handle<T: 'static> = LocalHandle<T>;
}

use std::fmt::Debug;

/// What a test under [`check`](crate::check()) may return: nothing, or a `Result` whose error fails the seed.
///
/// # Examples
///
/// ```
/// use anyrt_core::{JoinError, Spawn};
///
/// anyrt_sim::check(|sim| async move {
///     let answer = sim.spawn(async { 42 }).await?;
///     assert_eq!(answer, 42);
///     Ok::<(), JoinError>(())
/// });
/// ```
#[diagnostic::on_unimplemented(
    message = "a test under simulation returns nothing or a `Result`, and not `{Self}`",
    label = "returns `{Self}`",
    note = "a future that never ends, of type `!`, cannot pass: spawn it, and await what is to happen meanwhile",
    note = "end the test with `;` to throw its value away, or assert what the value is to be"
)]
pub trait Outcome {
    /// The text of the error, if this is one.
    fn into_error(self) -> Option<String>;
}

impl Outcome for () {
    fn into_error(self) -> Option<String> {
        None
    }
}

impl<T, E: Debug> Outcome for Result<T, E> {
    fn into_error(self) -> Option<String> {
        self.err().map(|error| format!("{error:?}"))
    }
}

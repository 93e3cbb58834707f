use crate::Exempt;

/// The rules that safe code cannot break. A runtime with `unsafe` code can, and for that they are rules.
///
/// One future is not polled by two threads at once, since a poll takes it by `Pin<&mut _>`:
///
/// ```compile_fail,E0499
/// fn twice(work: &mut anyrt_conformance::BoxWork) {
///     let (one, other) = (work.as_mut(), work.as_mut());
///     drop((one, other));
/// }
/// ```
///
/// The future of a `block_on` is not polled on another thread, since it is not `Send`:
///
/// ```compile_fail,E0277
/// fn elsewhere(root: anyrt_conformance::RootFuture<'static>) {
///     std::thread::spawn(move || drop(root));
/// }
/// ```
///
/// A closure does not run twice, since its call takes it by value. Its rule can fail all the same: the closure may not run at all.
///
/// ```compile_fail,E0382
/// fn twice(work: anyrt_conformance::BlockingWork) {
///     let (one, other) = (work(), work());
///     drop((one, other));
/// }
/// ```
pub(crate) fn exempt() -> Vec<Exempt> {
    vec![
        Exempt {
            rule: "block_on::polls_on_the_calling_thread",
            reason: "a future that is not `Send` cannot be moved to another thread",
            stands_in: "`BlockOn::block_on` takes futures that are not `Send`; a test that does not compile is beside this list",
        },
        Exempt {
            rule: "join::handle_is_send_sync_unpin",
            reason: "the rule is itself a check of types: without it, nothing compiles",
            stands_in: "the bounds in the rule",
        },
        Exempt {
            rule: "wake::never_polls_concurrently",
            reason: "two polls at once take two exclusive references to one future",
            stands_in: "`Future::poll` takes `Pin<&mut Self>`; a test that does not compile is beside this list",
        },
    ]
}

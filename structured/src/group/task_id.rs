/// Names one task of one [`TaskSet`](crate::TaskSet), [`TaskGroup`](crate::TaskGroup) or
/// [`LocalTaskGroup`](crate::LocalTaskGroup), for as long as it is in there.
///
/// Ids are not reused within a group. The id of a joined task names no task. To abort it does nothing, and is no error.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::TaskGroup;
///
/// async fn first_one_out<R: Runtime>(rt: R) {
///     let mut group = TaskGroup::new(rt);
///     let slow = group.spawn(std::future::pending::<u32>());
///     group.spawn(async { 2 });
///     assert!(group.abort(slow));
///     assert_eq!(group.join_all().await.into_iter().flatten().sum::<u32>(), 2);
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(first_one_out(rt.handle()));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TaskId {
    /// Where in its set the task is.
    pub(crate) index: usize,
    /// Which of the tasks that were there, one after another; ascending in the order of insertion.
    pub(crate) serial: u64,
}

mod futures;
mod ready;

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask};

pub use self::futures::{JoinAll, JoinNext, Shutdown};
use self::ready::{NIL, Ready, SlotWaker};
use crate::TaskId;

/// After so many tasks that have ended, or woke themselves, and yet were pending, the joiner yields: so a runtime interrupts
/// a joiner that has used up its share of time, as tokio does after 128 joins, and looking at more tasks would tell nothing.
const INTERRUPTIONS: u32 = 2;

/// Joins the handles of many tasks as they end, each under a key.
///
/// A set takes handles of any kind (`Send` tasks, local tasks, blocking closures, erased ones), as long as they have one type. It
/// knows no runtime and spawns nothing. [`TaskGroup`](crate::TaskGroup) is a set with a runtime, for tasks without keys.
///
/// # Contract
///
/// - **Dropping the set aborts all tasks** in it (`group::drop_aborts_all`).
/// - Every task that was inserted is returned exactly once (`group::returns_each_task_once`), with its key
///   (`group::keys_stay_with_their_tasks`), in the order in which they are found to have ended.
/// - Only woken tasks are polled: once after they were inserted, and once for each wake (`group::polls_only_woken_tasks`).
/// - A task that ends while a wait begins is not missed (`group::no_gap_before_the_wait`), nor is one that is inserted while
///   another task waits in [`poll_join_next`](Self::poll_join_next) (`group::wait_sees_new_tasks`).
/// - The set keeps nothing of the joiner once it is dropped (`group::pins_no_joiner`).
///
/// # Cancellation
///
/// Dropping the future of [`join_next`](Self::join_next) loses no task.
///
/// # Cost
///
/// One allocation for each place in the set, which later tasks use again: a set that never holds more than ten tasks
/// allocates ten times, whatever it runs. A task that ended before it was looked at wakes nobody. Per task that ends, one
/// short lock of a mutex that only tasks of this set and their joiner share.
///
/// Rules: `calls::set_gives_back_what_is_removed`, `calls::set_aborts_and_detaches`.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::TaskSet;
///
/// async fn lengths<R: Runtime>(rt: &R, words: &[&'static str]) -> Vec<(usize, usize)> {
///     let mut set = TaskSet::new();
///     for (line, &word) in words.iter().enumerate() {
///         set.insert(line, rt.spawn_blocking(move || word.len()));
///     }
///     let mut lengths = Vec::new();
///     while let Some((line, length)) = set.join_next().await {
///         lengths.push((line, length.unwrap_or_default()));
///     }
///     lengths.sort_unstable();
///     lengths
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(lengths(&rt.handle(), &["a", "bc"])), [(0, 1), (1, 2)]);
/// ```
pub struct TaskSet<K, H: RawTask> {
    slots: Vec<Slot<K, H>>,
    len: usize,
    /// The first free slot; the others follow by `next_free`.
    free: usize,
    /// The slots to look at, of new tasks and of those that were woken; linked by `next`.
    first: usize,
    last: usize,
    ready: Arc<Ready>,
    /// Whether somebody may wait in a poll while another one uses the set.
    is_awaited: bool,
    serial: u64,
}

struct Slot<K, H: RawTask> {
    member: Option<Member<K, H>>,
    /// Of the place, not of the task in it: used again by the next one.
    state: Arc<SlotWaker>,
    waker: Waker,
    /// A free slot may have to be looked at as well, after a late wake: hence two links.
    next_free: usize,
    next: usize,
}

struct Member<K, H: RawTask> {
    handle: JoinHandle<H>,
    key: K,
    serial: u64,
}

/// A task that has ended: its key, and its output or why it has none.
///
/// # Examples
///
/// ```
/// use anyrt_core::RawTask;
/// use anyrt_structured::Joined;
///
/// fn name_if_it_failed<H: RawTask>((name, output): Joined<&'static str, H>) -> Option<&'static str> {
///     output.is_err().then_some(name)
/// }
/// ```
pub type Joined<K, H> = (K, Result<<H as RawTask>::Output, JoinError>);

/// A task that has ended, and what it was called.
type Ended<K, T> = (TaskId, (K, Result<T, JoinError>));

impl<K, H: RawTask> TaskSet<K, H> {
    /// Makes an empty set.
    pub fn new() -> Self {
        Self {
            slots: Vec::new(),
            len: 0,
            free: NIL,
            first: NIL,
            last: NIL,
            ready: Arc::new(Ready::new()),
            is_awaited: false,
            serial: 0,
        }
    }

    /// Puts a task into the set, under a key. Keys need not be unique, and `()` is one.
    ///
    /// # Examples
    ///
    /// A set of erased handles, which takes tasks and blocking closures:
    ///
    /// ```
    /// use anyrt_core::{JoinHandle, RawTask, prelude::*};
    /// use anyrt_structured::TaskSet;
    ///
    /// type Erased = Box<dyn RawTask<Output = u32> + Send>;
    ///
    /// async fn both<R: Runtime>(rt: &R) -> u32 {
    ///     let mut set = TaskSet::<_, Erased>::new();
    ///     set.insert("task", JoinHandle::new(Box::new(rt.spawn(async { 1 }))));
    ///     set.insert("closure", JoinHandle::new(Box::new(rt.spawn_blocking(|| 2))));
    ///     set.join_all().await.into_iter().flat_map(|(_, output)| output).sum()
    /// }
    /// # use anyrt_core::Config;
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # assert_eq!(rt.block_on(both(&rt.handle())), 3);
    /// ```
    pub fn insert(&mut self, key: K, handle: JoinHandle<H>) -> TaskId {
        let serial = self.serial;
        self.serial += 1;
        let member = Some(Member {
            handle,
            key,
            serial,
        });
        let index = if self.free == NIL {
            let state = SlotWaker::new(&self.ready, self.slots.len());
            self.slots.push(Slot {
                member,
                waker: state.clone().into(),
                state,
                next_free: NIL,
                next: NIL,
            });
            self.slots.len() - 1
        } else {
            let index = self.free;
            self.free = self.slots[index].next_free;
            self.slots[index].member = member;
            index
        };
        self.len += 1;
        // A late wake of the place's last task may have queued it already.
        if self.slots[index].state.claim() {
            self.push(index);
        }
        // The task has no waker of the set until it is looked at.
        self.wake_who_waits();
        TaskId { index, serial }
    }

    /// Waits for the next task to end and takes it out of the set; yields `None` when the set is empty.
    ///
    /// # Cancellation
    ///
    /// Dropping the returned future loses no task.
    #[inline]
    pub fn join_next(&mut self) -> JoinNext<'_, K, H> {
        JoinNext::new(self)
    }

    /// Takes a task that has ended out of the set, if there is one.
    ///
    /// It does not wait, so it uses up no budget that the runtime gives to the caller's task: called in a loop, it returns every
    /// task that has ended (`group::try_join_next_sees_all`).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::RawTask;
    /// use anyrt_structured::TaskSet;
    ///
    /// fn discard_ended<K, H: RawTask>(set: &mut TaskSet<K, H>) {
    ///     while set.try_join_next().is_some() {}
    /// }
    /// ```
    pub fn try_join_next(&mut self) -> Option<Joined<K, H>> {
        // First the slots that are linked already, then those that were woken since. A task that wakes itself whenever it
        // is looked at would go on for ever in a third round.
        for _ in 0..2 {
            while let Some(index) = self.pop() {
                if let Poll::Ready(ended) = self.look_at(index, RawTask::try_join) {
                    return Some(ended.1);
                }
            }
            if !self.take_ready(None) {
                return None;
            }
        }
        None
    }

    /// Polls for the next task that ends, for futures written by hand.
    ///
    /// The waker of the last poll is woken as well when a task is inserted, and when the set is emptied: the set may be behind a lock
    /// (`group::wait_sees_new_tasks`).
    #[inline]
    pub fn poll_join_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Joined<K, H>>> {
        self.poll_shared(cx)
            .map(|ended| ended.map(|(_, entry)| entry))
    }

    /// [`poll_join_next`](Self::poll_join_next), with the task's id.
    #[inline]
    pub(crate) fn poll_shared(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Ended<K, H::Output>>> {
        // So that it does not wake itself for the last task, which it takes out.
        self.is_awaited = false;
        let ended = self.poll_ended(cx);
        self.is_awaited = ended.is_pending();
        ended
    }

    /// Wakes who waits in [`poll_join_next`](Self::poll_join_next), if there is anybody.
    #[inline]
    fn wake_who_waits(&mut self) {
        if std::mem::take(&mut self.is_awaited) {
            self.ready.wake_joiner();
        }
    }

    /// [`poll_join_next`](Self::poll_join_next), with the task's id, for a future that borrows the set as long as it waits, or looks
    /// at the set again after each change. Nobody is woken for it when a task is inserted.
    pub(crate) fn poll_ended(&mut self, cx: &mut Context<'_>) -> Poll<Option<Ended<K, H::Output>>> {
        if self.is_empty() {
            return Poll::Ready(None);
        }
        let mut interruptions = 0;
        loop {
            while let Some(index) = self.pop() {
                if let Poll::Ready(ended) = self.look_at(index, RawTask::poll_join) {
                    return Poll::Ready(Some(ended));
                }
                if self.is_interrupted(index) {
                    interruptions += 1;
                    if interruptions == INTERRUPTIONS {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                }
            }
            if !self.take_ready(Some(cx.waker())) {
                return Poll::Pending;
            }
        }
    }

    /// Polls the task in a slot with `join`, if there is one, and takes it out when it has ended.
    #[inline]
    fn look_at(
        &mut self,
        index: usize,
        join: impl FnOnce(&mut JoinHandle<H>, &mut Context<'_>) -> Poll<Result<H::Output, JoinError>>,
    ) -> Poll<Ended<K, H::Output>> {
        let slot = &mut self.slots[index];
        slot.state.clear();
        let Some(member) = &mut slot.member else {
            return Poll::Pending;
        };
        let mut cx = Context::from_waker(&slot.waker);
        let Poll::Ready(output) = join(&mut member.handle, &mut cx) else {
            return Poll::Pending;
        };
        let member = self.vacate(index).expect("looked at just now");
        let id = TaskId {
            index,
            serial: member.serial,
        };
        Poll::Ready((id, (member.key, output)))
    }

    /// Frees a slot.
    #[inline]
    fn vacate(&mut self, index: usize) -> Option<Member<K, H>> {
        let slot = &mut self.slots[index];
        let member = slot.member.take()?;
        slot.next_free = self.free;
        self.free = index;
        self.len -= 1;
        if self.len == 0 {
            self.wake_who_waits();
        }
        Some(member)
    }

    /// Tells whether a task that was pending just now is not so for want of an end.
    #[inline]
    fn is_interrupted(&self, index: usize) -> bool {
        let Slot { member, state, .. } = &self.slots[index];
        state.is_queued() || matches!(member, Some(member) if member.handle.is_finished())
    }

    /// Waits for all tasks and returns their outputs in the order in which they were inserted.
    ///
    /// An error of one task stops no other; for that, [`try_scope`](crate::try_scope).
    ///
    /// # Cancellation
    ///
    /// Dropping the returned future aborts the tasks that have not ended, and drops the outputs of those that have.
    #[inline]
    pub fn join_all(self) -> JoinAll<K, H> {
        JoinAll::new(self)
    }

    /// Asks all tasks to stop, and returns at once. They stay in the set until they are joined.
    ///
    /// Blocking closures run to their end all the same (`blocking::abort_has_no_effect`).
    pub fn abort_all(&mut self) {
        for member in self.members_mut() {
            member.handle.abort();
        }
    }

    /// Asks one task to stop, and tells whether it was still in the set. It stays in there until it is joined.
    pub fn abort(&mut self, id: TaskId) -> bool {
        let member = self.member(id);
        let found = member.is_some();
        if let Some(member) = member {
            member.handle.abort();
        }
        found
    }

    /// Makes a handle that aborts one task from anywhere, or `None` when the task is no longer in the set.
    ///
    /// # Cost
    ///
    /// That of [`JoinHandle::abort_handle`].
    pub fn abort_handle(&mut self, id: TaskId) -> Option<AbortHandle> {
        Some(self.member(id)?.handle.abort_handle())
    }

    /// Asks all tasks to stop and waits until they are gone; their outputs and panics are dropped.
    ///
    /// # Cancellation
    ///
    /// The request is made by the call. Dropping the returned future stops the waiting and nothing else.
    #[inline]
    pub fn shutdown(&mut self) -> Shutdown<'_, K, H> {
        self.abort_all();
        Shutdown::new(self)
    }

    /// Takes one task out of the set without joining it, and returns its key and its handle; `None` when it is no longer in the
    /// set.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::RawTask;
    /// use anyrt_structured::{TaskId, TaskSet};
    ///
    /// fn let_one_run_on<K, H: RawTask>(set: &mut TaskSet<K, H>, id: TaskId) {
    ///     if let Some((_, task)) = set.remove(id) {
    ///         task.detach();
    ///     }
    /// }
    /// ```
    pub fn remove(&mut self, id: TaskId) -> Option<(K, JoinHandle<H>)> {
        self.member(id)?;
        let member = self.vacate(id.index)?;
        Some((member.key, member.handle))
    }

    /// Lets all tasks run on with nobody to join them, and empties the set.
    pub fn detach_all(&mut self) {
        for index in 0..self.slots.len() {
            if let Some(member) = self.vacate(index) {
                member.handle.detach();
            }
        }
    }

    /// The number of tasks that have not been joined, ended or not.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Tells whether all tasks have been joined.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The tasks in the set, with their keys, in no particular order.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::RawTask;
    /// use anyrt_structured::TaskSet;
    ///
    /// fn abort_older<H: RawTask>(set: &mut TaskSet<u32, H>, than: u32) {
    ///     let older: Vec<_> = set.iter().filter(|&(_, &age)| age > than).map(|(id, _)| id).collect();
    ///     for id in older {
    ///         set.abort(id);
    ///     }
    /// }
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (TaskId, &K)> {
        self.slots.iter().enumerate().filter_map(|(index, slot)| {
            let Member { serial, key, .. } = slot.member.as_ref()?;
            let serial = *serial;
            Some((TaskId { index, serial }, key))
        })
    }

    /// Adds a slot to those to look at, as the last one.
    #[inline]
    fn push(&mut self, index: usize) {
        self.slots[index].next = NIL;
        match self.last {
            NIL => self.first = index,
            last => self.slots[last].next = index,
        }
        self.last = index;
    }

    /// Takes the first of the slots to look at.
    #[inline]
    fn pop(&mut self) -> Option<usize> {
        if self.first == NIL {
            return None;
        }
        let index = self.first;
        self.first = self.slots[index].next;
        if self.first == NIL {
            self.last = NIL;
        }
        Some(index)
    }

    /// Takes the slots that were woken, the longest ago first, when none is left to look at; tells whether there was any.
    fn take_ready(&mut self, joiner: Option<&Waker>) -> bool {
        let newest = self.ready.take(joiner);
        self.last = newest;
        let (mut index, mut next) = (newest, NIL);
        while index != NIL {
            let slot = &mut self.slots[index];
            slot.next = next;
            next = index;
            index = slot.state.older();
        }
        self.first = next;
        newest != NIL
    }

    fn member(&mut self, id: TaskId) -> Option<&mut Member<K, H>> {
        let member = self.slots.get_mut(id.index)?.member.as_mut()?;
        (member.serial == id.serial).then_some(member)
    }

    fn members_mut(&mut self) -> impl Iterator<Item = &mut Member<K, H>> {
        self.slots
            .iter_mut()
            .filter_map(|slot| slot.member.as_mut())
    }
}

// Keys are never pinned.
impl<K, H: RawTask> Unpin for TaskSet<K, H> {}

impl<K, H: RawTask> Default for TaskSet<K, H> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, H: RawTask> Extend<(K, JoinHandle<H>)> for TaskSet<K, H> {
    fn extend<I: IntoIterator<Item = (K, JoinHandle<H>)>>(&mut self, tasks: I) {
        for (key, handle) in tasks {
            self.insert(key, handle);
        }
    }
}

impl<K, H: RawTask> FromIterator<(K, JoinHandle<H>)> for TaskSet<K, H> {
    fn from_iter<I: IntoIterator<Item = (K, JoinHandle<H>)>>(tasks: I) -> Self {
        let mut set = Self::new();
        set.extend(tasks);
        set
    }
}

impl<K, H: RawTask> Drop for TaskSet<K, H> {
    fn drop(&mut self) {
        for member in self.members_mut() {
            member.handle.abort_and_detach();
        }
        self.ready.forget_joiner();
    }
}

impl<K, H: RawTask> fmt::Debug for TaskSet<K, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TaskSet")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

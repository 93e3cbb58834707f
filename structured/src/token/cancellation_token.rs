use std::error::Error;
use std::fmt;
use std::future::Future;
use std::hash::{Hash, Hasher};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};

use crate::slab::Slab;
use crate::sync::lock;
use crate::wait_queue::{Removed, WaitQueue};
use crate::{DropGuard, RunUntilCancelled};

/// Tells any number of tasks to stop, once and for all, with no runtime behind it.
///
/// Clones are the same token. A [child](Self::child_token) is cancelled with its parent, and can be cancelled alone.
///
/// # Contract
///
/// - A cancelled token stays cancelled (`token::stays_cancelled`), with its first cause (`token::first_cause_wins`). When
///   [`cancel`](Self::cancel) returns, all its descendants are cancelled (`token::cancels_all_descendants`); its parent and its
///   siblings are not (`token::child_leaves_its_parent_alone`).
/// - Clones are equal and have equal hashes; no other token is equal to them (`token::clones_are_equal`).
/// - Every waiting future is woken (`token::wakes_all_waiters`). No lock is held meanwhile, so a waker may use the token
///   (`token::wakes_outside_the_lock`). A cancel that races with the start of a wait is not missed
///   (`token::no_gap_before_the_wait`).
/// - A dropped wait leaves nothing behind (`token::dropped_waiters_leave_nothing`), nor does a child whose last clone is gone
///   (`token::dropped_children_leave_nothing`).
///
/// # Cancellation
///
/// Dropping a token cancels nothing (`token::dropping_a_token_cancels_nothing`); [`drop_guard`](Self::drop_guard) makes a guard
/// whose drop does (`token::drop_guard_cancels`).
///
/// # Cost
///
/// One allocation for a token or a child. [`is_cancelled`](Self::is_cancelled) is one atomic load. To start or to stop waiting
/// takes a short lock, and to cancel takes one for each descendant and a wake for each waiter.
///
/// # Examples
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::CancellationToken;
///
/// async fn until_told<R: Runtime>(rt: &R) -> &'static str {
///     let token = CancellationToken::new();
///     let seen = token.child_token();
///     let worker = rt.spawn(async move {
///         seen.cancelled().await;
///         "stopped"
///     });
///     token.cancel();
///     worker.await.unwrap_or("panicked")
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(until_told(&rt.handle())), "stopped");
/// ```
#[derive(Clone)]
pub struct CancellationToken {
    node: Arc<Node>,
}

/// A token, shared by its clones, its waiters and its children.
struct Node {
    cancelled: AtomicBool,
    state: Mutex<State>,
    /// Kept alive by its children: a grandchild must be reached though nobody holds the token between.
    parent: Option<Parent>,
}

struct State {
    waiters: WaitQueue,
    /// Weak, so that a child goes when its last clone does.
    children: Slab<Weak<Node>>,
    cause: Option<Cause>,
}

type Cause = Arc<dyn Error + Send + Sync>;

struct Parent {
    node: Arc<Node>,
    /// Of this node, among its parent's children.
    key: usize,
}

impl CancellationToken {
    /// Makes a token that is not cancelled.
    pub fn new() -> Self {
        Self {
            node: Arc::new(Node::new(None)),
        }
    }

    /// Makes a token that is cancelled with this one, and can be cancelled alone. A child of a cancelled token is cancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::CancellationToken;
    ///
    /// let server = CancellationToken::new();
    /// let (first, second) = (server.child_token(), server.child_token());
    /// first.cancel();
    /// assert!(first.is_cancelled() && !second.is_cancelled() && !server.is_cancelled());
    /// server.cancel();
    /// assert!(second.is_cancelled());
    /// ```
    pub fn child_token(&self) -> Self {
        let mut state = lock(&self.node.state);
        if self.is_cancelled() {
            let cause = state.cause.clone();
            drop(state);
            return Self {
                node: Arc::new(Node::cancelled(cause)),
            };
        }
        let key = state.children.insert(Weak::new());
        let parent = Parent {
            node: self.node.clone(),
            key,
        };
        let node = Arc::new(Node::new(Some(parent)));
        if let Some(place) = state.children.get_mut(key) {
            *place = Arc::downgrade(&node);
        }
        drop(state);
        Self { node }
    }

    /// Cancels the token and all its descendants, and wakes everybody who waits for one of them. Idempotent.
    pub fn cancel(&self) {
        self.cancel_all(None);
    }

    /// Cancels the token and all its descendants as [`cancel`](Self::cancel) does, and says why.
    ///
    /// The first cause wins: a token that was cancelled keeps the [cause](Self::cause) that it had, or none.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::CancellationToken;
    ///
    /// let server = CancellationToken::new();
    /// let connection = server.child_token();
    /// server.cancel_with("the disk is full");
    /// assert_eq!(connection.cause().map(|cause| cause.to_string()).as_deref(), Some("the disk is full"));
    /// ```
    pub fn cancel_with(&self, cause: impl Into<Box<dyn Error + Send + Sync>>) {
        self.cancel_all(Some(cause.into().into()));
    }

    /// Why the token was cancelled, if somebody [said so](Self::cancel_with).
    pub fn cause(&self) -> Option<Arc<dyn Error + Send + Sync>> {
        lock(&self.node.state).cause.clone()
    }

    fn cancel_all(&self, cause: Option<Cause>) {
        // All are marked before the first is woken: whoever is woken sees the whole tree cancelled.
        let mut woken = Vec::new();
        let mut next = Some(self.node.clone());
        let mut others = Vec::new();
        while let Some(node) = next {
            let mut state = lock(&node.state);
            if !node.cancelled.load(Ordering::Relaxed) {
                state.cause.clone_from(&cause);
                node.cancelled.store(true, Ordering::Release);
                woken.push(state.waiters.take_all());
                let children = std::mem::replace(&mut state.children, Slab::new());
                drop(state);
                others.extend(children.into_values().filter_map(|child| child.upgrade()));
            }
            next = others.pop();
        }
        for waiter in woken.into_iter().flatten() {
            waiter.wake();
        }
    }

    /// Tells whether the token was cancelled.
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        self.node.cancelled.load(Ordering::Acquire)
    }

    /// Waits until the token is cancelled. See [`Cancelled`].
    #[inline]
    pub fn cancelled(&self) -> Cancelled {
        Cancelled {
            node: self.node.clone(),
            key: None,
        }
    }

    /// Runs `future` until it is ready, and yields its output, or until the token is cancelled, and yields `None`. See
    /// [`RunUntilCancelled`].
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::CancellationToken;
    ///
    /// async fn work(token: &CancellationToken) -> &'static str {
    ///     match token.run_until_cancelled(async { 42 }).await {
    ///         Some(_) => "done",
    ///         None => "stopped",
    ///     }
    /// }
    /// # use anyrt_core::{prelude::*, Config};
    /// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
    /// # let token = CancellationToken::new();
    /// # assert_eq!(rt.block_on(work(&token)), "done");
    /// # token.cancel();
    /// # assert_eq!(rt.block_on(work(&token)), "stopped");
    /// ```
    #[inline]
    pub fn run_until_cancelled<F: Future>(&self, future: F) -> RunUntilCancelled<F> {
        RunUntilCancelled::new(self.cancelled(), future)
    }

    /// Makes a guard whose drop cancels the token.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::CancellationToken;
    ///
    /// let token = CancellationToken::new();
    /// drop(token.clone().drop_guard());
    /// assert!(token.is_cancelled());
    /// ```
    #[inline]
    pub fn drop_guard(self) -> DropGuard {
        DropGuard::new(self)
    }

    /// How many futures are registered with this very token.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        lock(&self.node.state).waiters.waiting()
    }

    /// How many children are registered with this very token.
    #[cfg(test)]
    pub(crate) fn children(&self) -> usize {
        lock(&self.node.state).children.len()
    }
}

impl Default for CancellationToken {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancellationToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancellationToken")
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

impl PartialEq for CancellationToken {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.node, &other.node)
    }
}

impl Eq for CancellationToken {}

impl Hash for CancellationToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.node).hash(state);
    }
}

impl Node {
    fn new(parent: Option<Parent>) -> Self {
        Self {
            cancelled: AtomicBool::new(false),
            state: Mutex::new(State {
                waiters: WaitQueue::new(),
                children: Slab::new(),
                cause: None,
            }),
            parent,
        }
    }

    /// A token that was cancelled before it was made.
    fn cancelled(cause: Option<Cause>) -> Self {
        let mut node = Self::new(None);
        node.cancelled = AtomicBool::new(true);
        node.state
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .cause = cause;
        node
    }

    /// Takes the child out of its parent, which it then may be the last to hold.
    fn leave(parent: Parent) -> Arc<Self> {
        let mut state = lock(&parent.node.state);
        // A parent that was cancelled has let go of all its children.
        if !parent.node.cancelled.load(Ordering::Relaxed) {
            state.children.remove(parent.key);
        }
        drop(state);
        parent.node
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // In a loop: the drop of a long line of descendants must not use the stack up.
        let mut parent = self.parent.take();
        while let Some(found) = parent {
            parent = Arc::into_inner(Self::leave(found)).and_then(|mut node| node.parent.take());
        }
    }
}

/// Waits until a token is cancelled; made by [`CancellationToken::cancelled`].
///
/// It keeps the token alive, may be moved between tasks (`token::last_waker_is_woken`), and is ready again when it is polled after
/// it was.
///
/// # Cancellation
///
/// Dropping it releases its waker at once (`token::dropped_waiters_leave_nothing`).
///
/// # Examples
///
/// ```
/// use anyrt_structured::{Cancelled, CancellationToken};
///
/// struct Worker { stop: Cancelled }
///
/// let token = CancellationToken::new();
/// let worker = Worker { stop: token.cancelled() };
/// token.cancel();
/// # use anyrt_core::{prelude::*, Config};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// rt.block_on(worker.stop);
/// ```
#[must_use = "futures do nothing unless polled"]
pub struct Cancelled {
    node: Arc<Node>,
    /// Of this waiter, once it was pending.
    key: Option<usize>,
}

impl Cancelled {
    pub(crate) fn is_cancelled(&self) -> bool {
        self.node.cancelled.load(Ordering::Acquire)
    }
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.is_cancelled() {
            return Poll::Ready(());
        }
        if let Some(key) = self.key {
            let state = lock(&self.node.state);
            if self.is_cancelled() {
                return Poll::Ready(());
            }
            if state.waiters.will_wake(key, cx.waker()) {
                return Poll::Pending;
            }
        }
        // Cloned and dropped without the lock: both run code that is not ours.
        let waker = cx.waker().clone();
        let this = &mut *self;
        let mut state = lock(&this.node.state);
        if this.node.cancelled.load(Ordering::Relaxed) {
            drop(state);
            return Poll::Ready(());
        }
        let old = match this.key {
            Some(key) => Some(state.waiters.replace(key, waker)),
            None => {
                this.key = Some(state.waiters.push(waker));
                None
            }
        };
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Cancelled {
    fn drop(&mut self) {
        let Some(key) = self.key else { return };
        let mut state = lock(&self.node.state);
        // Cancelling has taken all waiters and ended all keys.
        if self.node.cancelled.load(Ordering::Relaxed) {
            return;
        }
        let removed = state.waiters.remove(key);
        drop(state);
        if let Removed::Waiting(waker) = removed {
            drop(waker);
        }
    }
}

impl fmt::Debug for Cancelled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled")
            .field("is_cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;
    use std::task::{Wake, Waker};

    use super::*;

    /// What a waker that can be counted keeps: a task, so to speak.
    struct Task(AtomicUsize);

    impl Wake for Task {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn poll(future: &mut Cancelled, waker: &Waker) -> bool {
        Pin::new(future)
            .poll(&mut Context::from_waker(waker))
            .is_ready()
    }

    #[test]
    fn dropped_waiters_leave_nothing() {
        let token = CancellationToken::new();
        let task = Arc::new(Task(AtomicUsize::new(0)));
        let waker = Waker::from(task.clone());
        for _ in 0..3 {
            let mut waiters: Vec<_> = (0..5000).map(|_| token.cancelled()).collect();
            for waiter in &mut waiters {
                assert!(!poll(waiter, &waker) && !poll(waiter, &waker));
            }
            assert_eq!(token.waiting(), 5000);
            assert_eq!(Arc::strong_count(&task), 5002);
            drop(waiters);
            assert_eq!(token.waiting(), 0);
            assert_eq!(Arc::strong_count(&task), 2);
        }
    }

    #[test]
    fn the_last_waker_is_the_one_that_is_woken() {
        let token = CancellationToken::new();
        let [first, second] = [(); 2].map(|()| Arc::new(Task(AtomicUsize::new(0))));
        let mut waiter = token.cancelled();
        assert!(!poll(&mut waiter, &first.clone().into()));
        assert!(!poll(&mut waiter, &second.clone().into()));
        assert_eq!(Arc::strong_count(&first), 1);
        token.cancel();
        assert_eq!(first.0.load(Ordering::Relaxed), 0);
        assert_eq!(second.0.load(Ordering::Relaxed), 1);
    }

    #[test]
    fn children_leave_their_parent() {
        let parent = CancellationToken::new();
        let children: Vec<_> = (0..1000).map(|_| parent.child_token()).collect();
        let grandchild = children[7].child_token();
        assert_eq!(parent.children(), 1000);
        drop(children);
        assert_eq!(parent.children(), 1, "the one with a child of its own");
        parent.cancel();
        assert!(grandchild.is_cancelled());
        drop(grandchild);
        assert!(parent.child_token().is_cancelled());
        assert_eq!(parent.children(), 0);
    }
}

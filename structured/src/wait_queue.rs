use std::task::Waker;

const NIL: usize = usize::MAX;

/// Wakers in the order in which they came, each replaced and removed by its key in constant time.
///
/// It calls no waker and drops none: whoever holds the lock around it takes them out, and wakes and drops them after the lock
/// is free, because both run code that is not ours.
#[derive(Debug)]
pub(crate) struct WaitQueue {
    nodes: Vec<Node>,
    /// The first of the free nodes, which are linked by `next`.
    free: usize,
    head: usize,
    tail: usize,
}

#[derive(Debug)]
struct Node {
    state: State,
    previous: usize,
    next: usize,
}

#[derive(Debug)]
enum State {
    Free,
    Waiting(Waker),
    /// Taken by [`WaitQueue::pop`]; the key is valid until it is removed.
    Popped,
}

/// What was found where a waiter was removed.
#[derive(Debug)]
pub(crate) enum Removed {
    Waiting(Waker),
    Popped,
}

impl WaitQueue {
    pub(crate) const fn new() -> Self {
        Self {
            nodes: Vec::new(),
            free: NIL,
            head: NIL,
            tail: NIL,
        }
    }

    /// Adds a waiter at the end and returns its key, which is valid until it is removed.
    pub(crate) fn push(&mut self, waker: Waker) -> usize {
        let node = Node {
            state: State::Waiting(waker),
            previous: self.tail,
            next: NIL,
        };
        let key = if self.free == NIL {
            self.nodes.push(node);
            self.nodes.len() - 1
        } else {
            let key = self.free;
            self.free = self.nodes[key].next;
            self.nodes[key] = node;
            key
        };
        match self.tail {
            NIL => self.head = key,
            tail => self.nodes[tail].next = key,
        }
        self.tail = key;
        key
    }

    /// The key of the longest waiter.
    pub(crate) fn first(&self) -> Option<usize> {
        (self.head != NIL).then_some(self.head)
    }

    pub(crate) fn is_popped(&self, key: usize) -> bool {
        matches!(self.nodes[key].state, State::Popped)
    }

    pub(crate) fn will_wake(&self, key: usize, waker: &Waker) -> bool {
        matches!(&self.nodes[key].state, State::Waiting(old) if old.will_wake(waker))
    }

    /// Gives a waiter another waker and returns the old one; a waiter that was popped keeps none, and gets its own back.
    pub(crate) fn replace(&mut self, key: usize, waker: Waker) -> Waker {
        match &mut self.nodes[key].state {
            State::Waiting(old) => std::mem::replace(old, waker),
            State::Popped | State::Free => waker,
        }
    }

    /// Takes the longest waiter out of the line and returns its waker. Its key stays valid, and says so.
    pub(crate) fn pop(&mut self) -> Option<Waker> {
        if self.head == NIL {
            return None;
        }
        let key = self.head;
        self.unlink(key);
        match std::mem::replace(&mut self.nodes[key].state, State::Popped) {
            State::Waiting(waker) => Some(waker),
            State::Popped | State::Free => unreachable!("only waiters are linked"),
        }
    }

    /// Ends a key.
    pub(crate) fn remove(&mut self, key: usize) -> Removed {
        let removed = match std::mem::replace(&mut self.nodes[key].state, State::Free) {
            State::Waiting(waker) => {
                self.unlink(key);
                Removed::Waiting(waker)
            }
            State::Popped => Removed::Popped,
            State::Free => unreachable!("a key is removed once"),
        };
        self.nodes[key].next = self.free;
        self.free = key;
        removed
    }

    /// Takes all wakers, the longest waiter's first, and ends all keys.
    pub(crate) fn take_all(&mut self) -> Self {
        std::mem::replace(self, Self::new())
    }

    /// How many are waiting; counts them.
    #[cfg(test)]
    pub(crate) fn waiting(&self) -> usize {
        self.nodes
            .iter()
            .filter(|node| matches!(node.state, State::Waiting(_)))
            .count()
    }

    fn unlink(&mut self, key: usize) {
        let Node { previous, next, .. } = self.nodes[key];
        match previous {
            NIL => self.head = next,
            previous => self.nodes[previous].next = next,
        }
        match next {
            NIL => self.tail = previous,
            next => self.nodes[next].previous = previous,
        }
    }
}

/// The wakers, the longest waiter's first.
impl Iterator for WaitQueue {
    type Item = Waker;

    fn next(&mut self) -> Option<Waker> {
        self.pop()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    use super::*;

    struct Note(usize, Arc<AtomicUsize>);

    impl Wake for Note {
        fn wake(self: Arc<Self>) {
            self.1.store(self.0, Ordering::Relaxed);
        }
    }

    fn order(queue: &mut WaitQueue, note: &AtomicUsize) -> Vec<usize> {
        queue
            .map(|waker| {
                waker.wake();
                note.load(Ordering::Relaxed)
            })
            .collect()
    }

    #[test]
    fn waiters_leave_in_the_order_in_which_they_came() {
        let note = Arc::new(AtomicUsize::new(0));
        let mut queue = WaitQueue::new();
        let push = |queue: &mut WaitQueue, n| queue.push(Arc::new(Note(n, note.clone())).into());
        let keys: Vec<_> = (0..6).map(|n| push(&mut queue, n)).collect();
        for gone in [0, 3, 5] {
            assert!(matches!(queue.remove(keys[gone]), Removed::Waiting(_)));
        }
        push(&mut queue, 6);
        push(&mut queue, 7);
        assert_eq!(order(&mut queue, &note), [1, 2, 4, 6, 7]);
    }

    #[test]
    fn a_waiter_knows_its_waker() {
        let note = Arc::new(AtomicUsize::new(0));
        let waker = |n| Waker::from(Arc::new(Note(n, note.clone())));
        let (one, other) = (waker(1), waker(2));
        let mut queue = WaitQueue::new();
        // Clones, because a clone may have another table of functions than what it was made from.
        let key = queue.push(one.clone());
        assert!(queue.will_wake(key, &one.clone()) && !queue.will_wake(key, &other));
        drop(queue.pop());
        assert!(!queue.will_wake(key, &one.clone()), "it has none any more");
    }

    #[test]
    fn freed_places_are_used_again() {
        let mut queue = WaitQueue::new();
        for _ in 0..1000 {
            let first = queue.push(Waker::noop().clone());
            let second = queue.push(Waker::noop().clone());
            assert!(queue.pop().is_some() && queue.is_popped(first));
            assert!(matches!(queue.remove(first), Removed::Popped));
            assert!(matches!(queue.remove(second), Removed::Waiting(_)));
        }
        assert_eq!(queue.nodes.len(), 2);
    }
}

//! The set of tasks, and its list of those that are ready.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use anyrt_core::{AbortHandle, JoinError, JoinHandle, RawTask};
use anyrt_models::{TaskSet, explore};
use shuttle::future::block_on;
use shuttle::sync::Mutex;
use shuttle::thread;

/// A task that ends when somebody says so.
#[derive(Clone, Debug, Default)]
struct Manual(Arc<Mutex<(Option<u32>, Option<Waker>)>>);

impl Manual {
    fn end(&self, output: u32) {
        let waker = {
            let mut state = self.0.lock().expect("no panic");
            state.0 = Some(output);
            state.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }
}

impl RawTask for Manual {
    type Output = u32;

    fn poll_join(&mut self, cx: &mut Context<'_>) -> Poll<Result<u32, JoinError>> {
        let mut state = self.0.lock().expect("no panic");
        match state.0.take() {
            Some(output) => Poll::Ready(Ok(output)),
            None => {
                state.1 = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn abort(&mut self) {}

    fn is_finished(&self) -> bool {
        self.0.lock().expect("no panic").0.is_some()
    }

    fn detach(&mut self) {}

    fn abort_handle(&mut self) -> AbortHandle {
        AbortHandle::new((), |()| {}, |()| true)
    }
}

#[test]
fn every_task_is_returned_whenever_it_ends() {
    explore(|| {
        let tasks: Vec<_> = (0..3).map(|_| Manual::default()).collect();
        let mut set: TaskSet<usize, Manual> = TaskSet::new();
        for (key, task) in tasks.iter().enumerate() {
            set.insert(key, JoinHandle::new(task.clone()));
        }
        let ends: Vec<_> = tasks
            .into_iter()
            .zip(0..)
            .map(|(task, output)| thread::spawn(move || task.end(output)))
            .collect();
        let mut seen = Vec::new();
        while let Some((key, output)) = block_on(set.join_next()) {
            assert_eq!(
                output.expect("it ends") as usize,
                key,
                "the output of another task"
            );
            seen.push(key);
            // A place that is free is used again while late wakes of the task before may come.
            if key == 0 && seen.len() < 4 {
                let late = Manual::default();
                set.insert(3, JoinHandle::new(late.clone()));
                thread::spawn(move || late.end(3));
            }
        }
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2, 3], "each task once");
        for end in ends {
            end.join().expect("no panic");
        }
    });
}

#[test]
fn a_join_that_is_given_up_loses_no_task() {
    explore(|| {
        let task = Manual::default();
        let mut set = TaskSet::new();
        set.insert((), JoinHandle::new(task.clone()));
        let ends = thread::spawn(move || task.end(7));
        let mut cx = Context::from_waker(Waker::noop());
        let first = set.poll_join_next(&mut cx);
        let ended = match first {
            Poll::Ready(ended) => ended,
            Poll::Pending => block_on(set.join_next()),
        };
        assert!(
            ended.is_some_and(|((), output)| output.is_ok_and(|it| it == 7)),
            "the task"
        );
        ends.join().expect("no panic");
    });
}

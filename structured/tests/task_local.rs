//! `task_local!`.

mod common;

use std::future::pending;
use std::sync::{Arc, Mutex};

use anyrt_core::{prelude::*, yield_now};
use anyrt_structured::{Either, TaskGroup, select, task_local};

use self::common::on_every_runtime;

task_local! {
    static NUMBER: usize;
    static TEXT: String;
}

on_every_runtime! {
    each_task_finds_its_own,
    scopes_nest,
    spawned_tasks_inherit_nothing,
    destructors_find_the_value,
    a_panic_leaves_nothing_behind,
}

async fn each_task_finds_its_own<R: Runtime>(rt: R) {
    let mut group = TaskGroup::new(&rt);
    for n in 0..50 {
        group.spawn(NUMBER.scope(n, async move {
            for _ in 0..10 {
                assert_eq!(NUMBER.get(), Ok(n));
                yield_now().await;
            }
        }));
        group.spawn(async {
            yield_now().await;
            assert!(NUMBER.get().is_err());
        });
    }
    for ended in group.join_all().await {
        ended.unwrap();
    }
}

async fn scopes_nest<R: Runtime>(_: R) {
    let inner = async {
        yield_now().await;
        assert_eq!((NUMBER.get(), TEXT.get()), (Ok(2), Ok("a".to_owned())));
        NUMBER.sync_scope(3, || assert_eq!(NUMBER.get(), Ok(3)));
        assert_eq!(NUMBER.get(), Ok(2));
    };
    let outer = async {
        TEXT.scope("a".to_owned(), NUMBER.scope(2, inner)).await;
        assert_eq!((NUMBER.get(), TEXT.get().is_err()), (Ok(1), true));
    };
    NUMBER.scope(1, outer).await;
    assert!(NUMBER.get().is_err());
}

async fn spawned_tasks_inherit_nothing<R: Runtime>(rt: R) {
    let task = NUMBER.scope(1, async { rt.spawn(async { NUMBER.get() }).await });
    assert!(task.await.unwrap().is_err());
}

/// Notes the value that its destructor finds.
struct Note(Arc<Mutex<Vec<Option<usize>>>>);

impl Drop for Note {
    fn drop(&mut self) {
        self.0.lock().unwrap().push(NUMBER.get().ok());
    }
}

async fn destructors_find_the_value<R: Runtime>(rt: R) {
    let found = Arc::new(Mutex::new(Vec::new()));
    let note = Note(found.clone());
    let waits = NUMBER.scope(1, async move {
        let _note = note;
        pending::<()>().await;
    });
    let first = select(Box::pin(waits), yield_now()).await;
    assert!(matches!(first, Either::Right(())));
    let note = Note(found.clone());
    NUMBER.scope(2, async move { drop(note) }).await;
    let note = Note(found.clone());
    drop(NUMBER.scope(3, async move { drop(note) }));
    let note = Note(found.clone());
    let aborted = rt.spawn(NUMBER.scope(4, async move {
        let _note = note;
        pending::<()>().await;
    }));
    assert!(aborted.cancel().await.unwrap_err().is_cancelled());
    assert_eq!(*found.lock().unwrap(), [Some(1), Some(2), Some(3), Some(4)]);
}

async fn a_panic_leaves_nothing_behind<R: Runtime>(rt: R) {
    for n in 0..20 {
        let panics = NUMBER.scope(n, async { std::panic::resume_unwind(Box::new(1)) });
        let ended: Result<(), _> = rt.spawn(panics).await;
        assert!(ended.unwrap_err().is_panic());
        assert!(rt.spawn(async { NUMBER.get() }).await.unwrap().is_err());
    }
}

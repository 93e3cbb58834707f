//! The feature `tracing`: instrumented tasks run in a span that names them.
#![cfg(feature = "tracing")]

mod common;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use anyrt_core::{Config, prelude::*, yield_now};
use anyrt_structured::Instrumented;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Notes the fields of spans, and how often each was entered and left.
#[derive(Clone, Default)]
struct Notes {
    next: Arc<AtomicU64>,
    spans: Arc<Mutex<BTreeMap<u64, Note>>>,
}

#[derive(Default)]
struct Note {
    name: &'static str,
    fields: BTreeMap<&'static str, String>,
    entered: u32,
    left: u32,
}

impl Visit for Note {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}

impl Subscriber for Notes {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let mut note = Note {
            name: span.metadata().name(),
            ..Note::default()
        };
        span.record(&mut note);
        self.spans.lock().unwrap().insert(id, note);
        Id::from_u64(id)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, id: &Id) {
        self.spans
            .lock()
            .unwrap()
            .entry(id.into_u64())
            .or_default()
            .entered += 1;
    }

    fn exit(&self, id: &Id) {
        self.spans
            .lock()
            .unwrap()
            .entry(id.into_u64())
            .or_default()
            .left += 1;
    }
}

#[test]
fn an_instrumented_task_runs_in_its_span() {
    let notes = Notes::default();
    let owned = anyrt_tokio::Owned::launch(Config::new().flavor(anyrt_core::Flavor::CurrentThread))
        .unwrap();
    let line = tracing::subscriber::with_default(notes.clone(), || {
        let line = line!() + 1;
        let task = Instrumented::new(owned.handle()).spawn_named("worker", async {
            yield_now().await;
            yield_now().await;
        });
        owned.block_on(task).unwrap();
        line
    });
    let spans = notes.spans.lock().unwrap();
    let note = spans
        .values()
        .find(|note| note.name == "runtime.spawn")
        .unwrap();
    assert_eq!(note.fields["task.name"], "\"worker\"");
    assert_eq!(note.fields["loc.file"], format!("{:?}", file!()));
    assert_eq!(note.fields["loc.line"], line.to_string());
    assert!(note.entered >= 3, "once per poll: {}", note.entered);
    assert_eq!(note.entered, note.left);
}

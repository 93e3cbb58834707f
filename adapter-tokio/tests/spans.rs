//! What a `tracing` subscriber sees of named tasks, and so what tokio's console shows.
//!
//! `RUSTFLAGS='--cfg tokio_unstable' cargo test -p anyrt-tokio --test spans`, which is a step of CI; without the cfg tokio has
//! neither spans nor names.
#![cfg(tokio_unstable)]

mod watchdog;

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once};

use anyrt_core::{AnyRuntime, Config, SpawnMeta, prelude::*};
use anyrt_tokio::{Ambient, Local, Owned};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// The fields of one span of tokio's.
#[derive(Default)]
struct Fields(BTreeMap<&'static str, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name(), format!("{value:?}"));
    }
}

/// Keeps the fields of every `runtime.spawn` span, as console-subscriber does.
#[derive(Clone, Default)]
struct Console {
    next: Arc<AtomicU64>,
    tasks: Arc<Mutex<Vec<Fields>>>,
}

impl Subscriber for Console {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        if span.metadata().name() == "runtime.spawn" {
            let mut fields = Fields::default();
            span.record(&mut fields);
            self.tasks.lock().unwrap().push(fields);
        }
        Id::from_u64(self.next.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Runs a test while somebody watches on every thread.
///
/// A place in the code that is met first where nobody watches is noted as of no interest, and that note races with the
/// beginning of another test's watch.
fn watched(test: impl FnOnce() + Send + 'static) {
    static EVERYWHERE: Once = Once::new();
    EVERYWHERE.call_once(|| {
        tracing::subscriber::set_global_default(Console::default()).expect("this is the only one");
    });
    watchdog::watched(test);
}

/// What the console shows of the tasks that `spawn` starts: kind, name, file and line, in this order.
fn shown(spawn: impl FnOnce()) -> Vec<(String, String, String, u32)> {
    let console = Console::default();
    tracing::subscriber::with_default(console.clone(), spawn);
    let tasks = console.tasks.lock().unwrap();
    let row = |Fields(task): &Fields| {
        let text = |field| task[field].trim_matches('"').to_owned();
        let line = task["loc.line"].parse().unwrap();
        (text("kind"), text("task.name"), text("loc.file"), line)
    };
    tasks
        .iter()
        .map(row)
        .filter(|(kind, ..)| kind != "block_on")
        .collect()
}

fn row(kind: &str, name: &str, line: u32) -> (String, String, String, u32) {
    (kind.into(), name.into(), file!().into(), line)
}

/// As a library spawns, which knows no runtime.
#[track_caller]
fn library<R: Runtime>(rt: &R, name: &str) -> u32 {
    rt.spawn_named(name, async {}).detach();
    rt.spawn_blocking_named(name, || {}).detach();
    Location::caller().line()
}

#[test]
fn the_console_shows_names_and_the_lines_of_callers() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let tokio = rt.handle();
        let shared = &Arc::new(rt.handle());
        let mut line = 0;
        let seen = shown(|| {
            line = line!() + 1;
            drop(tokio.spawn_named("by handle", async {}));
            drop(tokio.spawn_blocking_named("closure", || {}));
            drop(tokio.spawn(async {}));
            drop(shared.spawn_named("through pointers", async {}));
            let _inside = tokio.as_tokio().enter();
            drop(Ambient.spawn_named("ambient", async {}));
            drop(Ambient.spawn_blocking_named("ambient closure", || {}));
            drop(Ambient.spawn(async {}));
        });
        assert_eq!(
            seen,
            [
                row("task", "by handle", line),
                row("blocking", "closure", line + 1),
                row("task", "", line + 2),
                row("task", "through pointers", line + 3),
                row("task", "ambient", line + 5),
                row("blocking", "ambient closure", line + 6),
                row("task", "", line + 7),
            ]
        );
    });
}

#[test]
fn the_console_shows_local_tasks() {
    watched(|| {
        let rt = Local::launch(Config::new()).unwrap();
        let handle = rt.handle();
        let mut line = 0;
        let seen = shown(|| {
            line = line!() + 1;
            handle.spawn_local_named("local", async {}).detach();
            handle.spawn_local(async {}).detach();
            handle.spawn_blocking_named("closure", || {}).detach();
        });
        assert_eq!(
            seen,
            [
                row("task", "local", line),
                row("task", "", line + 1),
                row("blocking", "closure", line + 2),
            ]
        );
    });
}

#[test]
fn names_go_through_generic_code_and_through_any_runtime() {
    watched(|| {
        let rt = Owned::launch(Config::new()).unwrap();
        let (tokio, any) = (rt.handle(), AnyRuntime::new(rt.handle()));
        let mut line = 0;
        let seen = shown(|| line = library(&tokio, "generic"));
        let names: Vec<_> = seen
            .iter()
            .map(|(kind, name, ..)| (&**kind, &**name))
            .collect();
        assert_eq!(names, [("task", "generic"), ("blocking", "generic")]);
        assert!(line > 0 && seen.iter().all(|(_, _, file, _)| file == file!()));

        let seen = shown(|| line = library(&any, "erased"));
        let names: Vec<_> = seen
            .iter()
            .map(|(kind, name, ..)| (&**kind, &**name))
            .collect();
        assert_eq!(names, [("task", "erased"), ("blocking", "erased")]);
        // What the documentation of `AnyRuntime` says of the line.
        assert!(
            seen.iter()
                .all(|(_, _, file, _)| file.ends_with("dyn_runtime.rs")),
            "{seen:?}"
        );

        let elsewhere = SpawnMeta::named("on behalf").at(Location::caller());
        let seen = shown(|| tokio.spawn_with(elsewhere, async {}).detach());
        assert_eq!((&*seen[0].1, &*seen[0].2), ("on behalf", file!()));
    });
}

//! A program as Rust code.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::expected::{Expected, Seen, expected, timeout};
use super::program::{End, Fate, Place, Program, Step, Task};

/// `program` as a function against core's API that asserts what the model says; `local` is for runtimes whose tasks stay on
/// one thread.
///
/// It stands by itself: a file of its own, or a module. Drops are asserted where a handle is awaited, and ends where nobody
/// awaits one.
pub fn rust_code(program: &Program, local: bool) -> String {
    let mut printer = Printer {
        expected: expected(program),
        unawaited: 0,
        local,
        depth: 1,
        out: String::new(),
    };
    printer.steps(&program.root);
    if printer.unawaited > 0 {
        let all = printer.unawaited;
        printer.line(&format!("ended(&rt, {all}).await;"));
    }
    let bound = if local { "LocalRuntime" } else { "Runtime" };
    let start = if printer.unawaited > 0 {
        "    ENDED.store(0, Ordering::SeqCst);\n"
    } else {
        ""
    };
    let body = printer.out;
    let mut code = format!("pub(crate) async fn program<R: {bound}>(rt: R) {{\n{start}{body}}}\n");
    // A helper may use one that stands before it.
    for (name, helper) in HELPERS.iter().rev() {
        if code.contains(name) {
            code.push('\n');
            code.push_str(helper);
        }
    }
    imports(&code) + "\n" + &code
}

struct Printer {
    expected: BTreeMap<u32, Expected>,
    /// How many tasks come to their end with nobody to await it.
    unawaited: usize,
    local: bool,
    depth: usize,
    out: String,
}

impl Printer {
    fn line(&mut self, text: &str) {
        let indent = 4 * self.depth;
        writeln!(self.out, "{:indent$}{text}", "").expect("a string takes any text");
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            self.step(step);
        }
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Yield => self.line("yield_now().await;"),
            Step::Sleep(millis) => self.line(&format!("sleep(&rt, {millis}).await;")),
            Step::Interval { period, ticks } => {
                self.line(&format!("ticks(&rt, {period}, {ticks}).await;"));
            }
            Step::Timeout { limit, sleep } => {
                let inner = match sleep {
                    Some(millis) => format!("rt.sleep({})", ms(*millis)),
                    None => String::from("std::future::pending::<()>()"),
                };
                let end = format!("rt.timeout({}, {inner}).await", within(*limit));
                self.line(&match timeout(*limit, *sleep, false)[..] {
                    [Seen::Value] => format!("assert!({end}.is_ok());"),
                    [Seen::Elapsed] => format!("assert!({end}.is_err());"),
                    _ => format!("_ = {end}; // either is right"),
                });
            }
            Step::Spawn {
                on,
                child,
                between,
                fate,
            } => {
                self.spawn(*on, child, *fate);
                if *fate == Fate::Detach {
                    self.line(&format!("task_{}.detach();", child.id));
                }
                self.steps(between);
                self.settle(*on, child, *fate);
            }
        }
    }

    fn spawn(&mut self, on: Place, child: &Task, fate: Fate) {
        let id = child.id;
        let holds = fate.joins() && on == Place::Executor;
        let clones = on == Place::Executor && child.steps.iter().any(uses_runtime);
        if holds {
            self.line(&format!("let alive_{id} = Arc::new(());"));
        }
        let head = match (on, fate) {
            (Place::Executor, Fate::SpawnDetached) if self.local => "rt.spawn_local_detached(",
            (Place::Executor, Fate::SpawnDetached) => "rt.spawn_detached(",
            (Place::Executor, _) if self.local => "rt.spawn_local(",
            (Place::Executor, _) => "rt.spawn(",
            (Place::Pool, _) => "rt.spawn_blocking(",
        };
        let mutable = match fate {
            Fate::Abort | Fate::AbortFinished | Fate::AbortByHandle | Fate::JoinFinished => "mut ",
            _ => "",
        };
        let name = match fate {
            Fate::SpawnDetached => String::new(),
            _ => format!("let {mutable}task_{id} = "),
        };
        let hold = if holds {
            format!("Holding(alive_{id}.clone(), Box::pin(")
        } else {
            String::new()
        };
        if on == Place::Pool {
            self.line(&format!("{name}{head}move || {{"));
            self.depth += 1;
            for step in &child.steps {
                if let Step::Sleep(millis) = step {
                    self.line(&format!("std::thread::sleep({});", ms(*millis)));
                }
            }
        } else {
            if clones {
                self.line(&format!("{name}{head}{hold}{{"));
                self.depth += 1;
                self.line("let rt = rt.clone();");
                self.line("async move {");
            } else {
                self.line(&format!("{name}{head}{hold}async move {{"));
            }
            self.depth += 1;
            self.steps(&child.steps);
        }
        self.end(child, fate, on);
        self.depth -= 1;
        if clones {
            self.line("}");
            self.depth -= 1;
        }
        let close = if holds { ")))" } else { ")" };
        let after = if fate == Fate::AbortOnDrop {
            ".abort_on_drop()"
        } else {
            ""
        };
        self.line(&format!("}}{close}{after};"));
    }

    fn end(&mut self, child: &Task, fate: Fate, on: Place) {
        let id = child.id;
        let stopped = fate.aborts() && on == Place::Executor;
        let unawaited = !fate.joins() && !stopped && child.end != End::Park;
        if unawaited && self.expected[&id].certain {
            self.unawaited += 1;
            self.line("ENDED.fetch_add(1, Ordering::SeqCst);");
        }
        self.line(&match child.end {
            End::Value => format!("{id}_u32"),
            End::Panic => format!("throw({id})"),
            End::Park => String::from("std::future::pending::<u32>().await"),
        });
    }

    fn settle(&mut self, on: Place, child: &Task, fate: Fate) {
        let id = child.id;
        match fate {
            Fate::Detach | Fate::SpawnDetached => return,
            Fate::Drop | Fate::AbortOnDrop => return self.line(&format!("drop(task_{id});")),
            Fate::Abort => self.line(&format!("task_{id}.abort();")),
            Fate::AbortByHandle => self.line(&format!("task_{id}.abort_handle().abort();")),
            Fate::AbortFinished => {
                self.wait_until_finished(id);
                self.line(&format!("task_{id}.abort();"));
            }
            Fate::JoinFinished => {
                self.wait_until_finished(id);
                let poll = format!("once(&mut task_{id}).await");
                self.line(&format!("let Poll::Ready(end) = {poll} else {{"));
                self.line("    panic!(\"it was finished and not ready to be joined\");");
                self.line("};");
            }
            Fate::Join | Fate::JoinWithin(_) | Fate::Cancel => {}
        }
        let end = match fate {
            Fate::JoinFinished => String::from("seen(end)"),
            Fate::JoinWithin(limit) => {
                let limit = within(limit);
                format!("rt.timeout({limit}, task_{id}).await.map_or(Seen::Elapsed, seen)")
            }
            Fate::Cancel => format!("seen(task_{id}.cancel().await)"),
            _ => format!("seen(task_{id}.await)"),
        };
        let allowed = self.expected[&id].joins.iter().map(|it| match it {
            Seen::Value => format!("Seen::Value({id})"),
            Seen::Panic => format!("Seen::Panic(Some({id}))"),
            Seen::Cancelled => String::from("Seen::Cancelled"),
            Seen::Elapsed => String::from("Seen::Elapsed"),
        });
        let allowed: Vec<_> = allowed.collect();
        self.line(&match &allowed[..] {
            [one] => format!("assert_eq!({end}, {one});"),
            several => format!("assert!(matches!({end}, {}));", several.join(" | ")),
        });
        // With a limit that passed, the task is detached, and its future lives on.
        if on == Place::Executor && !allowed.iter().any(|it| it == "Seen::Elapsed") {
            self.line(&format!("assert_eq!(Arc::strong_count(&alive_{id}), 1);"));
        }
    }

    fn wait_until_finished(&mut self, id: u32) {
        self.line(&format!("while !task_{id}.is_finished() {{"));
        self.line("    yield_now().await;");
        self.line("}");
    }
}

fn uses_runtime(step: &Step) -> bool {
    !matches!(step, Step::Yield)
}

fn ms(millis: u8) -> String {
    match millis {
        0 => String::from("Duration::ZERO"),
        millis => format!("Duration::from_millis({millis})"),
    }
}

fn within(limit: Option<u8>) -> String {
    limit.map_or_else(|| String::from("Duration::from_secs(3600)"), ms)
}

/// The imports that `code` needs.
fn imports(code: &str) -> String {
    let mut text = String::new();
    let mut add = |used: bool, line: &str| {
        if used {
            text.push_str(line);
            text.push('\n');
        }
    };
    let uses = |name: &str| code.contains(name);
    add(uses("-> Poll<"), "use std::future::Future;");
    add(uses("Pin<"), "use std::pin::Pin;");
    add(uses("Arc<"), "use std::sync::Arc;");
    add(
        uses("Ordering::"),
        "use std::sync::atomic::{AtomicUsize, Ordering};",
    );
    match (uses("Context<"), uses("Poll::")) {
        (true, _) => add(true, "use std::task::{Context, Poll};"),
        (false, polls) => add(polls, "use std::task::Poll;"),
    }
    add(uses("Duration"), "use std::time::Duration;");
    let mut core = vec!["prelude::*"];
    core.extend(uses("JoinError").then_some("JoinError"));
    core.extend(uses("yield_now").then_some("yield_now"));
    add(true, "");
    add(
        true,
        &match &core[..] {
            [one] => format!("use anyrt_core::{one};"),
            several => format!("use anyrt_core::{{{}}};", several.join(", ")),
        },
    );
    text.trim_start().to_owned()
}

/// What the code of a program may call, by the text that shows it. One may only use those above it.
const HELPERS: [(&str, &str); 7] = [
    (
        "Holding(",
        "/// A task's future, and a value that is dropped with it.
struct Holding<F>(#[allow(dead_code, reason = \"its drop is what counts\")] Arc<()>, Pin<Box<F>>);

impl<F: Future> Future for Holding<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.1.as_mut().poll(cx)
    }
}
",
    ),
    (
        "once(",
        "/// Polls `future` once.
async fn once<F: Future + Unpin>(mut future: F) -> Poll<F::Output> {
    std::future::poll_fn(|cx| Poll::Ready(Pin::new(&mut future).poll(cx))).await
}
",
    ),
    (
        "throw(",
        "/// Ends a task by a panic.
fn throw(payload: u32) -> u32 {
    std::panic::panic_any(payload)
}
",
    ),
    (
        "ended(",
        "/// How many of the tasks that nobody awaits have come to their end.
static ENDED: AtomicUsize = AtomicUsize::new(0);

/// Waits until `all` of them have.
async fn ended<R: Timer>(rt: &R, all: usize) {
    let late = rt.now() + Duration::from_secs(10);
    while ENDED.load(Ordering::SeqCst) < all {
        assert!(rt.now() < late, \"a task that nobody awaits never came to its end\");
        yield_now().await;
    }
}
",
    ),
    (
        "ticks(",
        "/// Awaits ticks of an interval, none of which is early.
async fn ticks<R: Timer + Clone>(rt: &R, period: u64, ticks: u32) {
    let (start, period) = (rt.now(), Duration::from_millis(period));
    let mut interval = std::pin::pin!(rt.interval_at(start, period));
    for tick in 0..ticks {
        assert_eq!(interval.as_mut().tick().await, start + period * tick);
        assert!(rt.now() >= start + period * tick, \"a tick was early\");
    }
}
",
    ),
    (
        " sleep(",
        "/// Sleeps, and not less than it should.
async fn sleep<R: Timer>(rt: &R, millis: u64) {
    let due = rt.now() + Duration::from_millis(millis);
    rt.sleep(Duration::from_millis(millis)).await;
    assert!(rt.now() >= due, \"a sleep was early\");
}
",
    ),
    (
        "seen(",
        "/// What awaiting a handle gave.
#[derive(Debug, PartialEq)]
#[allow(dead_code, reason = \"few programs see everything\")]
enum Seen {
    Value(u32),
    Panic(Option<u32>),
    Cancelled,
    Elapsed,
}

fn seen(end: Result<u32, JoinError>) -> Seen {
    match end {
        Ok(value) => Seen::Value(value),
        Err(error) if error.is_cancelled() => Seen::Cancelled,
        Err(error) => Seen::Panic(error.into_panic().downcast_ref().copied()),
    }
}
",
    ),
];

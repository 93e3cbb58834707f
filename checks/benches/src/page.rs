//! `docs/cost.md`: what a user pays, from what is declared. Nothing is measured for it.

use std::fmt::Write;

use crate::extras::{EXTRAS, boxes, find};
use crate::operation::Operation;
use crate::sockets::SocketOperation;
use crate::sockets::limits::{self, DECLARED};

/// The whole page.
pub fn page() -> String {
    let mut reasons = Reasons::default();
    let mut page = String::from(TITLE);
    for line in lines() {
        put(&mut page, format_args!("- {line}"));
    }
    page.push_str(TABLE);
    for extra in EXTRAS {
        put(
            &mut page,
            format_args!(
                "| {} | {} | {} | {} | {} | {} |",
                extra.backend,
                extra.operation.name(),
                extra.allocations,
                extra.bytes,
                extra.instructions,
                reasons.footnote(extra.reason)
            ),
        );
    }
    page.push_str(SOCKETS);
    for declared in DECLARED {
        put(
            &mut page,
            format_args!(
                "| {} | {} | {} | {} | {} |",
                declared.backend,
                declared.operation.name(),
                declared.allocations,
                declared.instructions,
                reasons.footnote(declared.reason)
            ),
        );
    }
    page.push('\n');
    for (index, reason) in reasons.0.iter().enumerate() {
        put(
            &mut page,
            format_args!("[^{}]: {}.", index + 1, with_capital(reason)),
        );
    }
    page
}

const TITLE: &str = "# What anyrt costs

What you pay beside the calls that you would write by hand on the runtime:

";

const TABLE: &str = "
`.ci/run` counts instructions and allocations and is red above these limits; [checks/benches](../checks/benches/README.md) says how. What the last
full run measured, with times, scale and other layers, is in [cost-measured.md](cost-measured.md). This page is written from the limits
themselves, by `ANYRT_BLESS=1 cargo test -p anyrt-benches --test page`.

## Declared costs

Beside the larger of 10 instructions and 1 % of the native call. A backend stands for every one whose key begins with it, unless a longer one is
listed. Allocations and bytes are exact; instructions are limits.

| backend | operation | allocations | bytes | instructions, at most | why |
| --- | --- | --- | --- | --- | --- |
";

const SOCKETS: &str = "
Sockets, beside `tokio::net`, `async-net` (smol) and `async_std::net`. What is not listed costs nothing beside native.

| backend | operation | allocations | instructions, at most | why |
| --- | --- | --- | --- | --- |
";

/// Ten lines, whose figures are the limits.
fn lines() -> [String; 10] {
    let extra = |backend, operation| find(backend, operation).expect("is declared");
    let instructions = |backend, operation| extra(backend, operation).instructions;
    let socket = |operation| limits::find("tokio", operation).expect("is declared");
    [
        "**A call through `R: Runtime`** allocates what the native call allocates and runs its instructions, within the larger of 10 and 1 %. No \
         box, no table of functions. The exceptions follow; each buys a meaning that the native call does not have."
            .to_owned(),
        format!(
            "**A spawn and join** on tokio costs nothing more, and on its local runtime up to {} instructions. On smol it costs 8 bytes and up to {} \
             instructions, and on async-std 8 bytes and {}: a panic is an error there, too.",
            instructions("tokio-local", Operation::SpawnJoin),
            instructions("smol", Operation::SpawnJoin),
            instructions("async-std", Operation::SpawnJoin)
        ),
        format!(
            "**A runtime of your own** on smol (`Owned`, `Local`) costs up to {} instructions and {} bytes per task: the shutdown leaves none behind.",
            instructions("smol-owned", Operation::SpawnJoin),
            extra("smol-owned", Operation::SpawnJoin).bytes
        ),
        format!(
            "**A sleep** costs up to {} instructions more on tokio, where it is ready at its deadline and not at the next millisecond, and up to {} \
             on async-std, where it counts from the call.",
            instructions("tokio", Operation::SleepPolled),
            instructions("async-std", Operation::SleepMade)
        ),
        format!(
            "**A timeout** of a future that is ready makes no timer; it costs less than native on tokio and async-std, and up to {} instructions \
             more on smol. One that waits costs up to {} more on tokio.",
            instructions("smol", Operation::TimeoutReady),
            instructions("tokio", Operation::TimeoutPending)
        ),
        format!(
            "**An abort** costs next to nothing on tokio. On smol and async-std it costs {} allocations and up to {} instructions, and leaves a handle that \
             can be joined.",
            extra("smol", Operation::AbortJoin).allocations,
            instructions("smol-owned", Operation::AbortJoin)
        ),
        format!(
            "**`AnyRuntime`** costs {} boxes per spawn and {} per sleep, and a call through a table for each poll of these.",
            boxes(Operation::SpawnJoin),
            boxes(Operation::SleepMade)
        ),
        format!(
            "**Reading and writing sockets** costs nothing more on tokio and smol, and up to {} instructions for an echo on async-std, which never \
             gives way by itself. A connection keeps no more bytes. To connect and accept costs up to {} instructions more on tokio.",
            limits::find("async-std", SocketOperation::Echo)
                .expect("is declared")
                .instructions,
            socket(SocketOperation::Accept).instructions
        ),
        format!(
            "**A listener** on tokio is {} allocation more, and **a datagram socket** {}, when they are made: many tasks may wait for one.",
            socket(SocketOperation::Listen).allocations,
            socket(SocketOperation::Bind).allocations
        ),
        "**`AnyNet`** costs a box per connection, listener and socket, and one per wait on a listener or socket. A read or write of a stream is a \
         call through a table, without a box."
            .to_owned(),
    ]
}

/// The reasons, each once, in the order in which they came.
#[derive(Default)]
struct Reasons(Vec<&'static str>);

impl Reasons {
    fn footnote(&mut self, reason: &'static str) -> String {
        let index = match self.0.iter().position(|known| *known == reason) {
            Some(index) => index,
            None => {
                self.0.push(reason);
                self.0.len() - 1
            }
        };
        format!("[^{}]", index + 1)
    }
}

/// A sentence, unless it begins with a name that has no capital.
fn with_capital(text: &str) -> String {
    if text.starts_with("async-std") {
        return text.to_owned();
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

fn put(page: &mut String, text: std::fmt::Arguments<'_>) {
    // A `String` takes everything.
    writeln!(page, "{text}").ok();
}

//! Which of the compiled-in runtimes the program chose. This records choices; it is no registry of runtimes.
//!
//! A choice is made, in this order, by `#[anyrt::test]` on its thread, by the argument of `#[anyrt::main]`, by
//! `ANYRT_RUNTIME`, and by there being nothing to choose from.

use std::cell::Cell;
use std::env;
use std::sync::OnceLock;

use anyrt_core::AnyRuntime;

use crate::SelectError;
use crate::program::backend::Backend;

macro_rules! chosen {
    ($(
        $(#[$doc:meta])*
        $feature:literal $sockets:literal $name:ident = $krate:ident: $kind:ident $handle:ident, $owned:path, $local:ident, $tests:ident,
            [$($owned_option:ident)*], [$($local_option:ident)*];
    )*) => {
        /// A backend that is compiled in.
        #[derive(Clone, Copy, Debug)]
        #[expect(non_camel_case_types, reason = "they are spelled as in the table")]
        pub enum Chosen {
            $( #[cfg(feature = $feature)] $name(crate::program::backend::$name::Compiled), )*
        }

        impl Chosen {
            fn compiled_in() -> impl Iterator<Item = Self> {
                [
                    $( #[cfg(feature = $feature)] Self::$name(crate::program::backend::$name::Compiled), )*
                ]
                .into_iter()
            }
        }
    };
}

__backends!([chosen]);

/// The backend that comes with tests.
const SIMULATION: &str = "sim";

/// What `#[anyrt::main]` runs on.
static PROGRAM: OnceLock<Chosen> = OnceLock::new();

thread_local! {
    /// What the `#[anyrt::test]` of this thread runs on: others run on other runtimes side by side with it.
    static TEST: Cell<Option<Chosen>> = const { Cell::new(None) };
}

/// Calls a generic function with the backend that was chosen.
macro_rules! on {
    ($chosen:expr, $backend:ident => $call:expr) => {
        $crate::__backends!([$crate::program::select::on_each] ($chosen, $backend => $call))
    };
}
pub(crate) use on;

macro_rules! on_each {
    (($chosen:expr, $backend:ident => $call:expr) $(
        $(#[$doc:meta])*
        $feature:literal $sockets:literal $name:ident = $krate:ident: $kind:ident $handle:ident, $owned:path, $local:ident, $tests:ident,
            [$($owned_option:ident)*], [$($local_option:ident)*];
    )*) => {
        match $chosen {
            $( #[cfg(feature = $feature)] $crate::program::select::Chosen::$name($backend) => $call, )*
        }
    };
}
pub(crate) use on_each;

impl Chosen {
    fn name(self) -> &'static str {
        on!(self, backend => backend.name())
    }

    fn current(self) -> Result<AnyRuntime, SelectError> {
        on!(self, backend => backend.current()).map_err(|outside| SelectError {
            outside: Some(outside),
            is_local: on!(self, backend => backend.is_local()),
            ..nothing_chosen()
        })
    }
}

/// Records what the argument of `#[anyrt::main]` names, or what was chosen without it.
pub(crate) fn remember(chosen: Chosen) {
    // A `main` that calls itself, or is called by a test, has chosen before; the first choice stays.
    let _ = PROGRAM.set(chosen);
}

/// Records what the test of this thread runs on, until the guard is dropped.
///
/// A guard and not a closure, which would end `#[track_caller]`.
#[must_use]
pub(crate) fn during_test(chosen: Chosen) -> DuringTest {
    DuringTest(TEST.replace(Some(chosen)))
}

/// Puts back what the thread ran before.
pub(crate) struct DuringTest(Option<Chosen>);

impl Drop for DuringTest {
    fn drop(&mut self) {
        // Without its thread-local the thread has no more to ask.
        let _ = TEST.try_with(|test| test.set(self.0));
    }
}

/// Records what tests run on, on a thread that runs nothing else for as long as it lives.
#[cfg(feature = "sim")]
pub(crate) fn for_the_rest_of_the_thread(chosen: Chosen) {
    TEST.set(Some(chosen));
}

/// Finds the backend to start.
pub(crate) fn choose() -> Result<Chosen, SelectError> {
    let test = TEST.try_with(Cell::get).ok().flatten();
    if let Some(chosen) = test.or_else(|| PROGRAM.get().copied()) {
        return Ok(chosen);
    }
    match env::var_os("ANYRT_RUNTIME") {
        Some(name) if !name.is_empty() => {
            let name = name.to_string_lossy();
            Chosen::compiled_in()
                .find(|chosen| chosen.name() == name)
                .ok_or_else(|| SelectError {
                    unknown: Some(name.into_owned()),
                    ..nothing_chosen()
                })
        }
        // A simulation that came with the tests leaves nothing more to choose for the program.
        _ => only(Chosen::compiled_in().filter(|chosen| chosen.name() != SIMULATION))
            .or_else(|| only(Chosen::compiled_in()))
            .ok_or_else(nothing_chosen),
    }
}

/// Finds the runtime that the caller runs on.
pub(crate) fn current() -> Result<AnyRuntime, SelectError> {
    choose()?.current()
}

fn only<T>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.next().is_none().then_some(first)
}

fn nothing_chosen() -> SelectError {
    SelectError {
        compiled_in: Chosen::compiled_in().map(Chosen::name).collect(),
        unknown: None,
        outside: None,
        is_local: false,
    }
}

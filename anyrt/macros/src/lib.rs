#![doc = include_str!("../README.md")]

mod backend;
mod config;
mod function;
mod main_attribute;
mod options;
mod page;
mod sim_option;
mod test_attribute;

use proc_macro::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};

use crate::backend::Backend;

macro_rules! attributes {
    ($(
        $(#[$doc:meta])*
        $name:ident, $variant:ident, $kind:ident, $example:literal, $sets:literal;
    )*) => {
        /// Runs an `async fn` as a program: starts a runtime, runs the function on it, and shuts it down.
        ///
        /// The runtime is the one that is named. Without a name it is the one that the environment variable `ANYRT_RUNTIME`
        /// names, or else the only one that is compiled in.
        ///
        /// | argument | meaning |
        /// | --- | --- |
        /// | `tokio`, `smol`, `async_std`, `compio`, `sim` | the runtime; its feature of `anyrt` must be on |
        /// | `wasm` | JavaScript's event loop, on `wasm32-unknown-unknown` |
        /// | `local` | run on the backend's local runtime, for a function whose future is not `Send`; compio has no other |
        $(
            #[doc = concat!("| `", stringify!($name), " = ", stringify!($example), "` | ", $sets, " |")]
        )*
        /// | `shutdown_grace = "10s"` | how long the shutdown may take; 5 s unless it is given |
        /// | `crate = "path::to::anyrt"` | where `anyrt` is, if it was renamed |
        ///
        /// From `flavor` on, the options are those of `anyrt::Config`. An option that a named runtime lacks does not compile. One
        /// that the chosen runtime lacks is an error at the start. None is ignored, but for the wish `worker_threads_hint`.
        ///
        /// The function may take one parameter, the handle of the runtime:
        ///
        /// | parameter | what it is |
        /// | --- | --- |
        /// | `rt: AnyRuntime` | the handle without its type, on every runtime |
        /// | `rt: AnyNet` | the same with sockets; the runtime's feature `tokio-net`, or its sibling, must be on |
        /// | `rt: impl Runtime` | where a runtime is named, its own handle; otherwise an `AnyRuntime`, without sockets |
        /// | `rt: anyrt::tokio::Tokio` | where `tokio` is named, its handle |
        /// | `rt: impl LocalRuntime` | with `local` and a runtime, its `LocalHandle` |
        ///
        /// The attribute reads the name of the type, so an alias of `AnyRuntime` or `AnyNet` will not do.
        ///
        /// While the function is polled, its runtime is `AnyRuntime::current()`, with `local` `AnyLocalRuntime::current()`. So it is
        /// in the tasks that are spawned by those, and not in tasks that are spawned by another handle.
        ///
        /// It may return what `main` may return. An error is reported as Rust reports it, and need not be `Send`. Under another
        /// name than `main` the function becomes an ordinary one that blocks, and what it returns must be `Send` unless `local` is
        /// given.
        ///
        /// Unless `local` is given, the function runs as a task of the runtime, so its future must be `Send`, and awaiting other
        /// tasks from it is as fast as from any task.
        ///
        /// # Cancellation
        ///
        /// When the function has returned, the runtime is shut down: parked tasks are dropped, and tasks and blocking closures
        /// that still run get the grace to end. Then `main` returns, and the process ends with whatever still runs. Closures in
        /// the queue may run or be dropped unrun. When the function panics, the runtime is dropped as its adapter's page says.
        ///
        /// # Runtimes
        ///
        /// On every runtime the grace is for tasks that run and for closures. Of closures that wait in the pool's queue at the
        /// end, tokio drops those that have not begun; on smol and async-std they run within the grace. Await the handle of a
        /// closure that must end.
        ///
        /// # Errors
        ///
        /// When the program has not chosen a runtime, or the runtime cannot be launched, `main` prints `error:` and the message of
        /// `anyrt::SelectError` or `anyrt::LaunchError` to the standard error, and the exit status is 2.
        ///
        /// # Panics
        ///
        /// As the function does; and under another name than `main` with the two messages above, since it has no other way to
        /// say so.
        ///
        /// # Examples
        ///
        /// ```
        /// use std::time::Duration;
        /// use anyrt::prelude::*;
        ///
        /// #[anyrt::main(tokio, worker_threads = 2, thread_name = "app", shutdown_grace = "1s")]
        /// async fn main(rt: anyrt::tokio::Tokio) -> Result<(), Box<dyn std::error::Error>> {
        ///     let answer = rt.spawn(async { 6 * 7 });
        ///     assert_eq!(rt.timeout(Duration::from_secs(1), answer).await??, 42);
        ///     Ok(())
        /// }
        /// ```
        ///
        /// A root that is not `Send`:
        ///
        /// ```
        /// use std::rc::Rc;
        /// use anyrt::prelude::*;
        ///
        /// #[anyrt::main(tokio, local)]
        /// async fn main(rt: impl LocalRuntime) {
        ///     let word: Rc<str> = "moin".into();
        ///     assert_eq!(rt.spawn_local(async move { word.len() }).await.unwrap(), 4);
        /// }
        /// ```
        ///
        /// One thread on compio, where `local` goes without saying (feature `compio`):
        ///
        /// ```
        /// use std::rc::Rc;
        /// use anyrt::prelude::*;
        ///
        /// #[anyrt::main(compio)]
        /// async fn main(rt: impl LocalRuntime) {
        ///     let word: Rc<str> = "moin".into();
        ///     assert_eq!(rt.spawn_local(async move { word.len() }).await.unwrap(), 4);
        /// }
        /// ```
        /// In a page, the function begins as a task when the module is loaded, and `main` returns to the event loop at once
        /// (feature `wasm`). It takes `rt: impl Runtime`, `rt: impl LocalRuntime` or `rt: AnyRuntime`, and returns nothing or a
        /// `Result<(), E>`, whose error is written to the console:
        ///
        /// ```no_run
        /// # #[cfg(all(target_family = "wasm", target_os = "unknown"))] mod page {
        /// use std::time::Duration;
        /// use anyrt::prelude::*;
        ///
        /// #[anyrt::main(wasm)]
        /// async fn main(rt: impl LocalRuntime) {
        ///     rt.sleep(Duration::from_secs(1)).await;
        /// }
        /// # } fn main() {}
        /// ```
        #[proc_macro_attribute]
        pub fn main(arguments: TokenStream, item: TokenStream) -> TokenStream {
            ask_facade(quote!(main), arguments.into(), item.into())
        }
    };
}

anyrt_core::__config_options!(attributes);

macro_rules! test_attribute {
    ($($name:ident, $kind:ident, $example:literal, $sets:literal;)*) => {
        /// Turns an `async fn` into one test per runtime that is compiled in, each named after its runtime.
        ///
        /// `async fn adds_up()` becomes the tests `adds_up::tokio`, `adds_up::smol`, `adds_up::async_std` and `adds_up::sim`, of which
        /// those exist whose feature of `anyrt` is on. With no such feature at all it does not compile.
        ///
        /// The arguments are those of [`macro@main`], and:
        ///
        /// | argument | meaning |
        /// | --- | --- |
        /// | `tokio, smol` | the test exists for these runtimes alone |
        /// | `unheard_panics = "fail"` | the test fails when a task or closure panicked and no joiner received it |
        $(
            #[doc = concat!("| `", stringify!($name), " = ", stringify!($example), "` | ", $sets, " |")]
        )*
        ///
        /// Those that begin with `sim_` are for `adds_up::sim`. What else a simulation can be told, `anyrt::sim::Check` and
        /// `anyrt::sim::Builder` take in a plain `#[test]`.
        ///
        /// A runtime that lacks an option is left out at compile time: `#[anyrt::test(worker_threads = 4)]` is no test of async-std.
        /// Where a runtime is named and lacks the option, the test does not compile.
        ///
        /// A runtime whose tasks are all local, as compio, has a test where `local` is given or its name. With its name alone, the test
        /// is local without the word.
        ///
        /// A test runs on one thread, where the runtime can: current-thread on tokio, one worker on smol. `worker_threads = 4` or
        /// `flavor = "multi_thread"` asks for more.
        ///
        /// `#[should_panic]`, `#[ignore]` and `#[cfg_attr(…)]` go to every one of the tests, `#[cfg(…)]` removes them all, and what
        /// the function returns is judged as for any test.
        ///
        /// The function may take one parameter, the handle: `rt: impl Runtime` and `rt: AnyRuntime` work on every runtime, `rt:
        /// AnyNet` on every one whose sockets are compiled in, and with `local` `rt: impl LocalRuntime`. `unheard_panics` watches the tasks of that handle, so it needs one, and those of
        /// `AnyRuntime::current()`, with `local` those of `AnyLocalRuntime::current()`; it does not watch what is spawned by
        /// `anyrt::runtime()` or by the runtime's own `spawn`.
        ///
        /// Each test starts a runtime of its own (async-std has one for the whole process) and blocks on the function's future on the
        /// test's thread: the future need not be `Send`, and what it prints is captured as usual. There `anyrt::runtime()` is the
        /// test's runtime; where several are compiled in, its tasks on other threads are handed the handle.
        ///
        /// `adds_up::sim` is the exception: it runs the function in `anyrt::sim`, once for each of `ANYRT_SIM_ITERS` seeds (64), some
        /// of them on helper threads. The first seed that fails is printed with the line that replays it, which sets
        /// `ANYRT_SIM_SEED`. A test that waits for threads of its own names the runtimes that it is for.
        ///
        /// # Examples
        ///
        /// ```
        /// use anyrt::prelude::*;
        ///
        /// #[anyrt::test]
        /// async fn adds_up(rt: impl Runtime) {
        ///     assert_eq!(rt.spawn(async { 1 + 1 }).await.unwrap(), 2);
        /// }
        ///
        /// #[anyrt::test(tokio, smol, worker_threads = 1)]
        /// #[should_panic(expected = "deliberate")]
        /// async fn panics_pass_through() {
        ///     panic!("deliberate");
        /// }
        /// ```
        ///
        /// Under `rstest`, which fills every parameter itself, the handle is a fixture:
        ///
        /// ```text
        /// #[fixture]
        /// fn rt() -> AnyRuntime {
        ///     anyrt::runtime().unwrap() // the runtime of the test that asks
        /// }
        ///
        /// #[rstest]
        /// #[case(1, 2)]
        /// #[anyrt::test]
        /// async fn doubles(rt: AnyRuntime, #[case] number: u32, #[case] doubled: u32) {
        ///     assert_eq!(rt.spawn(async move { number * 2 }).await.unwrap(), doubled);
        /// }
        /// ```
        #[proc_macro_attribute]
        pub fn test(arguments: TokenStream, item: TokenStream) -> TokenStream {
            ask_facade(quote!(test), arguments.into(), item.into())
        }
    };
}

sim_option::sim_options!(test_attribute);

/// Asks the facade for its table of runtimes, which then calls [`__expand`] with it: the names of runtimes are known there alone.
fn ask_facade(
    attribute: proc_macro2::TokenStream,
    arguments: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
) -> TokenStream {
    let krate = options::facade(arguments.clone());
    quote! {
        #krate::__backends! { [#krate::__private::expand] #attribute (#arguments) { #item } }
    }
    .into()
}

/// The attribute, its arguments, the function, and the facade's table.
#[doc(hidden)]
#[proc_macro]
pub fn __expand(input: TokenStream) -> TokenStream {
    let Input {
        attribute,
        arguments,
        item,
        backends,
    } = syn::parse_macro_input!(input as Input);
    match attribute == "main" {
        true => main_attribute::expand(arguments, item, &backends),
        false => test_attribute::expand(arguments, item, &backends),
    }
    .into()
}

struct Input {
    attribute: proc_macro2::Ident,
    arguments: proc_macro2::TokenStream,
    item: proc_macro2::TokenStream,
    backends: Vec<Backend>,
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attribute = input.parse()?;
        let (arguments, item);
        syn::parenthesized!(arguments in input);
        syn::braced!(item in input);
        Ok(Self {
            attribute,
            arguments: arguments.parse()?,
            item: item.parse()?,
            backends: Backend::rows(input.parse()?),
        })
    }
}

//! The entry point on JavaScript's event loop, where nothing can block.

use std::fmt::Debug;
use std::future::Future;

use anyrt_core::{AnyLocalRuntime, AnyRuntime, SpawnLocal};
use anyrt_wasm::Wasm;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console, js_name = error)]
    fn console_error(text: &str);
}

/// `#[anyrt::main(wasm)]`: starts a task, and returns to the event loop, which runs it.
pub fn main_on_page<F>(main: impl FnOnce(Wasm) -> F)
where
    F: Future<Output: Outcome> + 'static,
{
    let rt = Wasm::global();
    let shared = AnyRuntime::new(rt.clone());
    let local = AnyLocalRuntime::new(rt.clone());
    let main = main(rt.clone());
    rt.spawn_local_detached(async move {
        shared.as_current(local.as_current(main)).await.report();
    });
}

/// What `main` may return where there is no exit status.
#[diagnostic::on_unimplemented(
    message = "`main` cannot return `{Self}` in a page",
    note = "it returns nothing or a `Result<(), E>`, whose error is written to the console"
)]
pub trait Outcome {
    /// Writes an error to the console.
    fn report(self);
}

impl Outcome for () {
    fn report(self) {}
}

impl<E: Debug> Outcome for Result<(), E> {
    fn report(self) {
        if let Err(error) = self {
            console_error(&format!("Error: {error:?}"));
        }
    }
}

//! A task that panics, beside one that sleeps. CI runs it with unwinding (`.ci/steps/wasm`) and with abort (`.ci/steps/portable`).
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

use std::panic;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_wasm::Wasm;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn log(text: &str);
}

#[wasm_bindgen(start)]
fn main() {
    // Without a hook of its own, a program on this target panics in silence.
    panic::set_hook(Box::new(|panic| {
        let text = panic.payload().downcast_ref::<&str>();
        log(&format!("panic: {}", text.unwrap_or(&"")));
    }));
    let rt = Wasm::global();
    let timer = rt.clone();
    rt.spawn_detached(async move {
        timer.sleep(Duration::from_millis(20)).await;
        log("another task went on");
    });
    let task = rt.spawn(async { panic!("deliberate") });
    rt.spawn_detached(async move {
        let ended: Result<(), _> = task.await;
        log(&format!(
            "is a panic: {}",
            ended.is_err_and(|error| error.is_panic())
        ));
    });
}

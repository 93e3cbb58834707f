//! The program of the README.
#![cfg(all(target_family = "wasm", target_os = "unknown"))]

use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_wasm::Wasm;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn log(text: &str);
}

/// A library function, which names no runtime.
async fn first_answer<R: Runtime>(rt: &R) -> Option<u32> {
    let quick = rt.spawn(async { 42 });
    let slow = rt.sleep(Duration::from_secs(60));
    let answer = rt.timeout(Duration::from_secs(1), quick).await;
    drop(slow);
    answer.ok()?.ok()
}

#[wasm_bindgen(start)]
fn main() {
    let rt = Wasm::global();
    rt.clone().spawn_local_detached(async move {
        log(&format!("{:?}", first_answer(&rt).await));
    });
}

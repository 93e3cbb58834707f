//! What JavaScript offers in a page, in a worker and in node.

use std::time::Duration;

use anyrt_core::{Instant, SystemTime};
use js_sys::Function;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, millis: f64) -> JsValue;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(id: &JsValue);

    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;

    /// In node, but in no browser.
    #[wasm_bindgen(thread_local_v2, js_name = setImmediate)]
    static SET_IMMEDIATE: Option<Function>;

    type MessageChannel;

    #[wasm_bindgen(constructor)]
    fn new() -> MessageChannel;

    #[wasm_bindgen(method, getter)]
    fn port1(this: &MessageChannel) -> MessagePort;

    #[wasm_bindgen(method, getter)]
    fn port2(this: &MessageChannel) -> MessagePort;

    type MessagePort;

    #[wasm_bindgen(method, setter, js_name = onmessage)]
    fn set_onmessage(this: &MessagePort, callback: &JsValue);

    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &MessagePort, message: &JsValue);
}

/// The longest time that `setTimeout` can wait: it takes 31 bits of milliseconds, and fires at once for more.
const LONGEST: f64 = 2_147_483_647.0;

/// Reads the clock that no change of the system's time moves.
pub(crate) fn now() -> Instant {
    Instant::from_origin(from_millis(performance_now()))
}

/// Reads the wall clock.
pub(crate) fn system_time() -> SystemTime {
    SystemTime::UNIX_EPOCH + from_millis(js_sys::Date::now())
}

fn from_millis(millis: f64) -> Duration {
    Duration::from_secs_f64(millis / 1000.0)
}

/// Calls a function again and again, each time from the event loop and after everything else that was due.
///
/// A microtask would not do: the loop's own timers, events and frames wait until no microtask is left.
pub(crate) struct Macrotasks {
    way: Way,
    callback: Closure<dyn FnMut()>,
}

enum Way {
    /// Node's. An open channel would keep its process alive.
    Immediate(Function),
    /// The browsers', where a timeout of zero takes 4 ms.
    Channel(MessagePort),
}

impl Macrotasks {
    pub(crate) fn new(callback: fn()) -> Self {
        let callback = Closure::new(callback);
        let way = match SET_IMMEDIATE.with(Clone::clone) {
            Some(set_immediate) => Way::Immediate(set_immediate),
            None => {
                let channel = MessageChannel::new();
                channel.port1().set_onmessage(callback.as_ref());
                Way::Channel(channel.port2())
            }
        };
        Self { way, callback }
    }

    /// Has the function called once more.
    pub(crate) fn request(&self) {
        match &self.way {
            Way::Immediate(set_immediate) => {
                set_immediate
                    .call1(&JsValue::UNDEFINED, self.callback.as_ref())
                    .expect_throw("`setImmediate` throws nothing");
            }
            Way::Channel(port) => port.post_message(&JsValue::UNDEFINED),
        }
    }
}

/// Calls a function when a time has passed.
pub(crate) struct Timeouts {
    callback: Closure<dyn FnMut()>,
}

impl Timeouts {
    pub(crate) fn new(callback: fn()) -> Self {
        Self {
            callback: Closure::new(callback),
        }
    }

    /// Has the function called after `wait`, or earlier: hosts round, and cannot wait longer than 24 days.
    pub(crate) fn request(&self, wait: Duration) -> Timeout {
        let millis = (wait.as_secs_f64() * 1000.0).ceil().min(LONGEST);
        Timeout(set_timeout(self.callback.as_ref(), millis))
    }
}

/// A call that [`Timeouts`] requested.
pub(crate) struct Timeout(JsValue);

impl Timeout {
    pub(crate) fn cancel(self) {
        clear_timeout(&self.0);
    }
}

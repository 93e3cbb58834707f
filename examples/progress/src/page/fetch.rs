//! The browser's `fetch` as the source of a download.

use std::io;

use anyrt_progress::Body;
use futures::stream::{Stream, try_unfold};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, RequestInit, Response};

/// Asks for `url`, and returns its body once the answer begins.
///
/// # Cancellation
///
/// Dropping the future, or the body, closes the connection.
pub(super) async fn fetch(
    url: &str,
) -> io::Result<Body<impl Stream<Item = io::Result<Vec<u8>>> + use<>>> {
    let abort = AbortOnDrop(AbortController::new().map_err(thrown)?);
    let options = RequestInit::new();
    options.set_signal(Some(&abort.0.signal()));
    let window = web_sys::window().ok_or_else(|| io::Error::other("this is no page"))?;
    let response = JsFuture::from(window.fetch_with_str_and_init(url, &options)).await;
    let response: Response = response.map_err(thrown)?.unchecked_into();
    if !response.ok() {
        let message = format!("the server answered {}", response.status());
        return Err(io::Error::other(message));
    }
    let length = response.headers().get("content-length").map_err(thrown)?;
    let reader = response
        .body()
        .ok_or_else(|| io::Error::other("the answer has no body"))?
        .get_reader()
        .unchecked_into::<ReadableStreamDefaultReader>();
    let pieces = try_unfold((reader, abort), async |(reader, abort)| {
        let read = JsFuture::from(reader.read()).await.map_err(thrown)?;
        let field = |name| Reflect::get(&read, &JsValue::from_str(name)).map_err(thrown);
        if field("done")?.is_truthy() {
            return Ok(None);
        }
        let piece = Uint8Array::new(&field("value")?).to_vec();
        Ok(Some((piece, (reader, abort))))
    });
    Ok(Body {
        total: length.and_then(|length| length.parse().ok()),
        pieces,
    })
}

/// Closes the connection of a `fetch`, if it is still open.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn thrown(exception: JsValue) -> io::Error {
    let message = exception.dyn_ref::<js_sys::Error>().map_or_else(
        || format!("{exception:?}"),
        |error| String::from(error.message()),
    );
    io::Error::other(message)
}

//! The page's elements by their names in `web/index.html`.

use std::fmt;
use std::future::Future;
use std::time::Duration;

use anyrt_progress::{Bar, Progress};
use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AddEventListenerOptions, Document, Element, EventTarget, HtmlInputElement, HtmlProgressElement,
};

/// The elements that the program reads and writes.
pub(super) struct Elements {
    url: HtmlInputElement,
    limit: HtmlInputElement,
    start: EventTarget,
    cancel: EventTarget,
    bar: HtmlProgressElement,
    text: Element,
    state: Element,
}

impl Elements {
    pub(super) fn find() -> Result<Self, Missing> {
        let document = web_sys::window().and_then(|window| window.document());
        let document = &document.ok_or(Missing("the document"))?;
        Ok(Self {
            url: element(document, "url")?,
            limit: element(document, "limit")?,
            start: element(document, "start")?,
            cancel: element(document, "cancel")?,
            bar: element(document, "bar")?,
            text: element(document, "text")?,
            state: element(document, "state")?,
        })
    }

    pub(super) fn url(&self) -> String {
        self.url.value()
    }

    /// How long a download may take; a minute where the field has no number.
    pub(super) fn limit(&self) -> Duration {
        let seconds = self.limit.value_as_number();
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::from_secs(60))
    }

    pub(super) fn start_clicked(&self) -> impl Future<Output = ()> + use<> {
        clicked(&self.start)
    }

    pub(super) fn cancel_clicked(&self) -> impl Future<Output = ()> + use<> {
        clicked(&self.cancel)
    }

    pub(super) fn show(&self, progress: Progress) {
        match progress.total {
            Some(total) => {
                self.bar.set_max(total as f64);
                self.bar.set_value(progress.received as f64);
            }
            // The bar of a file whose size nobody knows only moves.
            None => drop(self.bar.remove_attribute("value")),
        }
        self.text.set_text_content(Some(&Bar(progress).to_string()));
    }

    pub(super) fn say(&self, state: &str) {
        self.state.set_text_content(Some(state));
    }
}

fn element<T: JsCast>(document: &Document, id: &'static str) -> Result<T, Missing> {
    let found = document.get_element_by_id(id).ok_or(Missing(id))?;
    found.dyn_into().map_err(|_| Missing(id))
}

/// Waits for the next click, from now on.
fn clicked(target: &EventTarget) -> impl Future<Output = ()> + use<> {
    let options = AddEventListenerOptions::new();
    options.set_once(true);
    let promise = Promise::new(&mut |resolve, _| {
        target
            .add_event_listener_with_callback_and_add_event_listener_options(
                "click", &resolve, &options,
            )
            .expect("an element takes listeners");
    });
    let clicked = JsFuture::from(promise);
    async move { drop(clicked.await) }
}

/// The page lacks an element.
#[derive(Debug)]
pub(crate) struct Missing(&'static str);

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the page has no `{}` of the right kind", self.0)
    }
}

impl std::error::Error for Missing {}

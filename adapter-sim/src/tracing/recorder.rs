use tracing_core::span::{Attributes, Id, Record};
use tracing_core::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

use super::Stamp;
use super::fields::Fields;
use crate::context;

/// A layer that writes each event into the log of the simulation around, as [`Sim::note`](crate::Sim::note) does: with its level, the
/// spans that it is in, its message and its fields.
///
/// Each span gets a [`Stamp`] of its beginning among its extensions. Outside a simulation it does nothing. It takes what its subscriber
/// lets pass: [`with_filter`](Layer::with_filter) leaves the rest out. Events change no course and no [hash](crate::Sim::hash).
///
/// # Cost
///
/// A string for each event, of which the last 256 lines are kept, messages among them.
///
/// # Examples
///
/// ```
/// use anyrt_core::BlockOn;
/// use anyrt_sim::Sim;
/// use anyrt_sim::tracing::Recorder;
/// use tracing::{info, info_span};
/// use tracing_subscriber::prelude::*;
///
/// let _guard = tracing_subscriber::registry().with(Recorder::new()).set_default();
/// let rt = Sim::builder().build();
/// rt.block_on(async {
///     let _in = info_span!("request", id = 7).entered();
///     info!(bytes = 12, "answered");
/// });
/// let log = rt.handle().network().log();
/// assert_eq!(log[0].text(), "local: #0 root INFO request{id=7}: answered bytes=12");
/// # use anyrt_core::Launch;
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Recorder {
    _private: (),
}

impl Recorder {
    /// Makes the layer.
    pub fn new() -> Self {
        Self::default()
    }
}

impl<S> Layer<S> for Recorder
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, cx: Context<'_, S>) {
        let Some(span) = cx.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let mut extensions = span.extensions_mut();
        extensions.replace(fields);
        if let Some(stamp) = Stamp::here() {
            extensions.replace(stamp);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, cx: Context<'_, S>) {
        let Some(span) = cx.span(id) else { return };
        if let Some(fields) = span.extensions_mut().get_mut::<Fields>() {
            values.record(fields);
        }
    }

    fn on_event(&self, event: &Event<'_>, cx: Context<'_, S>) {
        let Some(shared) = context::current() else {
            return;
        };
        // Written before the simulation is asked: a field's `Debug` is somebody else's code.
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut text = format!("{} ", event.metadata().level());
        for span in cx
            .event_scope(event)
            .into_iter()
            .flat_map(|all| all.from_root())
        {
            text.push_str(span.name());
            let extensions = span.extensions();
            if let Some(others) = extensions
                .get()
                .map(Fields::others)
                .filter(|it| !it.is_empty())
            {
                text.push('{');
                text.push_str(others);
                text.push('}');
            }
            text.push_str(": ");
        }
        text.push_str(&fields.line());
        shared.note(None, text);
    }
}

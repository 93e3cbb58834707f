use std::fmt::{Debug, Write};

use tracing_core::Field;
use tracing_core::field::Visit;

/// The fields of an event or a span as text: the message first, then `name=value`.
#[derive(Default)]
pub(super) struct Fields {
    message: String,
    others: String,
}

impl Fields {
    pub(super) fn others(&self) -> &str {
        &self.others
    }

    pub(super) fn line(&self) -> String {
        match (self.message.as_str(), self.others.as_str()) {
            (message, "") => message.to_owned(),
            ("", others) => others.to_owned(),
            (message, others) => format!("{message} {others}"),
        }
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        // A string takes everything.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name if self.others.is_empty() => write!(self.others, "{name}={value:?}"),
            name => write!(self.others, " {name}={value:?}"),
        };
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        match field.name() {
            "message" => self.message.push_str(value),
            _ => self.record_debug(field, &value),
        }
    }
}

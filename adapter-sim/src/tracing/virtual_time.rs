use std::fmt;

use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;

use super::Stamp;

/// A timer for the `fmt` layer of tracing-subscriber: lines begin with the [`Stamp`] of the simulation around, that is, with virtual
/// time, task, host and name. Outside a simulation they begin with a dash.
///
/// # Examples
///
/// ```
/// use std::io::Write;
/// use std::sync::{Arc, Mutex};
/// use anyrt_core::BlockOn;
/// use anyrt_sim::Sim;
/// use anyrt_sim::tracing::VirtualTime;
/// use tracing_subscriber::prelude::*;
///
/// #[derive(Clone, Default)]
/// struct Lines(Arc<Mutex<Vec<u8>>>);
///
/// impl Write for Lines {
///     fn write(&mut self, buf: &[u8]) -> std::io::Result<usize> { self.0.lock().unwrap().write(buf) }
///     fn flush(&mut self) -> std::io::Result<()> { Ok(()) }
/// }
///
/// let lines = Lines::default();
/// let writer = lines.clone();
/// let layer = tracing_subscriber::fmt::layer()
///     .with_ansi(false)
///     .with_timer(VirtualTime::new())
///     .with_writer(move || writer.clone());
/// let _guard = tracing_subscriber::registry().with(layer).set_default();
/// Sim::builder().build().block_on(async { tracing::info!("moin") });
/// let text = String::from_utf8(lines.0.lock().unwrap().clone())?;
/// assert!(text.starts_with("0ns #0 root  INFO "), "{text}");
/// # Ok::<(), std::string::FromUtf8Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct VirtualTime {
    _private: (),
}

impl VirtualTime {
    /// Makes the timer.
    pub fn new() -> Self {
        Self::default()
    }
}

impl FormatTime for VirtualTime {
    fn format_time(&self, w: &mut Writer<'_>) -> fmt::Result {
        match Stamp::here() {
            Some(stamp) => write!(w, "{stamp}"),
            None => write!(w, "-"),
        }
    }
}

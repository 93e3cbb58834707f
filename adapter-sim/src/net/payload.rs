use std::fmt;
use std::sync::Arc;

use crate::Builder;
use crate::report::view::Described;
use crate::schedule::shared::Shared;
use crate::task::join::quietly;

/// The bytes of a message in the log, as [`Builder::describe_payloads`] is given them.
///
/// A message of a stream is what one poll of a task wrote: several frames of a protocol, or a part of one.
#[derive(Clone, Debug)]
pub struct Payload<'a> {
    bytes: &'a [u8],
    len: usize,
    from: &'a str,
    to: &'a str,
}

impl Payload<'_> {
    /// The first bytes, as many as [are kept](Builder::payload_bytes).
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }

    /// Tells whether these are all bytes of the message.
    pub fn is_whole(&self) -> bool {
        self.bytes.len() == self.len
    }

    /// The name of the host that sent it.
    pub fn from(&self) -> &str {
        self.from
    }

    /// The name of the host that it is sent to.
    pub fn to(&self) -> &str {
        self.to
    }
}

type Describe = dyn Fn(&Payload<'_>) -> Option<String> + Send + Sync;

/// How the payloads of messages are shown.
#[derive(Clone)]
pub(crate) struct Payloads {
    /// How many bytes of a message a line of text has.
    pub(crate) shown: usize,
    /// How many are kept.
    pub(crate) kept: usize,
    describe: Option<Arc<Describe>>,
}

impl Default for Payloads {
    fn default() -> Self {
        Self {
            shown: 24,
            kept: 256,
            describe: None,
        }
    }
}

impl fmt::Debug for Payloads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Payloads")
            .field("shown", &self.shown)
            .field("kept", &self.kept)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Sets how many bytes of a message a report shows, and how many are kept for its page, for [`Network::log`](super::Network::log)
    /// and for [`describe_payloads`](Self::describe_payloads). Unset: 24 and 256. Behind the feature `net`.
    ///
    /// # Cost
    ///
    /// The bytes of the last 256 messages are kept: 80 KiB for a simulation, unless more is asked for.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().payload_bytes(4, 8).build();
    /// let sim = rt.handle();
    /// rt.block_on(async {
    ///     let socket = sim.udp_bind(([0, 0, 0, 0], 0).into())?;
    ///     let there = (sim.host("there").addr(), 9).into();
    ///     socket.send_to(b"a long message", there).await
    /// })?;
    /// assert!(sim.network().log()[0].text().contains("\"a long m…\""));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn payload_bytes(mut self, shown: usize, kept: usize) -> Self {
        let payloads = &mut self.settings_mut().payloads;
        (payloads.shown, payloads.kept) = (shown, kept.max(shown));
        self
    }

    /// Sets a function that puts messages into words, for reports, pages and [`Network::log`](super::Network::log). Where it
    /// returns `None`, and for a message that it panics at, the bytes are shown. Behind the feature `net`.
    ///
    /// It is called when a failure is written up, once for each of the last 256 messages, and never during a run.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    /// use anyrt_sim::Sim;
    /// use anyrt_sim::net::Payload;
    ///
    /// /// A protocol whose messages are a letter and a number.
    /// fn words(payload: &Payload<'_>) -> Option<String> {
    ///     match payload.bytes() {
    ///         [b'V', term] => Some(format!("vote for me in term {term}")),
    ///         [b'A', term] => Some(format!("append in term {term}")),
    ///         _ => None,
    ///     }
    /// }
    ///
    /// let rt = Sim::builder().describe_payloads(words).build();
    /// let sim = rt.handle();
    /// rt.block_on(async {
    ///     let socket = sim.udp_bind(([0, 0, 0, 0], 0).into())?;
    ///     let there = (sim.host("there").addr(), 9).into();
    ///     socket.send_to(b"V\x03", there).await
    /// })?;
    /// assert!(sim.network().log()[0].text().contains(": vote for me in term 3, by #0 root"));
    /// # std::io::Result::Ok(())
    /// ```
    pub fn describe_payloads(
        mut self,
        describe: impl Fn(&Payload<'_>) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.settings_mut().payloads.describe = Some(Arc::new(describe));
        self
    }
}

impl Shared {
    /// Puts the messages of the log into words. A user's function does, so the state is not locked meanwhile.
    pub(crate) fn describe_payloads(&self) -> Described {
        let Some(describe) = &self.settings.payloads.describe else {
            return Described::new();
        };
        let messages = self.lock().wire.payloads();
        let describe = |message: super::wire::line::Copied| {
            let mut words = None;
            let payload = Payload {
                bytes: &message.bytes,
                len: message.len,
                from: &message.from,
                to: &message.to,
            };
            quietly(|| words = describe(&payload));
            Some((message.number, words?))
        };
        messages.into_iter().filter_map(describe).collect()
    }
}

use core::error::Error;
use core::fmt;

/// The error of a look-up of the current runtime where there is none.
///
/// # Examples
///
/// ```
/// use anyrt_core::Current;
/// use anyrt_tokio::Tokio;
///
/// let error = Tokio::try_current().unwrap_err();
/// assert_eq!(error.runtime(), "tokio");
/// assert!(error.to_string().starts_with("no tokio runtime"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NoRuntime {
    runtime: &'static str,
    call: &'static str,
    way_out: &'static str,
}

impl NoRuntime {
    /// Names the runtime that was looked for, the call that looked, and what the caller can do. Adapters call this.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::NoRuntime;
    ///
    /// let error = NoRuntime::new("mini", "Mini::try_current", "call it inside `Mini::block_on`, or pass a handle in");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "no mini runtime where `Mini::try_current` was called: call it inside `Mini::block_on`, or pass a handle in"
    /// );
    /// ```
    pub const fn new(runtime: &'static str, call: &'static str, way_out: &'static str) -> Self {
        Self {
            runtime,
            call,
            way_out,
        }
    }

    /// The same error, for the call that was made. Adapters' ambient forms call this, which look up on behalf of another call.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::NoRuntime;
    ///
    /// let error = NoRuntime::new("mini", "Mini::try_current", "pass a handle in");
    /// assert_eq!(
    ///     error.in_call("Ambient::now").to_string(),
    ///     "no mini runtime where `Ambient::now` was called: pass a handle in"
    /// );
    /// ```
    #[must_use]
    pub const fn in_call(self, call: &'static str) -> Self {
        Self { call, ..self }
    }

    /// The name of the runtime that was looked for.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Current, NoRuntime};
    ///
    /// /// Tells a user which crate's runtime a call wanted.
    /// fn explain(error: &NoRuntime) -> String {
    ///     format!("start {} first", error.runtime())
    /// }
    /// # assert_eq!(explain(&anyrt_tokio::Tokio::try_current().unwrap_err()), "start tokio first");
    /// ```
    pub fn runtime(&self) -> &'static str {
        self.runtime
    }
}

impl fmt::Display for NoRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            runtime,
            call,
            way_out,
        } = self;
        write!(
            f,
            "no {runtime} runtime where `{call}` was called: {way_out}"
        )
    }
}

impl fmt::Debug for NoRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NoRuntime({self})")
    }
}

impl Error for NoRuntime {}

use core::error::Error;
use core::fmt;

use crate::ConfigOption;
use crate::platform::SystemError;

/// Why a runtime could not be launched, or a handle not be made.
///
/// # Examples
///
/// ```
/// use anyrt_core::{Config, ConfigOption, LaunchError};
///
/// let error = Config::new().event_interval(61).check("mini", &[]).unwrap_err();
/// assert_eq!(error.runtime(), "mini");
/// assert_eq!(error.option(), Some(ConfigOption::EventInterval));
/// assert_eq!(
///     error.to_string(),
///     "mini cannot honour the option `event_interval`: leave it unset, or launch another runtime"
/// );
/// ```
pub struct LaunchError {
    runtime: &'static str,
    kind: Kind,
}

enum Kind {
    Unsupported(ConfigOption),
    Invalid(ConfigOption, &'static str),
    Unusable(&'static str),
    System(&'static str, SystemError),
}

impl LaunchError {
    /// `runtime` has no such option. Adapters call this, most of them through [`Config::check`](crate::Config::check).
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{ConfigOption, LaunchError};
    ///
    /// let error = LaunchError::unsupported("mini", ConfigOption::WorkerThreads);
    /// assert!(error.is_unsupported());
    /// ```
    pub fn unsupported(runtime: &'static str, option: ConfigOption) -> Self {
        Self {
            runtime,
            kind: Kind::Unsupported(option),
        }
    }

    /// The value of `option` makes no sense; `reason` says what would, as in "must be at least 1". Adapters call this.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{ConfigOption, LaunchError};
    ///
    /// let error = LaunchError::invalid("mini", ConfigOption::WorkerThreads, "must be 1, 2 or 4");
    /// assert_eq!(error.to_string(), "mini refuses the option `worker_threads`: it must be 1, 2 or 4");
    /// ```
    pub fn invalid(runtime: &'static str, option: ConfigOption, reason: &'static str) -> Self {
        Self {
            runtime,
            kind: Kind::Invalid(option, reason),
        }
    }

    /// The runtime that was handed in cannot serve; `reason` says why and what to do. Adapters call this.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::LaunchError;
    ///
    /// let error = LaunchError::unusable("mini", "it has no timer: build it with one");
    /// assert_eq!(error.to_string(), "this mini runtime cannot be used: it has no timer: build it with one");
    /// ```
    pub fn unusable(runtime: &'static str, reason: &'static str) -> Self {
        Self {
            runtime,
            kind: Kind::Unusable(reason),
        }
    }

    /// The system refused `call`. Adapters call this.
    ///
    /// The error keeps the system's own as its [source](std::error::Error::source).
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io;
    /// use anyrt_core::LaunchError;
    ///
    /// let refused = io::Error::from(io::ErrorKind::OutOfMemory);
    /// let error = LaunchError::system("mini", "start a worker thread", refused);
    /// assert!(error.to_string().starts_with("mini could not start a worker thread"));
    /// assert_eq!(io::Error::from(error).kind(), io::ErrorKind::OutOfMemory);
    /// ```
    pub fn system(runtime: &'static str, call: &'static str, error: SystemError) -> Self {
        Self {
            runtime,
            kind: Kind::System(call, error),
        }
    }

    /// The name of the runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{ConfigOption, LaunchError};
    ///
    /// let error = LaunchError::unsupported("mini", ConfigOption::ThreadName);
    /// assert_eq!(error.runtime(), "mini");
    /// ```
    pub fn runtime(&self) -> &'static str {
        self.runtime
    }

    /// The option that was refused, if that was the reason.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, Launch, LaunchError};
    ///
    /// /// Falls back to the runtime's own choices where an option is refused.
    /// fn start<L: Launch>(config: Config) -> Result<L, LaunchError> {
    ///     L::launch(config.clone()).or_else(|error| match error.option() {
    ///         Some(option) => {
    ///             eprintln!("`{option}` is left out");
    ///             L::launch(Config::new())
    ///         }
    ///         None => Err(error),
    ///     })
    /// }
    /// ```
    pub fn option(&self) -> Option<ConfigOption> {
        match self.kind {
            Kind::Unsupported(option) | Kind::Invalid(option, _) => Some(option),
            Kind::Unusable(_) | Kind::System(..) => None,
        }
    }

    /// Tells whether the runtime has no such option at all.
    ///
    /// A value that makes no sense, such as 0 threads, is refused as well, but it is not unsupported.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::{Config, ConfigOption};
    ///
    /// let zero = Config::new().worker_threads(0);
    /// let error = zero.check("mini", &[ConfigOption::WorkerThreads]).unwrap_err();
    /// assert!(!error.is_unsupported());
    /// ```
    pub fn is_unsupported(&self) -> bool {
        matches!(self.kind, Kind::Unsupported(_))
    }

    pub(crate) fn system_error(&self) -> Option<&SystemError> {
        match &self.kind {
            Kind::System(_, error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let runtime = self.runtime;
        match &self.kind {
            Kind::Unsupported(option) => write!(
                f,
                "{runtime} cannot honour the option `{option}`: leave it unset, or launch another runtime"
            ),
            Kind::Invalid(option, reason) => {
                write!(f, "{runtime} refuses the option `{option}`: it {reason}")
            }
            Kind::Unusable(reason) => write!(f, "this {runtime} runtime cannot be used: {reason}"),
            Kind::System(call, error) => write!(
                f,
                "{runtime} could not {call}: {error}; check the limits on threads and open files"
            ),
        }
    }
}

impl fmt::Debug for LaunchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LaunchError({self})")
    }
}

impl Error for LaunchError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.system_error()
            .map(|error| error as &(dyn Error + 'static))
    }
}

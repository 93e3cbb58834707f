use std::fmt;
use std::io;

/// What somebody outside asks of the process: the name of a signal.
///
/// # Examples
///
/// ```
/// use anyrt_net::SignalKind;
///
/// assert_eq!(SignalKind::Interrupt.to_string(), "interrupt");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SignalKind {
    /// Ctrl-C at the terminal: SIGINT on Unix. Everywhere.
    Interrupt,
    /// The polite request to end: SIGTERM. Unix.
    Terminate,
    /// The terminal is gone, or the configuration is to be read again: SIGHUP. Unix.
    Hangup,
    /// Ctrl-\ at the terminal: SIGQUIT. Unix.
    Quit,
    /// For the program's own use: SIGUSR1. Unix.
    User1,
    /// For the program's own use: SIGUSR2. Unix.
    User2,
    /// A child ended or stopped: SIGCHLD. Unix.
    Child,
    /// The terminal has another size: SIGWINCH. Unix.
    WindowChange,
}

impl SignalKind {
    /// The name in lower-case words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Interrupt => "interrupt",
            Self::Terminate => "terminate",
            Self::Hangup => "hangup",
            Self::Quit => "quit",
            Self::User1 => "user 1",
            Self::User2 => "user 2",
            Self::Child => "child",
            Self::WindowChange => "window change",
        }
    }

    /// The error of a system that does not have this signal; for adapters.
    pub fn unsupported(self, runtime: &str) -> io::Error {
        io::Error::new(
            io::ErrorKind::Unsupported,
            format!("{runtime} has no signal `{self}` on this system: `interrupt` is everywhere"),
        )
    }
}

impl fmt::Display for SignalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

use std::fmt;

/// Why a conversation ends: the server's last line is `bye` and this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bye {
    /// The user went away, or asked to.
    Quit,
    /// The user said nothing for too long.
    Idle,
    /// The user did not read what others said.
    TooSlow,
    /// The user sent what is no command, or a line that is too long.
    NotUnderstood,
    /// The server ends.
    Shutdown,
}

impl fmt::Display for Bye {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Quit => "until next time",
            Self::Idle => "nothing was said for too long",
            Self::TooSlow => "too slow a reader",
            Self::NotUnderstood => "not understood: `join ROOM`, `say TEXT` and `quit` are",
            Self::Shutdown => "the server ends",
        })
    }
}

use std::error::Error;
use std::fmt;

use anyrt_core::NoRuntime;

/// Why there is no telling which runtime a program runs on.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "tokio")]
/// # {
/// // Nothing runs here.
/// let error = anyrt::runtime().unwrap_err();
/// println!("{error}, of {:?}", error.compiled_in());
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct SelectError {
    pub(crate) compiled_in: Vec<&'static str>,
    /// What the environment variable names, which is none of those.
    pub(crate) unknown: Option<String>,
    /// One was chosen, and the caller does not run on it.
    pub(crate) outside: Option<NoRuntime>,
}

impl SelectError {
    /// The names of the runtimes that are compiled in.
    pub fn compiled_in(&self) -> &[&'static str] {
        &self.compiled_in
    }

    /// Tells whether `ANYRT_RUNTIME` names a runtime that is not compiled in.
    pub fn is_unknown(&self) -> bool {
        self.unknown.is_some()
    }

    /// Tells whether several runtimes are compiled in and none was chosen.
    pub fn is_ambiguous(&self) -> bool {
        self.unknown.is_none() && self.outside.is_none()
    }
}

impl fmt::Display for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(outside) = &self.outside {
            return outside.fmt(f);
        }
        let list = self.compiled_in.join(", ");
        match &self.unknown {
            Some(name) => write!(
                f,
                "`ANYRT_RUNTIME` names `{name}`, and the runtimes compiled in are: {list}"
            )?,
            None => write!(
                f,
                "several runtimes are compiled in, and the program chose none of them: {list}"
            )?,
        }
        let first = self.compiled_in.first().copied().unwrap_or("tokio");
        let path = first.replace('-', "_");
        write!(
            f,
            "; name one in the macro (`#[anyrt::main({path})]`), or call the type of one in `anyrt::{path}`, \
             or set the environment variable `ANYRT_RUNTIME={first}`"
        )
    }
}

impl fmt::Debug for SelectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SelectError({self})")
    }
}

impl Error for SelectError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.outside
            .as_ref()
            .map(|outside| outside as &(dyn Error + 'static))
    }
}

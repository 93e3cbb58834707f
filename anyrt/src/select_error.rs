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
    /// That one has local tasks alone, so that nothing starts a shared runtime of it.
    pub(crate) is_local: bool,
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
            write!(f, "{}", outside.in_call("anyrt::runtime"))?;
            return match self.is_local {
                true => Ok(()),
                false => {
                    f.write_str("; `#[anyrt::main]`, `anyrt::run` and `anyrt::block_on` start one")
                }
            };
        }
        let list = self.compiled_in.join(", ");
        let mut example = self.compiled_in.first().copied().unwrap_or("tokio");
        match &self.unknown {
            Some(name) => {
                write!(f, "`ANYRT_RUNTIME` names `{name}`")?;
                if let Some(near) = nearest(name, &self.compiled_in) {
                    write!(f, ": did you mean `{near}`? The")?;
                    example = near;
                } else {
                    f.write_str(", and the")?;
                }
                write!(f, " runtimes compiled in are: {list}")?;
            }
            None => write!(
                f,
                "several runtimes are compiled in, and the program chose none of them: {list}"
            )?,
        }
        let path = example.replace('-', "_");
        write!(
            f,
            "; name one in the macro (`#[anyrt::main({path})]`), or call the type of one in `anyrt::{path}`, \
             or set the environment variable `ANYRT_RUNTIME={example}`"
        )
    }
}

/// The one of `names` that was meant by `typed`, if only its case, a `_` or a few letters are wrong.
fn nearest(typed: &str, names: &[&'static str]) -> Option<&'static str> {
    let typed = typed.to_lowercase().replace('_', "-");
    let near = names.iter().map(|&name| (changes(&typed, name), name));
    let (changes, name) = near.min()?;
    (changes <= name.len() / 3).then_some(name)
}

/// How many letters must be put in, left out or changed.
fn changes(from: &str, to: &str) -> usize {
    let to: Vec<_> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in to.iter().enumerate() {
            let change = diagonal + usize::from(letter != *other);
            diagonal = row[column + 1];
            row[column + 1] = change.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
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

use std::fmt;

use crate::{Backend, Capability, Local, Shared, Started};

/// How binding a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Holds on every backend.
    Must,
    /// Holds on every backend that has the capabilities that the rule needs.
    Capability,
    /// Holds, or is a declared deviation.
    Should,
    /// Is recorded and reported, not judged.
    Info,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Must => "must",
            Self::Capability => "capability",
            Self::Should => "should",
            Self::Info => "info",
        })
    }
}

/// What a case that held has to say: nothing, or for rules of the level `info`, what it saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record(pub Option<String>);

impl From<()> for Record {
    fn from((): ()) -> Self {
        Self(None)
    }
}

impl From<String> for Record {
    fn from(seen: String) -> Self {
        Self(Some(seen))
    }
}

/// The code of a rule, which fails by panicking.
#[derive(Clone, Copy)]
pub enum Body {
    /// For backends of either kind: the same text, compiled for both.
    Any(fn(Started<Shared>) -> Record, fn(Started<Local>) -> Record),
    /// For backends whose tasks are `Send`.
    Shared(fn(Started<Shared>) -> Record),
    /// For backends whose tasks stay on one thread.
    Local(fn(Started<Local>) -> Record),
}

/// One sentence of the specification, with the code that checks it.
#[derive(Clone, Copy)]
pub struct Rule {
    /// The first half of the id.
    pub family: &'static str,
    /// The second half of the id.
    pub name: &'static str,
    /// How binding it is.
    pub level: Level,
    /// The lines of its documentation: the rule, its intent, and what to check if it fails.
    pub docs: &'static [&'static str],
    /// What a backend must be able to do for the rule to apply.
    pub needs: &'static [Capability],
    /// The code.
    pub body: Body,
}

impl Rule {
    /// The id, `family::name`.
    pub fn id(&self) -> String {
        format!("{}::{}", self.family, self.name)
    }

    /// The rule as one sentence: the first paragraph of its documentation.
    pub fn sentence(&self) -> String {
        let lines = self.docs.iter().map(|line| line.trim());
        let first: Vec<_> = lines.take_while(|line| !line.is_empty()).collect();
        first.join(" ")
    }

    /// The whole documentation, without the leading blanks of its lines.
    pub fn text(&self) -> String {
        let lines = self
            .docs
            .iter()
            .map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// The capabilities that the rule needs and `backend` lacks.
    pub fn missing(&self, backend: &Backend) -> Vec<Capability> {
        let kind = match self.body {
            Body::Any(..) => None,
            Body::Shared(_) => Some(Capability::Shared),
            Body::Local(_) => Some(Capability::Local),
        };
        let needs = kind.into_iter().chain(self.needs.iter().copied());
        needs.filter(|&it| !backend.has(it)).collect()
    }

    /// Starts the backend's runtime and runs the rule on it, in this process and on this thread.
    ///
    /// # Panics
    ///
    /// When the rule does not hold.
    pub fn run(&self, backend: &Backend) -> Record {
        match self.body {
            Body::Any(_, local) | Body::Local(local) if backend.has(Capability::Local) => {
                local(backend.start_local())
            }
            Body::Any(shared, _) | Body::Shared(shared) => shared(backend.start_shared()),
            Body::Local(_) => unreachable!("rules for local tasks are run on local backends"),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any(..) => "Any",
            Self::Shared(_) => "Shared",
            Self::Local(_) => "Local",
        })
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("id", &self.id())
            .field("level", &self.level)
            .field("needs", &self.needs)
            .finish_non_exhaustive()
    }
}

/// Declares the rules of a family; see [`rules`](crate::rules) for how to write one.
macro_rules! rules {
    ($family:ident $(
        $(#[doc = $doc:literal])+
        $level:ident fn $name:ident($rt:ident: $kind:ident $(+ $need:ident)*) $body:block
    )+) => {
        /// The rules of this family, in the order of the specification.
        pub fn rules() -> Vec<$crate::Rule> {
            vec![$($name()),+]
        }

        $(
            $(#[doc = $doc])+
            pub fn $name() -> $crate::Rule {
                $crate::Rule {
                    family: stringify!($family),
                    name: stringify!($name),
                    level: $crate::Level::$level,
                    docs: &[$($doc),+],
                    needs: &[$($crate::Capability::$need),*],
                    body: $crate::rule::body!($kind $rt $body),
                }
            }
        )+
    };
}

/// Compiles the text of a rule for the kinds of backends that it is for. In it, `Rt` is the type of the runtime's
/// handle, and `Joined<T>` that of a task's.
macro_rules! body {
    (Any $rt:ident $body:block) => {
        $crate::Body::Any(
            $crate::rule::body!(@ Shared $rt $body),
            $crate::rule::body!(@ Local $rt $body),
        )
    };
    (Shared $rt:ident $body:block) => {
        $crate::Body::Shared($crate::rule::body!(@ Shared $rt $body))
    };
    (Local $rt:ident $body:block) => {
        $crate::Body::Local($crate::rule::body!(@ Local $rt $body))
    };
    (@ $kind:ident $rt:ident $body:block) => {
        |$rt: $crate::Started<$crate::$kind>| {
            #[allow(dead_code, reason = "few rules name the type of their handle")]
            type Rt = $crate::$kind;
            #[allow(dead_code, reason = "few rules name the type of a task's handle")]
            type Joined<T> = <$crate::$kind as $crate::erase::Kind>::Handle<T>;
            $crate::Record::from($body)
        }
    };
}

pub(crate) use {body, rules};

use std::fmt;

use crate::capability::{self, Capability};
use crate::{Backend, Local, Shared, Started};

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
            Body::Shared(_) => Some(capability::Shared),
            Body::Local(_) => Some(capability::Local),
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
            Body::Any(_, local) | Body::Local(local) if backend.has(capability::Local) => {
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

/// Declares the rules of a family.
///
/// # To add a rule
///
/// Write it in the file of its family, inside the `rules!` there:
///
/// ```text
/// rules! { join
///
/// /// Dropping the handle of a task detaches the task.        <- the rule: one sentence, present tense
/// ///
/// /// Intent: why anybody should care, and what it leaves open.
/// ///
/// /// If this fails, check what the drop of the adapter's task does.
/// Must fn dropping_the_handle_detaches(rt: Any) {
///     …
/// }
///
/// }
/// ```
///
/// - The documentation *is* the data: `conformance explain` prints it. The id is `family::name`.
/// - The level is `Must`, `Capability`, `Should` or `Info`. The code of an `Info` rule returns a `String`: what was seen. Any
///   other may return one as well, to be shown beside its pass.
/// - `rt` is a [`Started`](crate::Started) runtime, a fresh one where the backend can be launched. `rt: Any` compiles the
///   text twice, for [`Shared`](crate::Shared) backends and for [`Local`](crate::Local) ones, whose methods have the same
///   names; spawn with `rt.spawn` in either. `rt: Shared` and `rt: Local` are for one kind. Handles to be moved into tasks
///   (and to threads, if `Shared`) come from `rt.handle()`.
/// - What else the backend must be able to do follows with a plus: `rt: Any + Owned`, `rt: Shared + Blocking + Background`.
///   Each is a constant of [`capability`](crate::capability), or one of [your own](crate::capabilities!) that the file imports.
///   A rule that needs a claim is also run where the claim is not made, and must then
///   fail (or hang, for at most two seconds): write it so that it holds only where the claim is true.
/// - The code fails by panicking, with a message that says what was seen. It decides nothing about whether it applies.
/// - It runs on the main thread of a process of its own, so it may leave threads behind, fill the heap and hang. It waits
///   for what it is about through the [`kit`](crate::kit), and asserts time one-sided: nothing is early.
/// - Where it may hang, it says beforehand what it waits for, with [`step`](crate::kit::step): the report ends with the last
///   one. `eventually` and `yield_until` do so themselves, and a `block_on` is noted with its line.
/// - What the engine does not know comes from an extension of the backend: see
///   [`Backend::extended`](crate::Backend::extended).
/// - A future's captures: see [`Holding`](crate::kit::Holding) before you test when something is dropped.
///
/// A new family is a file with one `rules!`, and a line in the specification's list. A rule must be able to fail: give it a
/// [`Mutant`](crate::Mutant).
#[macro_export]
macro_rules! rules {
    ($family:ident $(
        $(#[doc = $doc:literal])+
        $level:ident fn $name:ident($rt:ident: $kind:ident $(+ $need:ident)*) $body:block
    )+) => {
        /// The rules of this family, in the order of the specification.
        pub(crate) fn rules() -> Vec<$crate::Rule> {
            vec![$($name()),+]
        }

        $(
            $(#[doc = $doc])+
            pub(crate) fn $name() -> $crate::Rule {
                $crate::Rule {
                    family: stringify!($family),
                    name: stringify!($name),
                    level: $crate::Level::$level,
                    docs: &[$($doc),+],
                    needs: {
                        #[allow(unused_imports, reason = "many rules need nothing")]
                        use $crate::capability::*;
                        const NEEDS: &[$crate::Capability] = &[$($need),*];
                        NEEDS
                    },
                    body: $crate::body!($kind $rt $body),
                }
            }
        )+
    };
}

/// Compiles the text of a rule for the kinds of backends that it is for. In it, `Rt` is the type of the runtime's
/// handle, and `Joined<T>` that of a task's.
#[doc(hidden)]
#[macro_export]
macro_rules! body {
    (Any $rt:ident $body:block) => {
        $crate::Body::Any(
            $crate::body!(@ Shared $rt $body),
            $crate::body!(@ Local $rt $body),
        )
    };
    (Shared $rt:ident $body:block) => {
        $crate::Body::Shared($crate::body!(@ Shared $rt $body))
    };
    (Local $rt:ident $body:block) => {
        $crate::Body::Local($crate::body!(@ Local $rt $body))
    };
    (@ $kind:ident $rt:ident $body:block) => {
        |$rt: $crate::Started<$crate::$kind>| {
            #[allow(dead_code, reason = "few rules name the type of their handle")]
            type Rt = $crate::$kind;
            #[allow(dead_code, reason = "few rules name the type of a task's handle")]
            type Joined<T> = <$crate::$kind as $crate::Kind>::Handle<T>;
            $crate::Record::from($body)
        }
    };
}

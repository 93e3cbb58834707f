//! The machinery of mutants: a backend with exactly one thing broken, to show that the rule meant for it goes red.

use std::fmt;
use std::sync::Arc;

use crate::{Backend, Capability, Case, Plan, Rule};

/// One defect, and the rules that must notice it.
#[derive(Clone)]
pub struct Mutant {
    /// The name, as it follows the `~` in the key of a mutated backend.
    pub name: &'static str,
    /// What is broken, as a sentence.
    pub breaks: &'static str,
    /// The ids of the rules that are meant to notice.
    pub killed_by: &'static [&'static str],
    needs: Option<Capability>,
    apply: Arc<dyn Fn(Backend) -> Backend + Send + Sync>,
}

impl Mutant {
    /// A mutant for which `apply` breaks a backend.
    pub fn new(
        name: &'static str,
        breaks: &'static str,
        killed_by: &'static [&'static str],
        apply: impl Fn(Backend) -> Backend + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            breaks,
            killed_by,
            needs: None,
            apply: Arc::new(apply),
        }
    }

    /// The same mutant, for backends with `capability` only.
    pub fn needs(mut self, capability: Capability) -> Self {
        self.needs = Some(capability);
        self
    }

    /// Whether it is for backends with `capability` only.
    pub fn is_for(&self, capability: Capability) -> bool {
        self.needs == Some(capability)
    }

    /// Why `backend` cannot be broken this way, if it cannot.
    pub fn missing(&self, backend: &Backend) -> Option<&'static str> {
        let missing = self.needs.filter(|&it| !backend.has(it));
        missing.map(Capability::missing)
    }

    /// Breaks `backend`; its key then ends in `~` and the mutant's name.
    ///
    /// # Panics
    ///
    /// When the backend [lacks](Self::missing) what the mutant needs.
    pub fn apply(&self, backend: Backend) -> Backend {
        if let Some(missing) = self.missing(&backend) {
            panic!("{}~{}: {missing}", backend.key(), self.name);
        }
        (self.apply)(backend).suffixed(&format!("~{}", self.name))
    }

    /// The cases of `rules` on `backend` broken this way, without those that do not apply to it.
    pub fn cases(&self, backend: &Backend, rules: &[Rule]) -> Vec<Case> {
        if self.missing(backend).is_some() {
            return Vec::new();
        }
        let backend = self.apply(backend.clone());
        let cases = rules.iter().map(|&rule| Case {
            backend: backend.clone(),
            rule,
        });
        let applies = |it: &Case| !matches!(it.plan(), Plan::NotApplicable(_));
        cases.filter(applies).collect()
    }
}

impl fmt::Debug for Mutant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutant")
            .field("name", &self.name)
            .field("killed_by", &self.killed_by)
            .finish_non_exhaustive()
    }
}

/// Declares mutants beside the code that they break, a row each: its name, what it breaks, and the rules that kill it.
///
/// For a specification whose mutants break values of its own: the backend is extended with the fault, and that code asks whether
/// it is the one. The type of faults is a `struct` around a name.
///
/// # Why not one block with an override
///
/// The specification of core declares a mutant as one block that overrides a hook. That pays because a runtime has few hooks and
/// many mutants: 141 mutants share 43. Mutants of sockets and of structured tasks share little: 66 have their conditions in 46
/// functions, 101 in 78, and 140 of these 167 have a single condition. There a hook would be made for one mutant: a method of a
/// trait, its default, a call, and the override, each free of the types of the code it breaks. A row and a condition in one file
/// are fewer places.
///
/// ```
/// # use anyrt_conformance_engine as engine;
/// #[derive(Clone, Copy, PartialEq, Eq)]
/// struct Fault(&'static str);
///
/// engine::mutants! { Fault;
///     adds_one: "a sum is too big by one",
///         killed by "addition::adds";
/// }
///
/// fn add(fault: Option<Fault>, a: u32, b: u32) -> u32 {
///     a + b + u32::from(fault == Some(Fault::adds_one))
/// }
///
/// assert_eq!(add(Some(Fault::adds_one), 1, 1), 3);
/// assert_eq!(mutants()[0].name, "adds_one");
/// ```
#[macro_export]
macro_rules! mutants {
    ($fault:ident; $($name:ident: $breaks:literal, killed by $($rule:literal),+;)+) => {
        impl $fault {$(
            #[doc = $breaks]
            #[allow(non_upper_case_globals, reason = "it is the name of the mutant")]
            pub(crate) const $name: Self = Self(stringify!($name));
        )+}

        /// The mutants of this file.
        pub(crate) fn mutants() -> Vec<$crate::Mutant> {
            vec![$(
                $crate::Mutant::new(stringify!($name), $breaks, &[$($rule),+], |backend| {
                    backend.extended($fault::$name)
                })
            ),+]
        }
    };
}

/// A rule that no mutant turns red, since safe code cannot break it, and what stands in.
#[derive(Clone, Copy, Debug)]
pub struct Exempt {
    /// The id of the rule.
    pub rule: &'static str,
    /// Why it cannot be broken.
    pub reason: &'static str,
    /// What keeps it instead: a type, or a test that must not compile.
    pub stands_in: &'static str,
}

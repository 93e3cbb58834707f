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

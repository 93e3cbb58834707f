//! The registry: which specifications and which backends a program has.

use crate::{Backend, Case, Exempt, Mutant, Rule, Specification};

/// The specifications that a program chose, and the backends that it holds them against.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The specifications, in the order of reports.
    pub specifications: Vec<Specification>,
    /// The backends, in the order of reports.
    pub backends: Vec<Backend>,
}

impl Suite {
    /// Holds `specifications` against `backends`.
    pub fn new(
        specifications: impl IntoIterator<Item = Specification>,
        backends: impl IntoIterator<Item = Backend>,
    ) -> Self {
        Self {
            specifications: specifications.into_iter().collect(),
            backends: backends.into_iter().collect(),
        }
    }

    /// Every rule.
    pub fn rules(&self) -> Vec<Rule> {
        let rules = self.specifications.iter().flat_map(|it| &it.rules);
        rules.copied().collect()
    }

    /// The rule with the id `id`.
    pub fn rule(&self, id: &str) -> Option<Rule> {
        self.rules().into_iter().find(|rule| rule.id() == id)
    }

    /// Every mutant.
    pub fn mutants(&self) -> Vec<Mutant> {
        let mutants = self.specifications.iter().flat_map(|it| &it.mutants);
        mutants.cloned().collect()
    }

    /// The mutant called `name`.
    pub fn mutant(&self, name: &str) -> Option<Mutant> {
        self.mutants().into_iter().find(|it| it.name == name)
    }

    /// The rules that safe code cannot break.
    pub fn exempt(&self) -> Vec<Exempt> {
        let exempt = self.specifications.iter().flat_map(|it| &it.exempt);
        exempt.copied().collect()
    }

    /// The backend with the key `key`; after a `~`, the name of the mutant that it is made into.
    pub fn backend(&self, key: &str) -> Option<Backend> {
        let (key, mutant) = match key.split_once('~') {
            Some((key, mutant)) => (key, Some(mutant)),
            None => (key, None),
        };
        let backend = self.backends.iter().find(|it| it.key() == key)?.clone();
        match mutant {
            Some(name) => Some(self.mutant(name)?.apply(backend)),
            None => Some(backend),
        }
    }
}

/// Every case of `rules` on `backends`: rule by rule, and backend by backend within each.
pub fn cases(backends: &[Backend], rules: &[Rule]) -> Vec<Case> {
    let on_each = |rule: &Rule| {
        let rule = *rule;
        let case = move |backend: &Backend| Case {
            backend: backend.clone(),
            rule,
        };
        backends.iter().map(case).collect::<Vec<_>>()
    };
    rules.iter().flat_map(on_each).collect()
}

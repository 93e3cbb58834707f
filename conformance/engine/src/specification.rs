//! A specification: rules, and the mutants that show that they can fail.

use crate::{Backend, Exempt, Mutant, Rule, Verdict};

/// How a [child](Specification::child) finds the backend with a key, which may name a mutant behind a `~`.
pub type FindBackend<'a> = &'a dyn Fn(&str) -> Option<Backend>;

/// What one crate asks of a runtime: rules, and mutants that show that each rule can fail.
///
/// A program chooses the specifications that it runs; see [`Suite`](crate::Suite). What the rules of one need from a backend
/// beyond the handle of the runtime, the backend [is extended with](Backend::extended).
///
/// # Examples
///
/// ```
/// use anyrt_conformance_engine::{Specification, Suite, rules};
///
/// rules! { addition
///
/// /// A task adds.
/// ///
/// /// Intent: an example.
/// ///
/// /// If this fails, check the arithmetic.
/// Must fn adds(rt: Any) {
///     assert_eq!(rt.block_on(rt.spawn(async { 1 + 1 })).expect("the task ends"), 2);
/// }
///
/// }
///
/// let arithmetic = Specification::new("arithmetic", rules());
/// assert!(Suite::new([arithmetic], []).rule("addition::adds").is_some());
/// ```
#[derive(Clone, Debug)]
pub struct Specification {
    /// What it is called in reports of what a program runs.
    pub name: &'static str,
    /// The rules, family by family.
    pub rules: Vec<Rule>,
    /// The mutants that its rules kill.
    pub mutants: Vec<Mutant>,
    /// The rules that safe code cannot break.
    pub exempt: Vec<Exempt>,
    /// What a process does that one of its rules started; see [`run_job`](crate::run_job).
    pub child: Option<fn(FindBackend<'_>) -> Option<Verdict>>,
}

impl Specification {
    /// A specification without mutants.
    pub fn new(name: &'static str, rules: Vec<Rule>) -> Self {
        Self {
            name,
            rules,
            mutants: Vec::new(),
            exempt: Vec::new(),
            child: None,
        }
    }

    /// Adds the mutants that its rules kill.
    pub fn mutants(mut self, mutants: Vec<Mutant>) -> Self {
        self.mutants = mutants;
        self
    }

    /// Adds the rules that safe code cannot break.
    pub fn exempt(mut self, exempt: Vec<Exempt>) -> Self {
        self.exempt = exempt;
        self
    }

    /// Adds what a process does that one of its rules started by [`run_job`](crate::run_job): it looks at the environment
    /// variable, and returns `None` if it is not for this specification.
    pub fn child(mut self, child: fn(FindBackend<'_>) -> Option<Verdict>) -> Self {
        self.child = Some(child);
        self
    }
}

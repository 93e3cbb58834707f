//! Finds rules and backends by name.

use crate::{Backend, Case, Rule, mutants, rules};

/// The rule with the id `id`.
pub fn rule(id: &str) -> Option<Rule> {
    rules::all().into_iter().find(|rule| rule.id() == id)
}

/// The backend with the key `key`; after a `~`, the name of the mutant that it is made into.
pub fn backend(backends: &[Backend], key: &str) -> Option<Backend> {
    let (key, mutant) = match key.split_once('~') {
        Some((key, mutant)) => (key, Some(mutant)),
        None => (key, None),
    };
    let backend = backends.iter().find(|it| it.key() == key)?.clone();
    match mutant {
        Some(name) => Some(mutants::find(name)?.apply(backend)),
        None => Some(backend),
    }
}

/// Whether `text` matches `pattern`, in which `*` stands for any text and `?` for any one character.
pub fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let mut ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.any(|at| glob(rest.as_str(), &text[at..]))
        }
        Some(first) => {
            let mut text = text.chars();
            matches!(text.next(), Some(it) if first == '?' || first == it)
                && glob(rest.as_str(), text.as_str())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_whole_texts() {
        assert!(glob("join::*", "join::second_poll_panics"));
        assert!(glob("*panic*", "join::second_poll_panics"));
        assert!(glob("smol", "smol") && !glob("smol", "smol-owned"));
        assert!(glob("tokio-?ocal", "tokio-local") && !glob("", "x"));
    }
}

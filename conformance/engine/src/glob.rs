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

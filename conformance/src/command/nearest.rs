//! The nearest name to one that was mistyped.

/// The name among `names` that takes the fewest changes to reach from `typed`, unless that is more than half of its letters.
///
/// A name may also be the beginning of what was meant: `tokyo` is near to `tokio-local`.
pub(crate) fn nearest(typed: &str, names: impl IntoIterator<Item = String>) -> Option<String> {
    let typed: Vec<char> = typed.chars().collect();
    let counted = names
        .into_iter()
        .map(|name| (changes_to_a_part(&typed, &name), name));
    let (changes, name) = counted.min_by_key(|(changes, _)| *changes)?;
    (2 * changes <= typed.len()).then_some(name)
}

fn changes_to_a_part(typed: &[char], name: &str) -> usize {
    let name: Vec<char> = name.chars().collect();
    let whole = changes(typed, &name);
    let Some(start) = name.get(..typed.len()) else {
        return whole;
    };
    // The whole name wins where both are as near.
    whole.min(changes(typed, start) + 1)
}

/// How many characters are to be put in, taken out or replaced (the Levenshtein distance).
fn changes(from: &[char], to: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_is_put_in_taken_out_and_replaced() {
        let count = |a: &str, b: &str| {
            let letters = |it: &str| it.chars().collect::<Vec<_>>();
            changes(&letters(a), &letters(b))
        };
        assert_eq!(count("", "abc"), 3);
        assert_eq!(count("abc", ""), 3);
        assert_eq!(count("kitten", "sitting"), 3);
        assert_eq!(count("same", "same"), 0);
    }

    #[test]
    fn finds_the_nearest_and_beginnings() {
        let names = || ["smol", "tokio-local", "async-std"].map(String::from);
        assert_eq!(nearest("tokyo", names()).as_deref(), Some("tokio-local"));
        assert_eq!(nearest("small", names()).as_deref(), Some("smol"));
        assert_eq!(nearest("any", []), None);
        assert_eq!(nearest("rubbish", names()), None);
    }
}

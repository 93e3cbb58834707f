//! Which name was meant by one that is misspelt.

/// How many letters at most are wrong, missing, too many or swapped in a name that is still told.
const MOST: usize = 3;

/// The name that is nearest to what was written, unless all are far from it.
pub(crate) fn nearest<'a>(written: &str, names: &[&'a str]) -> Option<&'a str> {
    let all = names.iter().map(|name| (distance(written, name), *name));
    let (distance, name) = all.min_by_key(|(distance, _)| *distance)?;
    (distance <= MOST).then_some(name)
}

/// How many letters are to be changed, added, taken out, or swapped with the next.
fn distance(one: &str, other: &str) -> usize {
    let (one, other): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=other.len()).collect()];
    for (i, letter) in one.iter().enumerate() {
        let above = &rows[i];
        let mut row = vec![i + 1];
        for (j, wanted) in other.iter().enumerate() {
            let mut least = (above[j] + usize::from(letter != wanted))
                .min(above[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && one[i - 1] == *wanted && *letter == other[j - 1] {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_are_wrong_missing_too_many_or_swapped_count_one_each() {
        for (written, figure) in [
            ("seed", 0),
            ("seet", 1),
            ("sed", 1),
            ("seeed", 1),
            ("sede", 1),
            ("", 4),
            ("iters", 4),
        ] {
            assert_eq!(distance(written, "seed"), figure, "{written}");
        }
    }

    #[test]
    fn the_nearest_name_is_told_unless_all_are_far() {
        let names = ["seed", "iterations"];
        assert_eq!(nearest("sede", &names), Some("seed"));
        assert_eq!(nearest("itrations", &names), Some("iterations"));
        assert_eq!(nearest("policies", &names), None);
        assert_eq!(nearest("seed", &[]), None);
    }
}

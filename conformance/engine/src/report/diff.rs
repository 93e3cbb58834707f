use std::collections::BTreeMap;
use std::fmt::Write;

use super::{Look, Report, RuleReport};
use crate::{Outcome, Status};

/// What became different from one report to the next. The order is that in which it is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// A case fails that did not, or was not there.
    NewFailure,
    /// A case that passed deviates, as declared.
    DeviationGained,
    /// A case was run, and does not apply any more.
    NoLongerApplies,
    /// A rule is gone.
    RuleRemoved,
    /// A backend is gone.
    BackendRemoved,
    /// A case that failed does not.
    Fixed,
    /// A case that deviated passes.
    DeviationLost,
    /// A case that did not apply is run, and does not fail.
    Applies,
    /// A rule is new.
    RuleAdded,
    /// A backend is new.
    BackendAdded,
}

impl ChangeKind {
    /// Whether something got worse.
    pub fn is_worse(self) -> bool {
        self <= Self::BackendRemoved
    }

    fn name(self) -> &'static str {
        match self {
            Self::NewFailure => "New failures",
            Self::DeviationGained => "Deviations gained",
            Self::NoLongerApplies => "No longer applicable",
            Self::RuleRemoved => "Rules removed",
            Self::BackendRemoved => "Backends removed",
            Self::Fixed => "Fixed",
            Self::DeviationLost => "Deviations lost",
            Self::Applies => "Newly applicable",
            Self::RuleAdded => "New rules",
            Self::BackendAdded => "New backends",
        }
    }
}

/// One thing that became different.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// What.
    pub kind: ChangeKind,
    /// The id of the rule, or for [`BackendAdded`](ChangeKind::BackendAdded) and its opposite the key of the backend.
    pub what: String,
    /// The key of the backend, or nothing if it is about all of them.
    pub backend: String,
    /// Why, as the newer report says where it says anything.
    pub reason: String,
}

/// What became different from `old` to `new`, in the order in which it is shown.
pub fn changes(old: &Report, new: &Report) -> Vec<Change> {
    let mut found = Vec::new();
    let mut add = |kind, what: &str, backend: &str, reason: &str| {
        found.push(Change {
            kind,
            what: what.to_owned(),
            backend: backend.to_owned(),
            reason: reason.to_owned(),
        });
    };
    let (before, after) = (by_id(old), by_id(new));
    for key in old.summary.backends.keys() {
        if !new.summary.backends.contains_key(key) {
            add(ChangeKind::BackendRemoved, key, "", "");
        }
    }
    for key in new.summary.backends.keys() {
        if !old.summary.backends.contains_key(key) {
            add(ChangeKind::BackendAdded, key, "", "");
        }
    }
    for id in before.keys() {
        if !after.contains_key(id) {
            add(ChangeKind::RuleRemoved, id, "", "");
        }
    }
    for rule in &new.rules {
        let was = before.get(&*rule.id);
        if was.is_none() {
            add(ChangeKind::RuleAdded, &rule.id, "", &rule.level.to_string());
        }
        for (key, now) in &rule.results {
            let was = was.and_then(|it| it.results.get(key));
            if let Some(kind) = change(was, now) {
                let reason = match (&*now.reason, was) {
                    ("", Some(was)) => &was.reason,
                    (reason, _) => reason,
                };
                add(kind, &rule.id, key, reason);
            }
        }
    }
    found.sort_by_key(|it| it.kind);
    found
}

fn by_id(report: &Report) -> BTreeMap<&str, &RuleReport> {
    report.rules.iter().map(|it| (&*it.id, it)).collect()
}

fn change(was: Option<&Outcome>, now: &Outcome) -> Option<ChangeKind> {
    use Status::{Deviation, Fail, NotApplicable, Pass};
    match (was.map(|it| it.status), now.status) {
        (Some(Fail), Fail) => None,
        (_, Fail) => Some(ChangeKind::NewFailure),
        // What is new in a new place is told once, as the place.
        (None, _) => None,
        (Some(NotApplicable), NotApplicable) => None,
        (Some(_), NotApplicable) => Some(ChangeKind::NoLongerApplies),
        (Some(Fail), _) => Some(ChangeKind::Fixed),
        (Some(NotApplicable), _) => Some(ChangeKind::Applies),
        (Some(Pass), Deviation) => Some(ChangeKind::DeviationGained),
        (Some(Deviation), Pass) => Some(ChangeKind::DeviationLost),
        _ => None,
    }
}

/// The changes as a table: what got worse first, and one line for the backends of which the same is to be said.
pub fn change_table(changes: &[Change], look: Look) -> String {
    let mut text = String::new();
    write(&mut text, changes, look).expect("a string takes any text");
    text
}

fn write(out: &mut String, changes: &[Change], look: Look) -> std::fmt::Result {
    let mut last = None;
    let mut rest = changes;
    while let Some(first) = rest.first() {
        let alike = |it: &&Change| {
            (it.kind, &it.what, &it.reason) == (first.kind, &first.what, &first.reason)
        };
        let same = rest.iter().take_while(alike).count();
        let (these, others) = rest.split_at(same);
        rest = others;
        if last != Some(first.kind) {
            if last.is_some() {
                writeln!(out)?;
            }
            last = Some(first.kind);
            let count = changes.iter().filter(|it| it.kind == first.kind).count();
            let title = format!("{} ({count})", first.kind.name());
            writeln!(out, "{}", paint(first.kind, &title, look))?;
        }
        let keys: Vec<_> = these.iter().map(|it| &*it.backend).collect();
        let mut line = first.what.clone();
        for (before, more) in [(" on ", keys.join(", ")), (": ", first.reason.clone())] {
            if !more.is_empty() {
                line.push_str(before);
                line.push_str(&more);
            }
        }
        wrapped(out, &line, look.width)?;
    }
    let worse = changes.iter().filter(|it| it.kind.is_worse()).count();
    if !changes.is_empty() {
        writeln!(out)?;
    }
    match (changes.len(), worse) {
        (0, _) => writeln!(out, "nothing changed"),
        (1, 0) => writeln!(out, "1 change, not for the worse"),
        (1, _) => writeln!(out, "1 change, for the worse"),
        (all, 0) => writeln!(out, "{all} changes, none for the worse"),
        (all, worse) => writeln!(out, "{all} changes, {worse} for the worse"),
    }
}

/// Writes `text` in lines that fit, the later ones indented by more.
fn wrapped(out: &mut String, text: &str, width: usize) -> std::fmt::Result {
    let mut line = String::from(" ");
    for word in text.split_whitespace() {
        let long = line.chars().count() + 1 + word.chars().count();
        if long > width.max(20) && line.trim() != "" {
            writeln!(out, "{line}")?;
            line = String::from("   ");
        }
        line.push(' ');
        line.push_str(word);
    }
    writeln!(out, "{line}")
}

fn paint(kind: ChangeKind, text: &str, look: Look) -> String {
    let colour = if kind.is_worse() { "31" } else { "32" };
    if look.colour {
        format!("\u{1b}[{colour}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Counts;
    use super::*;
    use crate::Level;

    const LOOK: Look = Look {
        width: 60,
        colour: false,
    };

    type Cell<'a> = (&'a str, Status, &'a str);

    fn report(rules: &[(&str, &[Cell<'_>])]) -> Report {
        let mut report = Report {
            rules: Vec::new(),
            summary: super::super::Summary::default(),
        };
        for (id, cells) in rules {
            let mut results = BTreeMap::new();
            for (key, status, reason) in *cells {
                let outcome = Outcome {
                    status: *status,
                    reason: (*reason).to_owned(),
                    millis: 0,
                };
                results.insert((*key).to_owned(), outcome);
                let backends = &mut report.summary.backends;
                backends.insert((*key).to_owned(), Counts::default());
            }
            report.rules.push(RuleReport {
                id: (*id).to_owned(),
                level: Level::Must,
                family: String::from("f"),
                results,
            });
        }
        report
    }

    fn kinds(old: &[Cell<'_>], new: &[Cell<'_>]) -> Vec<ChangeKind> {
        let found = changes(&report(&[("f::r", old)]), &report(&[("f::r", new)]));
        found.into_iter().map(|it| it.kind).collect()
    }

    #[test]
    fn each_pair_of_states_is_told_for_what_it_is() {
        use ChangeKind::*;
        use Status::*;
        for (was, now, kind) in [
            (Pass, Fail, Some(NewFailure)),
            (Deviation, Fail, Some(NewFailure)),
            (NotApplicable, Fail, Some(NewFailure)),
            (Fail, Pass, Some(Fixed)),
            (Fail, Deviation, Some(Fixed)),
            (Pass, Deviation, Some(DeviationGained)),
            (Deviation, Pass, Some(DeviationLost)),
            (Pass, NotApplicable, Some(NoLongerApplies)),
            (NotApplicable, Pass, Some(Applies)),
            (Pass, Pass, None),
            (Fail, Fail, None),
            (Recorded, Recorded, None),
        ] {
            let found = kinds(&[("a", was, "")], &[("a", now, "")]);
            assert_eq!(found, Vec::from_iter(kind), "{was:?} to {now:?}");
        }
    }

    #[test]
    fn rules_and_backends_come_and_go() {
        let old = report(&[
            ("f::gone", &[("a", Status::Pass, "")]),
            (
                "f::kept",
                &[("a", Status::Pass, ""), ("b", Status::Pass, "")],
            ),
        ]);
        let new = report(&[
            (
                "f::kept",
                &[("a", Status::Pass, ""), ("c", Status::Fail, "why")],
            ),
            (
                "f::new",
                &[("a", Status::Fail, "so"), ("c", Status::Pass, "")],
            ),
        ]);
        let found: Vec<_> = changes(&old, &new)
            .into_iter()
            .map(|it| (it.kind, it.what, it.backend))
            .collect();
        let text = |it: &str| it.to_owned();
        assert_eq!(
            found,
            [
                (ChangeKind::NewFailure, text("f::kept"), text("c")),
                (ChangeKind::NewFailure, text("f::new"), text("a")),
                (ChangeKind::RuleRemoved, text("f::gone"), text("")),
                (ChangeKind::BackendRemoved, text("b"), text("")),
                (ChangeKind::RuleAdded, text("f::new"), text("")),
                (ChangeKind::BackendAdded, text("c"), text("")),
            ]
        );
    }

    #[test]
    fn the_table_says_what_is_worse_first_and_fits() {
        let old = report(&[(
            "f::r",
            &[
                ("a", Status::Pass, ""),
                ("b", Status::Pass, ""),
                ("c", Status::Fail, "x"),
            ],
        )]);
        let why = "a reason that is too long for one line of sixty characters";
        let new = report(&[(
            "f::r",
            &[
                ("a", Status::Fail, why),
                ("b", Status::Fail, why),
                ("c", Status::Pass, ""),
            ],
        )]);
        let table = change_table(&changes(&old, &new), LOOK);
        let expected = "New failures (2)\n  f::r on a, b: a reason that is too long for one line of\n    sixty characters\n\n\
                        Fixed (1)\n  f::r on c: x\n\n3 changes, 2 for the worse\n";
        assert_eq!(table, expected);
        assert_eq!(change_table(&[], LOOK), "nothing changed\n");
    }
}

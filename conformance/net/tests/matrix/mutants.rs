use std::collections::BTreeSet;

use anyrt_conformance_net::kit::{Fresh, Shared};
use anyrt_conformance_net::mutants::{Broken, EXEMPT, FAULTS, Fault, plant};
use anyrt_conformance_net::{Rule, rules};
use anyrt_core::{BlockOn, Launch};
use anyrt_net::AnyNet;

use crate::backends::{fresh_any, launch, two_threads};
use crate::runner::Case;

type Place = Shared<Broken<AnyNet>>;

/// Every flaw under every rule that names it.
pub(crate) fn cases() -> Vec<Case> {
    let rules: Vec<Rule<Place>> = rules::shared();
    let mut uncovered: BTreeSet<_> = rules.iter().map(Rule::name).collect();
    let mut cases = Vec::new();
    for (fault, names) in FAULTS {
        for name in *names {
            let rule = rules.iter().find(|rule| rule.name() == *name);
            let rule = *rule.unwrap_or_else(|| panic!("{fault:?} names no rule: {name}"));
            uncovered.remove(name);
            cases.push(Case {
                name: format!("mutant {fault:?}/{name}"),
                sentence: rule.sentence(),
                hint: "The rule does not see this flaw.".to_owned(),
                must_fail: true,
                run: Box::new(move || run(*fault, rule)),
            });
        }
    }
    for (name, _) in EXEMPT {
        uncovered.remove(name);
    }
    assert!(uncovered.is_empty(), "no mutant breaks {uncovered:?}");
    cases
}

fn run(fault: Fault, rule: Rule<Place>) {
    plant(fault);
    let owner: anyrt_tokio::Owned = launch(two_threads());
    let rt = Broken::new(AnyNet::new(owner.handle()));
    let place = Shared::with_fresh(rt, || {
        let fresh = fresh_any::<anyrt_tokio::Owned>(two_threads());
        Fresh {
            rt: Broken::new(fresh.rt),
            owner: fresh.owner,
        }
    });
    owner.block_on(rule.run(place));
}

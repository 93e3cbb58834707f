//! Compares what was noted with the model.

use std::collections::BTreeMap;

use super::exact;
use super::expected::{Expected, Seen, expected};
use super::program::{End, Program};
use super::world::{Record, World};

/// What `world` holds that the model does not allow, one sentence each.
pub(super) fn differences(program: &Program, world: &World) -> Vec<String> {
    let mut found = Vec::new();
    let notes = world.notes();
    let mut exact = if world.is_virtual {
        exact::joins(program)
    } else {
        BTreeMap::new()
    };
    for (id, mut expected) in expected(program) {
        if let Some(joins) = exact.remove(&id).filter(|_| expected.certain) {
            expected.joins = joins;
        }
        let record = notes.tasks.get(&id).cloned().unwrap_or_default();
        if record.spawned > 0 || expected.certain {
            judge(id, &expected, &record, &mut found);
        }
    }
    found.extend(notes.faults.iter().cloned());
    found
}

fn judge(id: u32, expected: &Expected, record: &Record, found: &mut Vec<String>) {
    let mut check = |holds: bool, what: &dyn Fn() -> String| {
        if !holds {
            found.push(format!("task {id}: {}", what()));
        }
    };
    let Record {
        spawned,
        ended,
        dropped,
        outputs_made,
        outputs_dropped,
        joined,
        doomed,
        ..
    } = record;
    check(*spawned == 1, &|| format!("was started {spawned} times"));
    check(*ended <= 1, &|| format!("came to its end {ended} times"));
    check(*dropped == 1, &|| {
        let what = if expected.pool { "closure" } else { "future" };
        format!("its {what} was dropped {dropped} times")
    });
    check(outputs_dropped == outputs_made, &|| {
        format!("of {outputs_made} outputs, {outputs_dropped} were dropped")
    });
    // Nobody has asked for its end, so it must have come to it, whatever became of its handle.
    check(*ended == 1 || *doomed, &|| {
        String::from("never came to its end, and nobody had stopped it")
    });
    check(
        !(*doomed && expected.end == End::Park && *ended > 0),
        &|| String::from("was to stop, and ran on"),
    );
    let allowed = &expected.joins;
    if let Some(seen) = joined.iter().find(|it| !allowed.contains(it)) {
        check(false, &|| {
            format!(
                "awaiting it gave {seen:?}, where {} is right",
                list(allowed)
            )
        });
    }
    let must = usize::from(!allowed.is_empty());
    if expected.certain {
        check(joined.len() == must, &|| {
            format!("was joined {} times, where {must} is right", joined.len())
        });
    }
}

fn list(seen: &[Seen]) -> String {
    let names: Vec<_> = seen.iter().map(|it| format!("{it:?}")).collect();
    names.join(" or ")
}

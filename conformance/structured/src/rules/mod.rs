//! The rules, one file for each family.

mod calls;
mod coop;
mod delay;
mod for_each;
mod group;
mod local_value;
mod map;
mod named;
mod pinned;
mod race;
mod retry;
mod scope;
mod select;
mod semaphore;
mod token;
mod tracker;

use crate::Rule;

/// Every rule, family by family.
pub(crate) fn all() -> Vec<Rule> {
    [
        group::rules(),
        map::rules(),
        token::rules(),
        tracker::rules(),
        scope::rules(),
        semaphore::rules(),
        for_each::rules(),
        select::rules(),
        race::rules(),
        retry::rules(),
        coop::rules(),
        named::rules(),
        local_value::rules(),
        delay::rules(),
        pinned::rules(),
        calls::rules(),
    ]
    .concat()
}

//! The rules, one file for each family.

mod coop;
mod for_each;
mod group;
mod named;
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
    ]
    .concat()
}

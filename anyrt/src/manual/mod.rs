#![doc = include_str!("index.md")]

#[doc = include_str!("five_minutes.md")]
#[expect(
    clippy::test_attr_in_doctest,
    reason = "the reader copies the attribute; a hidden line calls the function, so it runs"
)]
pub mod five_minutes {}
#[doc = include_str!("for_libraries.md")]
pub mod for_libraries {}
#[doc = include_str!("for_applications.md")]
#[doc = include_str!("options_table.md")]
pub mod for_applications {}
#[doc = include_str!("for_runtimes.md")]
pub mod for_runtimes {}
#[doc = include_str!("meaning.md")]
#[doc = include_str!("meaning_table.md")]
pub mod meaning {}
#[doc = include_str!("costs.md")]
pub mod costs {}
#[doc = include_str!("moving.md")]
pub mod moving {}
#[doc = include_str!("blocking.md")]
pub mod blocking {}
#[doc = include_str!("simulation.md")]
pub mod simulation {}
#[doc = include_str!("errors.md")]
pub mod errors {}

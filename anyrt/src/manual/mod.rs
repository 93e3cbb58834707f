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
// Its programs are whole, so they compile only with the features that they use.
#[cfg_attr(
    all(feature = "macros", feature = "tokio-net", feature = "smol-net", feature = "async-std-net"),
    doc = include_str!("sockets.md")
)]
#[cfg_attr(
    not(all(
        feature = "macros",
        feature = "tokio-net",
        feature = "smol-net",
        feature = "async-std-net"
    )),
    doc = "Sockets. This page is there with the features `macros`, `tokio-net`, `smol-net` and `async-std-net`."
)]
pub mod sockets {}
// Its programs are whole, so they compile only with the features that they use.
#[cfg_attr(
    all(feature = "macros", feature = "compio-net"),
    doc = include_str!("thread_per_core.md")
)]
#[cfg_attr(
    not(all(feature = "macros", feature = "compio-net")),
    doc = "Thread per core. This page is there with the features `macros` and `compio-net`."
)]
pub mod thread_per_core {}
#[doc = include_str!("bridges.md")]
#[doc = include_str!("bridges_table.md")]
pub mod bridges {}
#[doc = include_str!("async_traits.md")]
pub mod async_traits {}
#[doc = include_str!("blocking.md")]
pub mod blocking {}
#[doc = include_str!("simulation.md")]
pub mod simulation {}
// Its programs name `anyrt-sim`, which this crate's tests have with its network.
#[doc = include_str!("simulate_a_system.md")]
#[expect(
    clippy::test_attr_in_doctest,
    reason = "the reader copies the attribute; a hidden line calls the function, so it runs"
)]
pub mod simulate_a_system {}
#[doc = include_str!("simulators.md")]
pub mod simulators {}
#[doc = include_str!("browser.md")]
pub mod browser {}
#[doc = include_str!("no_operating_system.md")]
pub mod no_operating_system {}
#[doc = include_str!("errors.md")]
pub mod errors {}

//! The entry points of a build with no runtime: there, and impossible to use.

use std::future::Future;

use anyrt_core::AnyRuntime;

use crate::SelectError;

/// Implemented by nothing.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "anyrt was compiled without a runtime",
    label = "there is no runtime to run this on",
    note = "add one of the features `tokio`, `smol`, `async-std` and `compio` of anyrt, as in `cargo add anyrt --features tokio`",
    note = "a library needs none: it depends on `anyrt-core` and takes `R: Runtime`"
)]
pub trait RuntimeFeature<'a> {}

/// Does not compile: no runtime is compiled in. Add one of the features `tokio`, `smol`, `async-std` and `compio`.
///
/// # Examples
///
/// ```compile_fail,E0277
/// anyrt::block_on(async {});
/// ```
pub fn block_on<F: Future>(_: F) -> F::Output
where
    for<'a> (): RuntimeFeature<'a>,
{
    unreachable!("nothing implements `RuntimeFeature`")
}

/// Does not compile: no runtime is compiled in. Add one of the features `tokio`, `smol`, `async-std` and `compio`.
///
/// # Examples
///
/// ```compile_fail,E0277
/// anyrt::run(async {});
/// ```
pub fn run<F>(_: F) -> F::Output
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
    for<'a> (): RuntimeFeature<'a>,
{
    unreachable!("nothing implements `RuntimeFeature`")
}

/// Does not compile: no runtime is compiled in. Add one of the features `tokio`, `smol`, `async-std` and `compio`.
///
/// # Examples
///
/// ```compile_fail,E0277
/// anyrt::runtime();
/// ```
pub fn runtime() -> Result<AnyRuntime, SelectError>
where
    for<'a> (): RuntimeFeature<'a>,
{
    unreachable!("nothing implements `RuntimeFeature`")
}

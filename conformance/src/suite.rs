use anyrt_conformance_engine::Specification;

use crate::{mutants, rules};

/// The specification of core: what every runtime promises.
pub fn specification() -> Specification {
    Specification::new("core", rules::all())
        .mutants(mutants::all())
        .exempt(mutants::exempt())
        .child(anyrt_conformance_differential::child)
}

/// Every specification compiled in: core's, and those whose features are on.
pub fn specifications() -> Vec<Specification> {
    vec![
        specification(),
        #[cfg(feature = "net")]
        anyrt_conformance_net::specification(),
        #[cfg(feature = "structured")]
        anyrt_conformance_structured::specification(),
    ]
}

/// Makes the `main` of a test program that certifies one backend or several.
///
/// It runs the specification of core. Other specifications are named before the backends. It also compiles ordinary code with the
/// handle of each backend that is named by its type; see [`everyday!`](crate::everyday!).
///
/// # Examples
///
/// ```no_run
/// # use anyrt_conformance::Backend;
/// # use anyrt_core::Config;
/// anyrt_conformance::suite!(Backend::owned::<anyrt_tokio::Owned>("mine", Config::new()));
/// ```
///
/// With structured tasks:
///
/// ```no_run
/// # use anyrt_conformance::Backend;
/// # use anyrt_core::Config;
/// anyrt_conformance::suite!(
///     specifications: [
///         anyrt_conformance::specification(),
///         anyrt_conformance_structured::specification(),
///     ];
///     Backend::owned::<anyrt_tokio::Owned>("mine", Config::new())
/// );
/// ```
#[macro_export]
macro_rules! suite {
    (specifications: [$($specification:expr),+ $(,)?]; $($backends:tt)+) => {
        $crate::everyday!(@backends $($backends)+);

        fn main() -> ::std::process::ExitCode {
            $crate::main(&$crate::Suite::new([$($specification),+], [$($backends)+]))
        }
    };
    ($($backends:tt)+) => {
        $crate::suite!(specifications: [$crate::specification()]; $($backends)+);
    };
}

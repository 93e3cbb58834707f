//! The runtimes as the entry points see them.

use anyrt_core::{AnyRuntime, Launch, LocalRuntime, NoRuntime, Runtime};

use crate::program::select::Chosen;

/// A runtime that is compiled in.
pub trait Backend: Copy {
    /// What a program starts; for a backend of local tasks alone what refuses to be started.
    type Owned: Launch<Handle: Runtime>;
    /// What a program starts whose root is not `Send`.
    type Local: Launch<Handle: LocalRuntime>;

    /// The name of the cargo feature, which `ANYRT_RUNTIME` uses as well.
    const NAME: &'static str;

    /// Whether its tasks all stay on one thread, so that nothing of it is shared.
    const IS_LOCAL: bool;

    /// What to do instead of launching a shared runtime, where there is none.
    const WAY_OUT: &'static str;

    /// [`NAME`](Self::NAME), of a value.
    fn name(self) -> &'static str {
        Self::NAME
    }

    /// [`IS_LOCAL`](Self::IS_LOCAL), of a value.
    fn is_local(self) -> bool {
        Self::IS_LOCAL
    }

    /// The runtime that the caller runs on, if it is of this kind.
    fn current(self) -> Result<AnyRuntime, NoRuntime>;

    /// The value to record as the program's choice.
    fn chosen(self) -> Chosen;
}

/// What depends on a row's kind.
macro_rules! kind {
    (shared $feature:literal, $krate:ident, $handle:ident, $owned:path) => {
        type Owned = $owned;
        const IS_LOCAL: bool = false;
        const WAY_OUT: &'static str = "";

        fn current(self) -> Result<AnyRuntime, NoRuntime> {
            $krate::$handle::try_current().map(AnyRuntime::new)
        }
    };
    (local $feature:literal, $krate:ident, $handle:ident, $owned:path) => {
        type Owned = crate::program::local_only::LocalOnly<Self>;
        const IS_LOCAL: bool = true;
        const WAY_OUT: &'static str = concat!(
            "its tasks stay on one thread: write `#[anyrt::main(",
            $feature,
            ")]`, or choose another in `ANYRT_RUNTIME`"
        );

        fn current(self) -> Result<AnyRuntime, NoRuntime> {
            Err(NoRuntime::new(
                concat!("shared ", $feature),
                "anyrt::runtime",
                "its handles stay on their thread: ask `AnyLocalRuntime::try_current`, or pass a handle in",
            ))
        }
    };
}

macro_rules! compiled {
    ($(
        $(#[$doc:meta])*
        $feature:literal $sockets:literal $name:ident = $krate:ident: $kind:ident $handle:ident, $owned:path, $local:ident, $tests:ident,
            [$($owned_option:ident)*], [$($local_option:ident)*];
    )*) => {
        $(
            /// The backend of this feature.
            #[cfg(feature = $feature)]
            pub(crate) mod $name {
                #[allow(unused_imports, reason = "a backend of local tasks alone has no shared handle")]
                use anyrt_core::{AnyRuntime, Current, NoRuntime};

                use super::Backend;
                use crate::program::select::Chosen;

                /// The backend of this feature.
                #[derive(Clone, Copy, Debug)]
                pub struct Compiled;

                impl Backend for Compiled {
                    kind!($kind $feature, $krate, $handle, $owned);

                    type Local = $krate::$local;

                    const NAME: &'static str = $feature;

                    fn chosen(self) -> Chosen {
                        Chosen::$name(self)
                    }
                }
            }
        )*
    };
}

__backends!([compiled]);

//! The runtimes as the entry points see them.

use anyrt_core::{AnyRuntime, Launch, LocalRuntime, NoRuntime, Runtime};

use crate::program::select::Chosen;

/// A runtime that is compiled in.
pub trait Backend: Copy {
    /// What a program starts.
    type Owned: Launch<Handle: Runtime>;
    /// What a program starts whose root is not `Send`.
    type Local: Launch<Handle: LocalRuntime>;

    /// The name of the cargo feature, which `ANYRT_RUNTIME` uses as well.
    fn name(self) -> &'static str;

    /// The runtime that the caller runs on, if it is of this kind.
    fn current(self) -> Result<AnyRuntime, NoRuntime>;

    /// The value to record as the program's choice.
    fn chosen(self) -> Chosen;
}

macro_rules! compiled {
    ($(
        $(#[$doc:meta])*
        $feature:literal $name:ident = $krate:ident: $handle:ident, $owned:path, $local:ident, $tests:ident,
            [$($owned_option:ident)*], [$($local_option:ident)*];
    )*) => {
        $(
            /// The backend of this feature.
            #[cfg(feature = $feature)]
            pub(crate) mod $name {
                use anyrt_core::{AnyRuntime, Current, NoRuntime};

                use super::Backend;
                use crate::program::select::Chosen;

                /// The backend of this feature.
                #[derive(Clone, Copy, Debug)]
                pub struct Compiled;

                impl Backend for Compiled {
                    type Owned = $owned;
                    type Local = $krate::$local;

                    fn name(self) -> &'static str {
                        $feature
                    }

                    fn current(self) -> Result<AnyRuntime, NoRuntime> {
                        $krate::$handle::try_current().map(AnyRuntime::new)
                    }

                    fn chosen(self) -> Chosen {
                        Chosen::$handle(self)
                    }
                }
            }
        )*
    };
}

__backends!([compiled]);

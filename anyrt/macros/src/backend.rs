use proc_macro2::{Ident, Span};

/// A runtime that the arguments can name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Backend {
    Tokio,
    Smol,
    AsyncStd,
    Sim,
}

impl Backend {
    pub(crate) const ALL: [Self; 4] = [Self::Tokio, Self::Smol, Self::AsyncStd, Self::Sim];

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|backend| backend.name() == name)
    }

    /// The name in arguments and paths.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tokio => "tokio",
            Self::Smol => "smol",
            Self::AsyncStd => "async_std",
            Self::Sim => "sim",
        }
    }

    /// The cargo feature of the facade.
    pub(crate) fn feature(self) -> &'static str {
        match self {
            Self::Tokio => "tokio",
            Self::Smol => "smol",
            Self::AsyncStd => "async-std",
            Self::Sim => "sim",
        }
    }

    /// The variant of the facade's own enumeration.
    pub(crate) fn ident(self) -> Ident {
        Ident::new(self.name(), Span::call_site())
    }

    /// The facade's macro that keeps its first block where this backend is compiled in, and its second otherwise.
    pub(crate) fn condition(self) -> Ident {
        Ident::new(&format!("if_{}", self.name()), Span::call_site())
    }
}

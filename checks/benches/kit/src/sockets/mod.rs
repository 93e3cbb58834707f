//! Sockets: what is done with them, and the layer's way.

pub mod layer;

mod operation;
mod work;

use std::net::SocketAddr;

/// For [`socket_work!`](crate::socket_work).
#[doc(hidden)]
pub use futures;

pub use self::operation::SocketOperation;
use crate::probe::Probe;

/// Whose sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The runtime's own.
    Native,
    /// The layer's.
    Layer,
    /// The layer's without their types.
    Any,
}

impl Side {
    /// All sides.
    pub const ALL: [Self; 3] = [Self::Native, Self::Layer, Self::Any];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Layer => "layer",
            Self::Any => "any",
        }
    }
}

/// Does an operation on one side of a runtime whose layer is a shared one. No function more on one side than on another: the way from the
/// root to the socket is walked at every poll.
#[macro_export]
macro_rules! on_side {
    ($side:expr, $native:path, $rt:expr, $operation:expr, $rounds:expr, $probe:expr) => {
        match $side {
            $crate::sockets::Side::Native => $native(&(), $operation, $rounds, $probe).await,
            $crate::sockets::Side::Layer => {
                $crate::sockets::layer::run(&$rt, $operation, $rounds, $probe).await
            }
            $crate::sockets::Side::Any => {
                let erased = ::anyrt_net::AnyNet::new($rt);
                $crate::sockets::layer::run(&erased, $operation, $rounds, $probe).await
            }
        }
    };
}

/// The address of any port of the loopback.
#[inline]
pub fn any() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// First how many rounds are done to warm up, and then how many are measured.
#[inline]
pub fn warm_and_measured(rounds: usize, probe: &dyn Probe) -> impl Iterator<Item = usize> + '_ {
    let mut turn = 0;
    std::iter::from_fn(move || {
        turn += 1;
        match turn {
            1 => Some(rounds.div_ceil(4)),
            2 => {
                probe.begin();
                Some(rounds)
            }
            _ => {
                probe.end();
                None
            }
        }
    })
}

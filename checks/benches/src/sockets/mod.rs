//! Sockets: natively, through the layer, and through [`AnyNet`].

pub mod limits;
pub mod server;

mod layer;
mod native;
mod operation;
mod work;

use std::net::SocketAddr;

use anyrt_async_std::AsyncStd;
use anyrt_net::AnyNet;
use anyrt_smol::Smol;
use anyrt_tokio::Tokio;

pub use self::operation::SocketOperation;
use crate::probe::Probe;

/// The runtimes that have sockets of their own.
pub const BACKENDS: &[&str] = &["tokio", "smol", "async-std"];

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

/// Does `operation`, on this thread, `rounds` times between the beginning and the end that it tells `probe`. Both ends of a connection
/// are polled by one future, so that no scheduler counts.
///
/// # Panics
///
/// When `backend` is none of [`BACKENDS`].
pub fn run(
    backend: &str,
    side: Side,
    operation: SocketOperation,
    rounds: usize,
    probe: &dyn Probe,
) {
    // No function more on one side than on another: the way from the root to the socket is walked at every poll.
    macro_rules! sides {
        ($native:path, $rt:expr) => {
            match side {
                Side::Native => $native(&(), operation, rounds, probe).await,
                Side::Layer => layer::run(&$rt, operation, rounds, probe).await,
                Side::Any => layer::run(&AnyNet::new($rt), operation, rounds, probe).await,
            }
        };
    }
    match backend {
        "tokio" => {
            let owner = tokio_runtime();
            let rt = Tokio::try_from(owner.handle().clone()).expect("has timers");
            owner.block_on(async { sides!(native::tokio::run, rt) });
        }
        "smol" => smol::block_on(async { sides!(native::smol::run, Smol::global()) }),
        "async-std" => smol::block_on(async { sides!(native::async_std::run, AsyncStd::global()) }),
        _ => panic!("no backend is called `{backend}`"),
    }
}

fn tokio_runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("starts")
}

/// What is done on `backend`.
pub fn operations(backend: &str) -> impl Iterator<Item = SocketOperation> {
    // async-std tells no readiness.
    let has_readiness = backend != "async-std";
    SocketOperation::ALL
        .into_iter()
        .filter(move |operation| has_readiness || *operation != SocketOperation::Ready)
}

/// The address of any port of the loopback.
pub(crate) fn any() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

/// First how many rounds are done to warm up, and then how many are measured.
pub(crate) fn warm_and_measured(
    rounds: usize,
    probe: &dyn Probe,
) -> impl Iterator<Item = usize> + '_ {
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

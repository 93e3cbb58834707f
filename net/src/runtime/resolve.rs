use std::future::Future;
use std::io;
use std::net::SocketAddr;

/// The names of a runtime: the system's resolver, or a simulation's table.
///
/// # Contract
///
/// - An address is its own answer, without asking anybody (`net::resolves_literals`).
/// - A name resolves to all of its addresses, in the resolver's order, each with `port` (`net::resolves_names`).
/// - A name that nobody knows is `NotFound` (`net::unknown_name_is_not_found`).
///
/// # Cancellation
///
/// Dropping the future forgets the question (`net::dropped_lookup_is_forgotten`). The system's resolver cannot be interrupted:
/// its answer is dropped when it comes.
///
/// # Cost
///
/// A closure on the runtime's blocking threads, and a list of the addresses.
///
/// # Examples
///
/// ```
/// use anyrt_net::prelude::*;
///
/// async fn addresses<R: NetRuntime>(rt: &R) -> std::io::Result<()> {
///     for addr in rt.resolve("localhost", 80).await? {
///         println!("{addr}");
///     }
///     Ok(())
/// }
/// # use anyrt_core::{Config, prelude::*};
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # rt.block_on(addresses(&rt.handle())).unwrap();
/// ```
pub trait Resolve {
    /// A question on its way.
    type Lookup: Future<Output = io::Result<Vec<SocketAddr>>> + Unpin;

    /// Asks for the addresses of `host`, a name or an address, each with `port`. The question is on its way when this returns.
    ///
    /// # Errors
    ///
    /// The future tells them; see the contract above.
    #[track_caller]
    fn resolve(&self, host: &str, port: u16) -> Self::Lookup;
}

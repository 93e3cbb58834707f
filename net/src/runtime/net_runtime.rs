use anyrt_core::Runtime;

use crate::Net;

/// A runtime with sockets: what a networked library takes by value and clones into its tasks. There is nothing to implement.
///
/// # For library authors
///
/// As with [`Runtime`]: `fn f<R: NetRuntime>(rt: &R)` costs nothing, `struct Client<R: NetRuntime = AnyNet>` is plain for those
/// who do not care, and a field of type [`AnyNet`](crate::AnyNet) needs no type parameter.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use futures::io::AsyncReadExt;
/// use anyrt_net::prelude::*;
/// use anyrt_core::prelude::*;
///
/// /// Reads what a server says within a second.
/// async fn banner<R: NetRuntime>(rt: &R, host: &str) -> std::io::Result<String> {
///     let mut stream = rt.connect_host(host, 22).await?;
///     let mut said = String::new();
///     rt.timeout(Duration::from_secs(1), stream.read_to_string(&mut said)).await.ok();
///     Ok(said)
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a runtime with sockets",
    label = "`{Self}` lacks a part of `NetRuntime`",
    note = "a `NetRuntime` is `Runtime + Net`; turn on the adapter's feature `net`, or the facade's `tokio-net` or one of its siblings, and pass one of its handles",
    note = "a runtime that was launched has its handle in `rt.handle()`",
    note = "an `AnyRuntime` has no sockets: take an `AnyNet`, which `#[anyrt::main] async fn main(rt: AnyNet)` is given",
    note = "handles of local runtimes are `LocalNet`s"
)]
pub trait NetRuntime: Runtime + Net {}

// One error, and not one for each part that is missing.
#[diagnostic::do_not_recommend]
impl<R: Runtime + Net> NetRuntime for R {}

/// The direction of a socket that one waits for.
///
/// # Examples
///
/// ```
/// use anyrt_net::{Interest, Ready};
///
/// async fn readable(stream: &impl Ready) -> std::io::Result<()> {
///     stream.wait_ready(Interest::Read).await
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Interest {
    /// Something to read, to accept or to receive, the end of a stream, or an error.
    Read,
    /// Room to write or to send, or an error.
    Write,
}

use crate::CancellationToken;

/// Cancels a token when it is dropped; made by [`CancellationToken::drop_guard`].
///
/// # Examples
///
/// Stops the helpers of a request however the request ends:
///
/// ```
/// use anyrt_core::prelude::*;
/// use anyrt_structured::CancellationToken;
///
/// async fn request<R: Runtime>(rt: &R) -> Result<u32, std::num::ParseIntError> {
///     let stop = CancellationToken::new();
///     let _guard = stop.clone().drop_guard();
///     rt.spawn_detached(async move { stop.cancelled().await });
///     "42".parse() // an early return would stop the helper as well
/// }
/// # use anyrt_core::Config;
/// # let rt = anyrt_tokio::Owned::launch(Config::new()).unwrap();
/// # assert_eq!(rt.block_on(request(&rt.handle())), Ok(42));
/// ```
#[derive(Debug)]
#[must_use = "dropping it cancels the token"]
pub struct DropGuard {
    /// `None` only between `disarm` and the drop that follows it.
    token: Option<CancellationToken>,
}

impl DropGuard {
    pub(crate) fn new(token: CancellationToken) -> Self {
        Self { token: Some(token) }
    }

    /// Gives the token back, uncancelled.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_structured::CancellationToken;
    ///
    /// let guard = CancellationToken::new().drop_guard();
    /// assert!(!guard.disarm().is_cancelled());
    /// ```
    pub fn disarm(mut self) -> CancellationToken {
        self.token
            .take()
            .expect("only disarm takes the token, and it consumes self")
    }
}

impl Drop for DropGuard {
    fn drop(&mut self) {
        if let Some(token) = &self.token {
            token.cancel();
        }
    }
}

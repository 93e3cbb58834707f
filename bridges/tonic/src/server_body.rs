use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::Timer;
use http::HeaderMap;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::deadline::Deadline;

pin_project! {
    /// The answers of a call, until its deadline; made by [`Deadlines`](crate::Deadlines).
    ///
    /// When the deadline comes first, the inner body is dropped, and the trailers say `DEADLINE_EXCEEDED`.
    #[derive(Debug)]
    pub struct ServerBody<B, T>
    where
        T: Timer,
    {
        // Nothing once the deadline was met.
        #[pin]
        body: Option<B>,
        deadline: Option<Deadline<T>>,
    }
}

impl<B, T: Timer> ServerBody<B, T> {
    pub(crate) fn new(body: B, deadline: Option<Deadline<T>>) -> Self {
        Self {
            body: Some(body),
            deadline,
        }
    }
}

impl<B: Body, T: Timer> Body for ServerBody<B, T> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut this = self.project();
        let Some(body) = this.body.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(frame) = body.poll_frame(cx) {
            return Poll::Ready(frame);
        }
        let deadline = this.deadline.as_mut();
        let Some(Poll::Ready(status)) = deadline.map(|deadline| deadline.poll(cx)) else {
            return Poll::Pending;
        };
        this.body.set(None);
        let mut trailers = HeaderMap::new();
        // The message is plain ASCII, and so can be a header.
        let _ = status.add_header(&mut trailers);
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        match &self.body {
            Some(body) => body.size_hint(),
            None => SizeHint::with_exact(0),
        }
    }
}

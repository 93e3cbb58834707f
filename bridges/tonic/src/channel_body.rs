use std::pin::Pin;
use std::task::{Context, Poll};

use anyrt_core::Timer;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use pin_project_lite::pin_project;
use tonic::Status;

use crate::deadline::Deadline;

pin_project! {
    /// What a [`Channel`](crate::Channel) receives, until the deadline of its call.
    ///
    /// When the deadline comes first, the stream is reset, and the reader gets `DEADLINE_EXCEEDED`.
    #[derive(Debug)]
    pub struct ChannelBody<T>
    where
        T: Timer,
    {
        // Nothing once the deadline was met.
        #[pin]
        body: Option<Incoming>,
        deadline: Option<Deadline<T>>,
    }
}

impl<T: Timer> ChannelBody<T> {
    pub(crate) fn new(body: Incoming, deadline: Option<Deadline<T>>) -> Self {
        Self {
            body: Some(body),
            deadline,
        }
    }
}

impl<T: Timer> Body for ChannelBody<T> {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let mut this = self.project();
        let Some(body) = this.body.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(frame) = body.poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(|e| Status::from_error(e.into()))));
        }
        let deadline = this.deadline.as_mut();
        let Some(Poll::Ready(status)) = deadline.map(|deadline| deadline.poll(cx)) else {
            return Poll::Pending;
        };
        this.body.set(None);
        Poll::Ready(Some(Err(status)))
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

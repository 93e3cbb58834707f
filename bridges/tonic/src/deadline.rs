use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use anyrt_core::Timer;
use http::{HeaderMap, HeaderValue};
use tonic::Status;

/// The deadline of one call, if it has one.
pub(crate) struct Deadline<T: Timer> {
    sleep: Option<Pin<Box<T::Sleep>>>,
}

impl<T: Timer> Deadline<T> {
    /// Begins the time that the caller gives, or `at_most`, whichever is shorter.
    pub(crate) fn of(headers: &HeaderMap, at_most: Option<Duration>, timer: &T) -> Self {
        let asked = headers.get("grpc-timeout").and_then(parse);
        let timeout = match (asked, at_most) {
            (Some(asked), Some(at_most)) => Some(asked.min(at_most)),
            (asked, at_most) => asked.or(at_most),
        };
        Self {
            sleep: timeout.map(|timeout| Box::pin(timer.sleep(timeout))),
        }
    }

    /// Ready with what the caller is told, once the time is over.
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Status> {
        match &mut self.sleep {
            Some(sleep) => sleep
                .as_mut()
                .poll(cx)
                .map(|()| Status::deadline_exceeded("the call took longer than its deadline")),
            None => Poll::Pending,
        }
    }
}

impl<T: Timer> fmt::Debug for Deadline<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Deadline").field(&self.sleep).finish()
    }
}

/// A timeout as gRPC writes it: up to eight digits and a unit. What is written otherwise is no timeout.
fn parse(value: &HeaderValue) -> Option<Duration> {
    let text = value.to_str().ok()?;
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let is_number = (1..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let number = is_number.then(|| digits.parse::<u64>().ok())??;
    Some(match unit {
        "H" => Duration::from_secs(number * 60 * 60),
        "M" => Duration::from_secs(number * 60),
        "S" => Duration::from_secs(number),
        "m" => Duration::from_millis(number),
        "u" => Duration::from_micros(number),
        "n" => Duration::from_nanos(number),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        let read = |text: &str| parse(&HeaderValue::from_str(text).unwrap());
        assert_eq!(read("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(read("3M"), Some(Duration::from_secs(180)));
        assert_eq!(read("99999999S"), Some(Duration::from_secs(99_999_999)));
        assert_eq!(read("4m"), Some(Duration::from_millis(4)));
        assert_eq!(read("5u"), Some(Duration::from_micros(5)));
        assert_eq!(read("0n"), Some(Duration::ZERO));
        for wrong in ["", "S", "5", "5s", "+5S", "123456789S", "5 S", "1.5S"] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}

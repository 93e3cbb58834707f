use std::io;

use super::framing::Framing;

/// The longest head, in bytes.
const LONGEST: usize = 64 * 1024;
const HEADERS: usize = 100;

/// What a response says before its body.
#[derive(Debug)]
pub(super) struct Head {
    /// Its length, in bytes.
    pub(super) length: usize,
    pub(super) framing: Framing,
}

impl Head {
    /// Reads the head at the beginning of `bytes`; `None` as long as it is not whole.
    pub(super) fn parse(bytes: &[u8]) -> io::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let length = match response.parse(bytes).map_err(invalid)? {
            httparse::Status::Complete(length) => length,
            httparse::Status::Partial if bytes.len() > LONGEST => {
                return Err(invalid("the head of the response is too long"));
            }
            httparse::Status::Partial => return Ok(None),
        };
        let (code, reason) = (response.code.unwrap_or(0), response.reason.unwrap_or(""));
        if code != 200 {
            return Err(io::Error::other(format!(
                "the server answered {code} {reason}"
            )));
        }
        let header = |name: &str| {
            let found = response
                .headers
                .iter()
                .find(|it| it.name.eq_ignore_ascii_case(name))?;
            std::str::from_utf8(found.value).ok()
        };
        let encoding = header("transfer-encoding").unwrap_or("");
        let framing = match (
            encoding.to_ascii_lowercase().as_str(),
            header("content-length"),
        ) {
            ("chunked", _) => Framing::chunked(),
            ("", Some(bytes)) => Framing::length(bytes.trim().parse().map_err(invalid)?),
            ("", None) => Framing::until_end(),
            (other, _) => return Err(invalid(format!("the encoding `{other}` is not known"))),
        };
        Ok(Some(Self { length, framing }))
    }
}

pub(super) fn invalid(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

use std::io;

use super::head::invalid;

/// Where a body ends. It does no I/O: it is given bytes and tells which of them are the file's.
#[derive(Debug)]
pub(super) struct Framing(State);

#[derive(Debug)]
enum State {
    /// So many bytes are to come, of so many.
    Length { rest: u64, total: u64 },
    /// The line with the size of a chunk comes next.
    Size,
    /// So many bytes of a chunk are to come.
    Chunk(u64),
    /// The line end behind a chunk comes next.
    ChunkEnd,
    /// Lines behind the last chunk, up to an empty one.
    Trailer,
    /// Nothing is to come.
    Done,
    /// All bytes until the server closes.
    UntilEnd,
}

/// The longest line of a chunked body that means something.
const LONGEST: usize = 8 * 1024;

impl Framing {
    pub(super) fn length(total: u64) -> Self {
        Self(State::Length { rest: total, total })
    }

    pub(super) fn chunked() -> Self {
        Self(State::Size)
    }

    pub(super) fn until_end() -> Self {
        Self(State::UntilEnd)
    }

    pub(super) fn total(&self) -> Option<u64> {
        match self.0 {
            State::Length { total, .. } => Some(total),
            _ => None,
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.0, State::Done | State::Length { rest: 0, .. })
    }

    /// Takes bytes off the front of `input` and returns the first of the file among them. Nothing is taken when more is needed,
    /// or when the body is done.
    pub(super) fn next<'a>(&mut self, input: &mut &'a [u8]) -> io::Result<&'a [u8]> {
        loop {
            match &mut self.0 {
                State::Length { rest, .. } => return Ok(take(input, rest)),
                State::Chunk(rest) => {
                    let data = take(input, rest);
                    if *rest == 0 {
                        self.0 = State::ChunkEnd;
                    }
                    return Ok(data);
                }
                State::UntilEnd => return Ok(std::mem::take(input)),
                State::Done => return Ok(&[]),
                State::Size => match line(input)? {
                    None => return Ok(&[]),
                    Some(line) => self.0 = after_size(line)?,
                },
                State::ChunkEnd => match line(input)? {
                    None => return Ok(&[]),
                    Some(b"") => self.0 = State::Size,
                    Some(_) => return Err(invalid("a chunk is longer than it said")),
                },
                State::Trailer => match line(input)? {
                    None => return Ok(&[]),
                    Some(b"") => self.0 = State::Done,
                    Some(_) => {}
                },
            }
        }
    }

    /// Whether the server may close now.
    pub(super) fn end(&self) -> io::Result<()> {
        if self.is_done() || matches!(self.0, State::UntilEnd) {
            return Ok(());
        }
        let message = "the server closed the connection before the file was whole";
        Err(io::Error::new(io::ErrorKind::UnexpectedEof, message))
    }
}

fn take<'a>(input: &mut &'a [u8], rest: &mut u64) -> &'a [u8] {
    let size = usize::try_from(*rest).map_or(input.len(), |rest| rest.min(input.len()));
    *rest -= size as u64;
    let (taken, left) = input.split_at(size);
    *input = left;
    taken
}

/// Takes a line, without its end.
fn line<'a>(input: &mut &'a [u8]) -> io::Result<Option<&'a [u8]>> {
    let Some(at) = input.iter().position(|byte| *byte == b'\n') else {
        if input.len() > LONGEST {
            return Err(invalid("a line of the body is too long"));
        }
        return Ok(None);
    };
    let (line, left) = (&input[..at], &input[at + 1..]);
    *input = left;
    Ok(Some(line.strip_suffix(b"\r").unwrap_or(line)))
}

fn after_size(line: &[u8]) -> io::Result<State> {
    // What follows a semicolon is an extension.
    let size = line.split(|byte| *byte == b';').next().unwrap_or(line);
    let size = std::str::from_utf8(size).map_err(invalid)?.trim();
    match u64::from_str_radix(size, 16).map_err(invalid)? {
        0 => Ok(State::Trailer),
        size => Ok(State::Chunk(size)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chunked_body_is_the_same_however_it_is_cut() {
        let body = b"5\r\nhello\r\n7;x=y\r\n, world\r\n0\r\nLeft: over\r\n\r\nnext";
        for cut in 0..body.len() {
            let mut framing = Framing::chunked();
            let (mut file, mut rest) = (Vec::new(), Vec::new());
            for part in [&body[..cut], &body[cut..]] {
                rest.extend_from_slice(part);
                let mut input = &rest[..];
                loop {
                    let data = framing.next(&mut input).unwrap();
                    if data.is_empty() {
                        break;
                    }
                    file.extend_from_slice(data);
                }
                rest = input.to_vec();
            }
            assert_eq!(file, b"hello, world", "cut at {cut}");
            assert!(framing.is_done());
            assert_eq!(rest, b"next");
        }
    }

    #[test]
    fn a_chunk_that_is_longer_than_it_said_is_an_error() {
        let mut framing = Framing::chunked();
        let mut input = &b"2\r\nhello\r\n"[..];
        assert_eq!(framing.next(&mut input).unwrap(), b"he");
        assert!(framing.next(&mut input).is_err());
    }
}

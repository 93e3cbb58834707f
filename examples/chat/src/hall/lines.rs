use std::io;

/// The longest line, in bytes.
const LONGEST: usize = 1024;
/// How much is read at once.
const CHUNK: usize = 256;

/// Bytes that become lines: a codec that does no I/O, so that every kind of socket can fill it.
#[derive(Debug, Default)]
pub struct Lines {
    buffer: Vec<u8>,
    /// Where the bytes begin that were not told yet, and where they end.
    start: usize,
    end: usize,
}

impl Lines {
    /// Where the next bytes go. Never empty.
    pub fn space(&mut self) -> &mut [u8] {
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            (self.start, self.end) = (0, self.end - self.start);
        }
        if self.buffer.len() < self.end + CHUNK {
            self.buffer.resize(self.end + CHUNK, 0);
        }
        &mut self.buffer[self.end..]
    }

    /// Says that so many bytes were put into the [space](Self::space).
    pub fn filled(&mut self, bytes: usize) {
        self.end += bytes;
    }

    /// The next whole line, without its end.
    ///
    /// # Errors
    ///
    /// `InvalidData` for a line that is too long, or no text.
    pub fn next_line(&mut self) -> io::Result<Option<&str>> {
        let (start, end) = (self.start, self.end);
        let Some(length) = self.buffer[start..end]
            .iter()
            .position(|byte| *byte == b'\n')
        else {
            if end - start > LONGEST {
                let error = io::Error::new(io::ErrorKind::InvalidData, "a line is too long");
                return Err(error);
            }
            if start == end && self.buffer.len() > CHUNK {
                // What a burst needed is not kept for a user who waits.
                *self = Self::default();
            }
            return Ok(None);
        };
        let line = &self.buffer[start..start + length];
        self.start += length + 1;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = std::str::from_utf8(line)
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
        Ok(Some(line))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(lines: &mut Lines, mut text: &[u8]) {
        while !text.is_empty() {
            let space = lines.space();
            let size = text.len().min(space.len());
            space[..size].copy_from_slice(&text[..size]);
            lines.filled(size);
            text = &text[size..];
        }
    }

    #[test]
    fn lines_come_out_however_they_went_in() {
        let text = "moin\r\nsay hello\n\nlast";
        for cut in 0..text.len() {
            let mut lines = Lines::default();
            let mut told = Vec::new();
            for part in [&text[..cut], &text[cut..]] {
                fill(&mut lines, part.as_bytes());
                while let Some(line) = lines.next_line().unwrap() {
                    told.push(line.to_owned());
                }
            }
            assert_eq!(told, ["moin", "say hello", ""], "cut at {cut}");
        }
    }

    #[test]
    fn a_line_that_does_not_end_is_an_error() {
        let mut lines = Lines::default();
        fill(&mut lines, &[b'x'; LONGEST + 1]);
        let error = lines.next_line().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}

//! Records in a file: a line each, with a checksum, so that a torn one is known.

use std::str;

use super::words::Words;

/// The line of a record.
pub(super) fn seal(record: &impl Words) -> String {
    let mut line = String::new();
    record.write(&mut line);
    format!("{line} {:08x}\n", checksum(&line))
}

/// Takes the records that are whole from the start of a file, and tells how many bytes they are.
pub(super) fn open<T: Words>(file: &[u8], is_checked: bool) -> (Vec<T>, usize) {
    let (mut records, mut whole) = (Vec::new(), 0);
    for line in file.split_inclusive(|&byte| byte == b'\n') {
        match open_line(line, is_checked) {
            Some(record) => records.push(record),
            None if is_checked => break,
            None => {}
        }
        whole += line.len();
    }
    (records, whole)
}

fn open_line<T: Words>(line: &[u8], is_checked: bool) -> Option<T> {
    let line = str::from_utf8(line).ok()?;
    let mut record = line;
    if is_checked {
        let sum;
        (record, sum) = line.strip_suffix('\n')?.rsplit_once(' ')?;
        if u32::from_str_radix(sum, 16) != Ok(checksum(record)) {
            return None;
        }
    }
    T::read(&mut record.split_ascii_whitespace())
}

/// FNV-1a.
fn checksum(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |sum, byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

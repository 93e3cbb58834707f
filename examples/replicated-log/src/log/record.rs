//! Records in a file: a line each, with a checksum, so that a torn one is known.

use std::str;

/// The line of a record.
pub(super) fn seal(record: &str) -> String {
    format!("{record} {:08x}\n", checksum(record.as_bytes()))
}

/// Takes the records that are whole from the start of a file, and tells how many bytes they are.
pub(super) fn open(file: &[u8], is_checked: bool) -> (Vec<&str>, usize) {
    let (mut records, mut whole) = (Vec::new(), 0);
    for line in file.split_inclusive(|&byte| byte == b'\n') {
        let Some(record) = open_line(line, is_checked) else {
            break;
        };
        records.push(record);
        whole += line.len();
    }
    (records, whole)
}

fn open_line(line: &[u8], is_checked: bool) -> Option<&str> {
    let line = str::from_utf8(line).ok()?;
    if !is_checked {
        return Some(line.rsplit_once(' ').map_or(line, |(record, _)| record));
    }
    let (record, sum) = line.strip_suffix('\n')?.rsplit_once(' ')?;
    let sum = u32::from_str_radix(sum, 16).ok()?;
    (sum == checksum(record.as_bytes())).then_some(record)
}

/// FNV-1a.
fn checksum(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |sum, &byte| {
        (sum ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

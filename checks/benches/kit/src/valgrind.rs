//! Requests to valgrind, from inside the program that it runs.
//!
//! Written by hand, because it is two dozen lines: a crate for it needs valgrind's headers at build time, and would keep
//! everybody without valgrind from building the workspace.
#![cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "a client request is a sequence of instructions")
)]

use std::ffi::CStr;

#[cfg(target_arch = "x86_64")]
use self::x86_64::request;

#[cfg(not(target_arch = "x86_64"))]
use self::elsewhere::request;

/// Whether requests are possible on this machine at all.
pub const SUPPORTED: bool = cfg!(all(target_os = "linux", target_arch = "x86_64"));

const RUNNING_ON_VALGRIND: usize = 0x1001;

/// The first request of the tool `CT`, callgrind.
const CALLGRIND: usize = ((b'C' as usize) << 24) | ((b'T' as usize) << 16);
const ZERO_STATS: usize = CALLGRIND + 1;
const DUMP_STATS_AT: usize = CALLGRIND + 3;

/// Whether valgrind runs this program.
pub fn is_running() -> bool {
    request(RUNNING_ON_VALGRIND, 0) != 0
}

/// Sets callgrind's counts of all threads to zero.
#[inline]
pub fn zero_stats() {
    request(ZERO_STATS, 0);
}

/// Lets callgrind write its counts into a file that names `name` as its cause, and sets them to zero.
#[inline]
pub fn dump_stats_at(name: &CStr) {
    request(DUMP_STATS_AT, name.as_ptr() as usize);
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use std::arch::asm;

    /// Makes a request with one argument; 0 without valgrind.
    #[inline]
    pub(super) fn request(code: usize, argument: usize) -> usize {
        let arguments = [code, argument, 0, 0, 0, 0];
        let mut result = 0_usize;
        // SAFETY: the four rotations add up to 128 bits, which leaves `rdi` as it was, and the exchange of a register with
        // itself does nothing: to a processor this is no operation. valgrind knows the sequence, reads the six words behind
        // `rax`, which live until after it, and sets `rdx`. Reading a name behind an argument is up to the callers, who pass a
        // `CStr` that they borrow.
        unsafe {
            asm!(
                "rol rdi, 3",
                "rol rdi, 13",
                "rol rdi, 61",
                "rol rdi, 51",
                "xchg rbx, rbx",
                in("rax") &raw const arguments,
                inout("rdx") result,
                // valgrind wants `rdi` to be ours for the time being.
                inout("rdi") 0_usize => _,
                options(nostack),
            );
        }
        result
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod elsewhere {
    /// Says that valgrind is not there.
    pub(super) fn request(_: usize, _: usize) -> usize {
        0
    }
}

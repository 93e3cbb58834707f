use std::hint::spin_loop;
use std::thread;

/// Asks again and again, without a pause, until `seen` is true: for moments that a thread which sleeps would miss.
///
/// Now and then it gives the processor away, because the thread that is waited for may have none. One that waited for its turn
/// to end would take a time slice, some milliseconds, for each call.
pub fn spin_until(mut seen: impl FnMut() -> bool) {
    let mut spins = 0_u32;
    while !seen() {
        spins = spins.wrapping_add(1);
        if spins % 1000 == 0 {
            thread::yield_now();
        }
        spin_loop();
    }
}

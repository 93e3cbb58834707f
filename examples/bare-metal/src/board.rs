//! The board: a heap, a clock of one tick per millisecond, and how to wait for an interrupt.

use core::cell::{Cell, RefCell};
use core::panic::PanicInfo;
use core::task::Waker;

use cortex_m::Peripherals;
use cortex_m::peripheral::syst::SystClkSource;
use cortex_m_rt::exception;
use cortex_m_semihosting::{debug, hprintln};
use critical_section::Mutex;
use embassy_time_driver::Driver;
use embassy_time_queue_utils::Queue;
use embedded_alloc::LlffHeap;

/// The board's clock, in ticks per second.
const SYSTEM_CLOCK: u32 = 25_000_000;
const HEAP_BYTES: usize = 64 * 1024;

#[global_allocator]
static HEAP: LlffHeap = LlffHeap::empty();

embassy_time_driver::time_driver_impl!(static CLOCK: Clock = Clock {
    millis: Mutex::new(Cell::new(0)),
    sleepers: Mutex::new(RefCell::new(Queue::new())),
});

struct Clock {
    millis: Mutex<Cell<u64>>,
    sleepers: Mutex<RefCell<Queue>>,
}

impl Driver for Clock {
    fn now(&self) -> u64 {
        critical_section::with(|cs| self.millis.borrow(cs).get())
    }

    fn schedule_wake(&self, at: u64, waker: &Waker) {
        critical_section::with(|cs| {
            self.sleepers
                .borrow(cs)
                .borrow_mut()
                .schedule_wake(at, waker);
        });
    }
}

#[exception]
fn SysTick() {
    critical_section::with(|cs| {
        let millis = CLOCK.millis.borrow(cs);
        millis.set(millis.get() + 1);
        // Wakes whoever is due.
        CLOCK
            .sleepers
            .borrow(cs)
            .borrow_mut()
            .next_expiration(millis.get());
    });
}

/// Makes the heap and starts the clock. To be called once, first.
pub fn start() {
    static mut MEMORY: [u8; HEAP_BYTES] = [0; HEAP_BYTES];
    // SAFETY: this runs once, before anything is allocated, and nothing else names the memory.
    unsafe { HEAP.init(&raw mut MEMORY as usize, HEAP_BYTES) }
    let mut core = Peripherals::take().expect("the board is started once").SYST;
    core.set_clock_source(SystClkSource::Core);
    core.set_reload(SYSTEM_CLOCK / 1000 - 1);
    core.clear_current();
    core.enable_counter();
    core.enable_interrupt();
}

/// Sleeps until the next interrupt. The clock interrupts every millisecond, so a wake just before this call is not lost for longer.
pub fn wait_for_interrupt() {
    cortex_m::asm::wfi();
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    hprintln!("{}", info);
    debug::exit(debug::EXIT_FAILURE);
    loop {
        wait_for_interrupt();
    }
}

//! The stack size that was asked for, read from the kernel's list of mappings.

#![cfg(target_os = "linux")]

mod watchdog;

use std::fs;
use std::hint::black_box;

use anyrt_core::prelude::*;
use anyrt_core::{Config, JoinError};
use anyrt_tokio::{Local, Owned};
use watchdog::watched;

const BYTES: usize = 67 << 20;

#[test]
fn the_stack_size_is_honoured() {
    watched(|| -> Result<(), JoinError> {
        let config = Config::new().thread_stack_size(BYTES);
        let rt = Owned::launch(config.clone()).unwrap();
        let handle = rt.handle();
        assert!(rt.block_on(handle.spawn(async { stack_mapping() }))? >= BYTES);
        assert!(rt.block_on(handle.spawn_blocking(stack_mapping))? >= BYTES);

        let rt = Local::launch(config).unwrap();
        assert!(rt.block_on(rt.handle().spawn_blocking(stack_mapping))? >= BYTES);

        let rt = Owned::launch(Config::new()).unwrap();
        assert!(rt.block_on(rt.handle().spawn_blocking(stack_mapping))? < BYTES);
        Ok(())
    })
    .unwrap();
}

/// The size of the mapping in which the caller's locals live.
fn stack_mapping() -> usize {
    let local = black_box(0_u8);
    let address = &raw const local as usize;
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    maps.lines()
        .find_map(|line| {
            let (from, to) = line.split_whitespace().next()?.split_once('-')?;
            let from = usize::from_str_radix(from, 16).ok()?;
            let to = usize::from_str_radix(to, 16).ok()?;
            (from..to).contains(&address).then_some(to - from)
        })
        .unwrap()
}

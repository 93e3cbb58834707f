//! async-std: the global runtime, local.

use anyrt_async_std::{Ambient, AsyncStd, Local, LocalHandle};
use anyrt_conformance_net::Sockets;
use anyrt_core::Config;

use super::async_task::{KEPT_WAKER, PANICKING_WAKER};
use super::{BlocksByHandle, LocalBlockOn, SharedTimer, SharesTimer, local_os, os, through_any};
use crate::{Backend, Claims, HOUR, Native, arm, small};

const HANDLE: &str = "async-std's own handle has three words and no is_finished, which takes a cell for the output beside it";

pub(super) fn backends() -> Vec<Backend> {
    let global = Backend::global("async-std", AsyncStd::global)
        .current::<AsyncStd>()
        .sockets::<AsyncStd>()
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .native(Native {
            facilities: || Box::pin(facilities()),
            spawn: |n| (0..n).for_each(|_| drop(async_std::task::spawn(small([1, 2])))),
            sleep: |n| (0..n).for_each(|_| arm(async_std::task::sleep(HOUR))),
        })
        .claims(|claims| {
            common(claims);
            claims.multi_thread = true;
            claims.background = true;
            claims.always_current = true;
            claims.process_threads.push("async-std/*".to_owned());
        });
    // What is looked up is the handle: the form carries no runtime.
    let ambient = Backend::global("async-std+ambient", || Ambient)
        .current::<AsyncStd>()
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .native(Native {
            facilities: || Box::pin(facilities()),
            spawn: |n| (0..n).for_each(|_| drop(async_std::task::spawn(small([1, 2])))),
            sleep: |n| (0..n).for_each(|_| arm(async_std::task::sleep(HOUR))),
        })
        .claims(|claims| {
            common(claims);
            claims.multi_thread = true;
            claims.background = true;
            claims.always_current = true;
            claims.process_threads.push("async-std/*".to_owned());
        });
    let local = Backend::local::<Local>("async-std-local", Config::new())
        .current_local::<LocalHandle>()
        .local_sockets::<LocalHandle>()
        .declares(LocalBlockOn)
        .extended(BlocksByHandle::of::<LocalHandle>())
        .declares(SharedTimer)
        .extended(SharesTimer::of::<LocalHandle>())
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .claims(common);
    let direct = os::<AsyncStd>(global.clone()).deviates("join::handle_is_small", HANDLE);
    let ambient = ambient.deviates("join::handle_is_small", HANDLE);
    let local = local_os::<LocalHandle>(local);
    vec![direct, through_any(global), local, ambient]
}

fn common(claims: &mut Claims) {
    claims.foreign_block_on = true;
    claims.global_timer = true;
    claims.blocking_limit = 500;
    claims.process_threads = vec!["async-io".to_owned(), "blocking-*".to_owned()];
}

async fn facilities() {
    let this = async_std::task::try_current().expect("a task knows itself");
    let other = async_std::task::spawn(async { async_std::task::current().id() }).await;
    assert_ne!(this.id(), other, "two tasks have the same id");
    async_std::task::sleep(std::time::Duration::from_millis(1)).await;
}

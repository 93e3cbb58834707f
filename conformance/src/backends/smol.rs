//! smol: the global executor, an owned one, local.

use anyrt_conformance_net::Sockets;
use anyrt_core::Config;
use anyrt_smol::{Ambient, Local, LocalHandle, Owned, Smol};

use super::async_task::{KEPT_WAKER, PANICKING_WAKER};
use super::{BlocksByHandle, LocalBlockOn, SharedTimer, SharesTimer, local_os, os, through_any};
use crate::{Backend, Claims, HOUR, Native, arm, small};

pub(super) fn backends() -> Vec<Backend> {
    let global = Backend::global("smol", Smol::global)
        .current::<Smol>()
        .sockets::<Smol>()
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .native(native(|n| {
            (0..n).for_each(|_| smol::spawn(small([1, 2])).detach())
        }))
        .claims(|claims| {
            common(claims);
            claims.background = true;
            claims.always_current = true;
            claims.threads = vec![];
            claims.process_threads.push("smol-*".to_owned());
        });
    // What is looked up is the handle: the form carries no runtime.
    let ambient = Backend::global("smol+ambient", || Ambient)
        .current::<Smol>()
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .native(native(|n| {
            (0..n).for_each(|_| smol::spawn(small([1, 2])).detach())
        }))
        .claims(|claims| {
            common(claims);
            claims.background = true;
            claims.always_current = true;
            claims.threads = vec![];
            claims.process_threads.push("smol-*".to_owned());
        });
    let owned = Backend::owned::<Owned>("smol-owned", Config::new().worker_threads(4))
        .current::<Smol>()
        .sockets::<Smol>()
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .native(native(|n| {
            let executor = smol::Executor::new();
            (0..n).for_each(|_| executor.spawn(small([1, 2])).detach());
        }))
        .claims(|claims| {
            common(claims);
            claims.multi_thread = true;
            claims.threads = vec!["anyrt-smol-*".to_owned()];
            claims.background = true;
            claims.always_current = true;
        });
    let local = Backend::local::<Local>("smol-local", Config::new())
        .current_local::<LocalHandle>()
        .local_sockets::<LocalHandle>()
        .declares(LocalBlockOn)
        .extended(BlocksByHandle::of::<LocalHandle>())
        .declares(SharedTimer)
        .extended(SharesTimer::of::<LocalHandle>())
        .deviates("join::panicking_waker_is_contained", PANICKING_WAKER)
        .deviates("join::dropped_handle_lets_go_of_its_waker", KEPT_WAKER)
        .native(native(|n| {
            let executor = smol::LocalExecutor::new();
            (0..n).for_each(|_| executor.spawn(small([1, 2])).detach());
        }))
        .claims(common);
    vec![
        os::<Smol>(global.clone()),
        through_any(global),
        os::<Smol>(owned.clone()),
        through_any(owned),
        local_os::<LocalHandle>(local),
        ambient,
    ]
}

fn common(claims: &mut Claims) {
    claims.foreign_block_on = true;
    claims.global_timer = true;
    claims.blocking_limit = 500;
    claims.process_threads = vec!["async-io".to_owned(), "blocking-*".to_owned()];
}

fn native(spawn: fn(usize)) -> Native {
    Native {
        facilities: || Box::pin(facilities()),
        spawn,
        sleep: |n| {
            for _ in 0..n {
                arm(async { _ = smol::Timer::after(HOUR).await });
            }
        },
    }
}

async fn facilities() {
    assert_eq!(smol::spawn(async { 7 }).await, 7, "smol::spawn");
    assert_eq!(smol::unblock(|| 7).await, 7, "smol::unblock");
    smol::Timer::after(std::time::Duration::from_millis(1)).await;
}

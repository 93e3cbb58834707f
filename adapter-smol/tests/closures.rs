//! Blocking closures at the end of a runtime.

#[path = "../../adapter-shared/tests/twins/closures.rs"]
mod closures;
#[path = "../../adapter-shared/tests/twins/common.rs"]
mod common;
#[path = "../../adapter-shared/tests/twins/refused.rs"]
mod refused;

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_smol::{Ambient, Global as Runtime, Local, Owned, Smol as Handle};

use closures::{
    SubmitOnDrop, gives_up, hold, is_not_waited_for, launch, returns_inside_a_closure,
    returns_inside_async_code, waits,
};
use common::{Gate, within};

#[test]
fn a_shutdown_of_an_owned_runtime_waits_for_its_closures_and_no_others() {
    within(|| {
        let (gate, foreign) = (Gate::new(), launch::<Owned>());
        let ended = hold(&foreign.handle(), &gate);
        waits::<Owned>();
        gives_up::<Owned>();
        is_not_waited_for::<Owned>();
        returns_inside_a_closure::<Owned>();
        returns_inside_async_code::<Owned>();
        assert_eq!(ended.load(Ordering::SeqCst), 0);
        gate.open();
    });
}

#[test]
fn a_shutdown_of_an_owned_runtime_waits_for_what_destructors_submit() {
    within(|| {
        let (rt, ran) = (launch::<Owned>(), Arc::new(AtomicUsize::new(0)));
        let guard = SubmitOnDrop(rt.handle(), ran.clone());
        let parked = Gate::new();
        let opens = parked.clone();
        rt.handle().spawn_detached(async move {
            let _guard = guard;
            opens.open();
            pending::<()>().await;
        });
        parked.wait();
        rt.shutdown(Duration::from_secs(600));
        assert_eq!(ran.load(Ordering::SeqCst), 20);
    });
}

#[test]
fn a_closure_of_the_ambient_form_is_one_of_the_owned_runtime_that_it_was_submitted_on() {
    within(|| {
        let (rt, gate) = (launch::<Owned>(), Gate::new());
        let waits = gate.clone();
        let (ran, runs) = (Arc::new(AtomicUsize::new(0)), Gate::new());
        let (count, running) = (ran.clone(), runs.clone());
        rt.run(async move {
            Ambient
                .spawn_blocking(move || {
                    running.open();
                    waits.wait();
                    count.fetch_add(1, Ordering::SeqCst);
                })
                .detach();
        });
        runs.wait();
        rt.shutdown(Duration::from_millis(20));
        assert_eq!(ran.load(Ordering::SeqCst), 0);
        gate.open();

        let (rt, ran) = (launch::<Owned>(), Arc::new(AtomicUsize::new(0)));
        let count = ran.clone();
        rt.run(async move {
            for _ in 0..100 {
                let ran = count.clone();
                Ambient
                    .spawn_blocking(move || {
                        ran.fetch_add(1, Ordering::SeqCst);
                    })
                    .detach();
            }
        });
        rt.shutdown(Duration::from_secs(600));
        assert_eq!(ran.load(Ordering::SeqCst), 100);
    });
}

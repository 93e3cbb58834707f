//! tokio: multi-thread, current-thread, local.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use anyrt_conformance_net::Sockets;
use anyrt_core::{BlockOn, Config, ConfigOption, Flavor, Launch, LaunchError};
use anyrt_tokio::{Ambient, BlockingTask, Local, LocalHandle, Owned, Sleep, Task, Tokio};

use super::ambient::ambient;
use super::{BlocksByHandle, LocalBlockOn, SharedTimer, SharesTimer, local_os, os, through_any};
use crate::{AtShutdown, Backend, Claims, HOUR, Native, arm, small};

const BUSY: &str = "a paused clock stands still while a task is busy";
const CLOSURE: &str = "a paused clock stands still while a closure is on the blocking pool";

/// What waits for time to pass that a paused clock does not let pass.
const STOPPED: [(&str, &str); 11] = [
    ("timeout::interrupts_a_busy_future", BUSY),
    ("timeout::passes_over_a_busy_future", BUSY),
    ("yield_now::lets_timers_fire", BUSY),
    ("yield_now::lets_a_select_fire", BUSY),
    ("coop::timeout_interrupts_a_budgeted_loop", BUSY),
    ("block_on::works_in_a_blocking_closure", CLOSURE),
    ("blocking::runs_off_the_executor", CLOSURE),
    ("blocking::queues_beyond_the_limit", CLOSURE),
    ("timeout::root_is_as_a_task", CLOSURE),
    ("workload::cpu_offload", CLOSURE),
    ("differential::random_programs_agree", CLOSURE),
];

const STUCK: &str =
    "tokio's workers drop the tasks when they end, and a worker that is held does not end";

const SECOND_PANIC: &str = "tokio drops a future that panicked while it unwinds, and a second panic ends the process there";

pub(super) fn backends() -> Vec<Backend> {
    let multi = Config::new().flavor(Flavor::MultiThread).worker_threads(4);
    let multi = Backend::owned::<Owned>("tokio-multi-thread", multi)
        .current::<Tokio>()
        .deviates("shutdown::drops_parked_beside_stuck_tasks", STUCK)
        .sockets::<Tokio>()
        .native(native())
        .claims(|claims| {
            common(claims);
            claims.multi_thread = true;
            claims.background = true;
            claims.foreign_block_on = true;
            claims.global_timer = true;
        });
    let current = Config::new().flavor(Flavor::CurrentThread);
    let current = Backend::owned::<Owned>("tokio-current-thread", current)
        .current::<Tokio>()
        .sockets::<Tokio>()
        .native(native())
        .claims(common);
    let local = Backend::local::<Local>("tokio-local", Config::new())
        .current_local::<LocalHandle>()
        .local_sockets::<LocalHandle>()
        .declares(SharedTimer)
        .extended(SharesTimer::of::<LocalHandle>())
        .declares(LocalBlockOn)
        .extended(BlocksByHandle::of::<LocalHandle>())
        .native(Native {
            spawn: |n| (0..n).for_each(|_| drop(tokio::task::spawn_local(small([1, 2])))),
            ..native()
        })
        .claims(common);
    // What is looked up is tokio's own handle: the form carries no runtime.
    let ambient = Config::new().flavor(Flavor::MultiThread).worker_threads(4);
    let ambient = Backend::owned::<EnteredRuntime>("tokio+ambient", ambient)
        .current::<Tokio>()
        .deviates("shutdown::drops_parked_beside_stuck_tasks", STUCK)
        .native(native())
        .claims(|claims| {
            common(claims);
            claims.multi_thread = true;
            claims.background = true;
            claims.foreign_block_on = true;
            claims.global_timer = true;
        });
    // Without sockets: its clock jumps while bytes are under way.
    let paused = Config::new().flavor(Flavor::CurrentThread);
    let paused = Backend::owned::<Paused>("tokio-paused", paused)
        .current::<Tokio>()
        .native(native())
        .claims(|claims| {
            common(claims);
            claims.virtual_time = true;
        });
    let paused = STOPPED.into_iter().fold(paused, |paused, (rule, reason)| {
        paused.deviates(rule, reason)
    });
    let all = [
        os::<Tokio>(multi.clone()),
        through_any(multi),
        os::<Tokio>(current.clone()),
        through_any(current),
        local_os::<LocalHandle>(local),
        paused,
        ambient,
    ];
    all.map(|it| it.deviates("panic::first_panic_is_told", SECOND_PANIC))
        .into()
}

/// Enters the runtime, and makes the call by the ambient form, which finds it.
macro_rules! entered {
    ($handle:expr, $form:ident => $call:expr) => {{
        let _entered = $handle.as_tokio().enter();
        let $form = Ambient;
        $call
    }};
}

ambient! {
    /// tokio's ambient form, inside its runtime.
    Entered(Tokio) of EnteredRuntime(Owned);
    Task BlockingTask Sleep;
    by entered
}

/// A current-thread runtime whose clock stands still while it is busy and jumps when it is idle, as its users' tests have it.
#[derive(Debug)]
struct Paused(Owned);

impl Launch for Paused {
    type Handle = Tokio;

    fn launch(config: Config) -> Result<Self, LaunchError> {
        config.check("tokio-paused", &[ConfigOption::Flavor])?;
        config.check_flavor("tokio-paused", Flavor::CurrentThread)?;
        let runtime = Owned::launch(config.flavor(Flavor::CurrentThread))?;
        runtime.block_on(async { tokio::time::pause() });
        Ok(Self(runtime))
    }

    fn handle(&self) -> Tokio {
        self.0.handle()
    }

    fn shutdown(self, grace: Duration) {
        self.0.shutdown(grace);
    }
}

impl BlockOn for Paused {
    #[track_caller]
    fn block_on<F: Future>(&self, future: F) -> F::Output {
        self.0.block_on(future)
    }
}

fn common(claims: &mut Claims) {
    claims.blocking_at_shutdown = AtShutdown::Waits;
    claims.threads = vec!["tokio-rt-worker".to_owned()];
}

fn native() -> Native {
    Native {
        facilities: || Box::pin(facilities()),
        spawn: |n| (0..n).for_each(|_| drop(tokio::spawn(small([1, 2])))),
        sleep: |n| (0..n).for_each(|_| arm(tokio::time::sleep(HOUR))),
    }
}

async fn facilities() {
    let this = tokio::task::try_id().expect("a task has an id");
    let handle = tokio::runtime::Handle::try_current().expect("a task has a current runtime");
    let other = handle.spawn(async { tokio::task::try_id() }).await;
    let other = other.expect("the task ends").expect("a task has an id");
    assert_ne!(this, other, "two tasks have the same id");
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert!(budget_ends().await, "the task has no coop budget");
}

/// Whether tokio makes this task pause, which it does where it polls the task itself and nothing stands between.
fn budget_ends() -> impl Future<Output = bool> {
    poll_fn(|_| {
        let mut unwoken = Context::from_waker(Waker::noop());
        let ended = (0..10_000).any(|_| {
            let step: Pin<&mut _> = pin!(tokio::task::coop::consume_budget());
            step.poll(&mut unwoken).is_pending()
        });
        Poll::Ready(ended)
    })
}

//! The start of a runtime.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use anyrt_core::{Config, ConfigOption, Flavor, LaunchError};

use crate::kit::{Count, Gate, OnDrop, eventually, pause, step};
use anyrt_conformance_engine::rules;

/// Sets one option to a value that means something.
type Set = fn(Config) -> Config;

/// Every option, with a value that a runtime which has it can take.
const OPTIONS: [(ConfigOption, Set); 9] = [
    (ConfigOption::Flavor, |it| it.flavor(Flavor::MultiThread)),
    (ConfigOption::WorkerThreads, |it| it.worker_threads(2)),
    (ConfigOption::ThreadName, |it| it.thread_name("named")),
    (ConfigOption::ThreadStackSize, |it| {
        it.thread_stack_size(1 << 21)
    }),
    (ConfigOption::MaxBlockingThreads, |it| {
        it.max_blocking_threads(8)
    }),
    (ConfigOption::ThreadKeepAlive, |it| {
        it.thread_keep_alive(Duration::from_secs(1))
    }),
    (ConfigOption::GlobalQueueInterval, |it| {
        it.global_queue_interval(31)
    }),
    (ConfigOption::EventInterval, |it| it.event_interval(61)),
    (ConfigOption::MaxIoEventsPerTick, |it| {
        it.max_io_events_per_tick(512)
    }),
];

/// Every option with a value that no runtime can take.
const IMPOSSIBLE: [(ConfigOption, Set); 7] = [
    (ConfigOption::WorkerThreads, |it| it.worker_threads(0)),
    (ConfigOption::ThreadName, |it| it.thread_name("a\0b")),
    (ConfigOption::ThreadStackSize, |it| it.thread_stack_size(0)),
    (ConfigOption::MaxBlockingThreads, |it| {
        it.max_blocking_threads(0)
    }),
    (ConfigOption::GlobalQueueInterval, |it| {
        it.global_queue_interval(0)
    }),
    (ConfigOption::EventInterval, |it| it.event_interval(0)),
    (ConfigOption::MaxIoEventsPerTick, |it| {
        it.max_io_events_per_tick(0)
    }),
];

/// The options that the backend was declared with, without what says how many threads there are.
fn any_threads(mut config: Config) -> Config {
    config.flavor = None;
    config.worker_threads = None;
    config
}

/// What is wrong with an error that must name `option` and a runtime.
fn assert_names(error: &LaunchError, option: ConfigOption) {
    assert_eq!(
        error.option(),
        Some(option),
        "the option that it names: {error}"
    );
    assert!(!error.runtime().is_empty(), "it names no runtime: {error}");
    assert!(
        error.to_string().contains(&option.to_string()),
        "it is silent about {option}: {error}"
    );
}

rules! { launch

/// No runtime refuses a wish for a number of threads, whatever the number, and with whatever flavor it takes without the wish.
///
/// Intent: a constructor such as `fn new(threads: usize)` is written once for every runtime.
///
/// If this fails, check that the adapter takes the number from `Config::threads`, and does not list the hint as an option.
Capability fn threads_hint_is_never_refused(rt: Any + Owned) {
    let backend = rt.backend();
    for hint in [0, 1, 3] {
        step(format_args!("a runtime launches with a wish for {hint} threads"));
        for change in [Config::new as fn() -> Config, || Config::new().flavor(Flavor::CurrentThread), || Config::new().flavor(Flavor::MultiThread)] {
            let flavor = change().flavor;
            let with_flavor = |mut config: Config| {
                config = any_threads(config);
                config.flavor = flavor;
                config
            };
            if backend.try_launch(with_flavor).is_err() {
                continue;
            }
            if let Err(error) = backend.try_launch(|config| with_flavor(config).worker_threads_hint(hint)) {
                panic!("a wish for {hint} threads, flavor {flavor:?}: {error}");
            }
        }
        if let Err(error) = backend.try_launch(|config| config.worker_threads_hint(hint)) {
            panic!("a wish for {hint} threads: {error}");
        }
    }
}

/// A runtime refuses options that contradict each other, with an error that names one of them.
///
/// Intent: a runtime that takes one of the two has ignored the other, and nobody is told.
///
/// If this fails, check that the adapter's `launch` begins with `Config::check` and, if it has one flavor, `check_flavor`.
Capability fn contradicting_options_are_refused(rt: Any + Owned) {
    for threads in [1, 2] {
        let both = |config| any_threads(config).flavor(Flavor::CurrentThread).worker_threads(threads);
        let Err(error) = rt.backend().try_launch(both) else {
            panic!("it launched with the flavor current-thread and {threads} worker threads");
        };
        let named = error.option().unwrap_or_else(|| panic!("it names no option: {error}"));
        assert!(matches!(named, ConfigOption::Flavor | ConfigOption::WorkerThreads), "it names {named}: {error}");
        assert_names(&error, named);
    }
}

/// A runtime honours an option, or refuses to launch with an error that names the option and the runtime, and says that it does
/// not support it. It takes no impossible value of any option.
///
/// Intent: a limit that is ignored in silence is found in production.
///
/// If this fails, check the list of options that the adapter honours against what its `launch` reads.
Capability fn options_are_honoured_or_refused(rt: Any + Owned) {
    let backend = rt.backend();
    let mut taken = Vec::new();
    for (option, set) in OPTIONS {
        step(format_args!("a runtime is launched with the option {option}"));
        match backend.try_launch(|config| set(any_threads(config))) {
            Ok(()) => taken.push(option),
            Err(error) => {
                assert_names(&error, option);
                // A runtime with one flavor knows the option, and refuses the other.
                assert!(error.is_unsupported() || option == ConfigOption::Flavor, "not for want of support: {error}");
            }
        }
    }
    for (option, set) in IMPOSSIBLE {
        let Err(error) = backend.try_launch(|config| set(any_threads(config))) else {
            panic!("it launched with an impossible value of {option}");
        };
        assert_names(&error, option);
        assert_eq!(error.is_unsupported(), !taken.contains(&option), "whether it supports {option}: {error}");
    }
}

/// A runtime that takes a number of worker threads polls as many tasks at once and no more, also beside a wish for another number.
/// Its threads have the name that was asked for.
///
/// Intent: a limit that is taken and not kept is found in production, and a name is what a profiler shows.
///
/// If this fails, check what the adapter's `launch` does with `Config::threads` and `thread_name`.
Capability fn threads_are_as_asked_for(rt: Shared + Owned + SystemThreads) {
    let backend = rt.backend();
    for threads in [1, 3, 4] {
        step(format_args!("a runtime with {threads} worker threads polls {threads} tasks at once"));
        let asked = |config| any_threads(config).worker_threads(threads).worker_threads_hint(2);
        let launched = backend.try_launch_and(asked, &|rt| {
            let (there, all) = (Count::new(), Gate::new());
            let _open = OnDrop(|| all.open());
            for _ in 0..threads {
                let (there, all) = (there.clone(), all.clone());
                // Each holds its thread until the last of them is there.
                rt.spawn_detached(async move {
                    if there.add() + 1 == threads {
                        all.open();
                    }
                    all.wait_blocking();
                });
            }
            eventually("as many tasks are polled at once as were asked for", || all.is_open());
            let (inside, most, done) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)), Count::new());
            let rounds = 8 * threads;
            for _ in 0..rounds {
                let (inside, most, done) = (inside.clone(), most.clone(), done.clone());
                rt.spawn_detached(async move {
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    pause(Duration::from_millis(1));
                    inside.fetch_sub(1, Ordering::SeqCst);
                    done.add();
                });
            }
            eventually("every task ends", || done.get() == rounds);
            let most = most.load(Ordering::SeqCst);
            assert!(most <= threads, "{most} tasks were polled at once by {threads} threads");
        });
        if let Err(error) = launched {
            assert_names(&error, ConfigOption::WorkerThreads);
            assert!(error.is_unsupported(), "not for want of support: {error}");
        }
    }
    step("the threads of a runtime have the name that was asked for");
    let name = Arc::new(Mutex::new(None));
    let launched = backend.try_launch_and(|config| any_threads(config).thread_name("asked-for"), &|rt| {
        let (seen, told) = (name.clone(), Gate::new());
        let tells = told.clone();
        rt.spawn_detached(async move {
            *seen.lock().expect("no panic") = thread::current().name().map(str::to_owned);
            tells.open();
        });
        eventually("a task is polled", || told.is_open());
    });
    match launched {
        Ok(()) => assert_eq!(name.lock().expect("no panic").as_deref(), Some("asked-for"), "the name of a thread"),
        Err(error) => {
            assert_names(&error, ConfigOption::ThreadName);
            assert!(error.is_unsupported(), "not for want of support: {error}");
        }
    }
}

}

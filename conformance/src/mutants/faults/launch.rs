//! The start of a runtime.

use anyrt_core::{ConfigOption, LaunchError};

use super::{Fault, mutants};
use crate::Backend;

mutants! {
    hint_is_an_option on Owned: "a wish for a number of threads is refused",
        killed by "launch::threads_hint_is_never_refused"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.wrap_launch(|config, launch| match config.worker_threads_hint {
                Some(_) => Err(LaunchError::unsupported("broken", ConfigOption::WorkerThreadsHint)),
                None => launch(config),
            })
        }
    }

    contradictions_are_taken on Owned: "of two options that contradict each other one is ignored",
        killed by "launch::contradicting_options_are_refused"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.wrap_launch(|mut config, launch| {
                if config.flavor.is_some() && config.worker_threads.is_some() {
                    (config.flavor, config.worker_threads) = (None, None);
                }
                launch(config)
            })
        }
    }

    refusals_name_nothing on Owned: "a runtime that refuses an option does not say which",
        killed by "launch::options_are_honoured_or_refused", "launch::contradicting_options_are_refused"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.wrap_launch(|config, launch| {
                launch(config).map_err(|_| LaunchError::unusable("broken", "of an option"))
            })
        }
    }

    impossible_values_are_taken on Owned: "an impossible number of worker threads is taken for none",
        killed by "launch::options_are_honoured_or_refused"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.wrap_launch(|mut config, launch| {
                config.worker_threads = config.worker_threads.filter(|it| *it > 0);
                launch(config)
            })
        }
    }

    workers_are_one_short on Owned: "a runtime has one worker thread less than was asked for",
        killed by "launch::threads_are_as_asked_for"; {
        fn backend(&self, backend: Backend) -> Backend {
            backend.wrap_launch(|mut config, launch| {
                config.worker_threads = config.worker_threads.map(|it| it.max(2) - 1);
                launch(config)
            })
        }
    }
}

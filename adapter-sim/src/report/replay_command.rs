//! The command that runs the current test once more.

/// The command that runs the current test once more under `seed`, as far as cargo and libtest tell.
pub(crate) fn replay_command(seed: u64) -> String {
    let seed = format!("ANYRT_SIM_SEED={seed}");
    match (std::env::var("CARGO_PKG_NAME"), test_name()) {
        (Ok(package), Some(test)) => format!("{seed} cargo test -p {package} -- --exact {test}"),
        _ => format!("{seed} in front of the same command"),
    }
}

/// The path of the test that the calling thread runs, if it is one.
pub(crate) fn test_name() -> Option<String> {
    // libtest names a test's thread after the test, unless it runs it on the main thread, as nextest makes it do.
    match std::thread::current().name() {
        Some("main") | None => {
            let mut args: Vec<String> = std::env::args().skip(1).collect();
            let exact = args.iter().any(|arg| arg == "--exact");
            args.retain(|arg| !arg.starts_with('-'));
            args.pop().filter(|_| exact)
        }
        Some(test) => Some(test.to_owned()),
    }
}

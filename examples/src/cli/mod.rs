//! The command line that the four mains share: arguments in, [`treehash`](crate::treehash) at work, text out.
//!
//! It is generic over the runtime, like the library below it.

mod args;
mod output;

use std::future::pending;
use std::io::{self, IsTerminal};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use anyrt_core::Runtime;
use futures::channel::oneshot;
use futures::future::select;

use self::args::{Args, USAGE};
use self::output::{finish, print, show};
use crate::treehash::TreeHash;

/// Bad input: an unknown option, a folder that is not there.
const BAD_INPUT: u8 = 2;

/// Does what the arguments of the process say, on `rt`, and returns what the process shall exit with.
///
/// That is 0 when every file was hashed, 1 when some failed or the work was stopped, and 2 when the input was bad.
pub async fn run<R: Runtime>(rt: R) -> ExitCode {
    match Args::parse(std::env::args_os().skip(1)) {
        Ok(Some(args)) => hash(rt, args).await,
        Ok(None) => print(USAGE, ExitCode::SUCCESS),
        Err(problem) => {
            eprintln!("error: {problem}\n\n{USAGE}");
            ExitCode::from(BAD_INPUT)
        }
    }
}

async fn hash<R: Runtime>(rt: R, args: Args) -> ExitCode {
    let on_terminal = io::stderr().is_terminal();
    let hasher = TreeHash::new(rt.clone()).ignore([".git", "target"]);
    let stop = interrupted_or_after(&rt, args.limit);
    let result = hasher.hash_until(&args.folder, stop, |progress| {
        if on_terminal || args.progress {
            show(progress, on_terminal);
        }
    });
    let result = result.await;
    if on_terminal {
        finish();
    }
    match result {
        Ok(report) => {
            for error in report.errors() {
                eprintln!("error: {error}");
            }
            let code = u8::from(report.digest().is_none());
            print(&output::render(&report, args.list), ExitCode::from(code))
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(BAD_INPUT)
        }
    }
}

/// Is ready at the first Ctrl-C, or when the limit has passed on the runtime's clock.
async fn interrupted_or_after<R: Runtime>(rt: &R, limit: Option<Duration>) {
    let limit = async {
        match limit {
            Some(limit) => rt.sleep(limit).await,
            None => pending().await,
        }
    };
    select(pin!(interrupted()), pin!(limit)).await;
}

async fn interrupted() {
    let (sender, receiver) = oneshot::channel::<()>();
    let sender = Mutex::new(Some(sender));
    let installed = ctrlc::set_handler(move || {
        // Dropping the sender is the signal, so a second Ctrl-C does nothing more.
        sender.lock().map(|mut sender| sender.take()).ok();
    });
    if installed.is_err() {
        // The system's own handling applies: Ctrl-C ends the process.
        pending::<()>().await;
    }
    let _ = receiver.await;
}

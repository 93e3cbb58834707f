//! `treehash` on tokio.

use std::process::ExitCode;
use std::time::Duration;

use anyrt_core::{Config, Launch, LaunchError};
use anyrt_examples::cli;
use anyrt_tokio::Owned;

fn main() -> Result<ExitCode, LaunchError> {
    let rt = Owned::launch(Config::new().worker_threads(2))?;
    let code = rt.run(cli::run(rt.handle()));
    rt.shutdown(Duration::from_secs(1));
    Ok(code)
}

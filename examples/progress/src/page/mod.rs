//! What the page shows, and what its buttons do.

mod elements;
mod fetch;

use std::io;
use std::time::Duration;

use anyrt::LocalRuntime;
use anyrt_progress::{Bar, Limits, download};

use elements::Elements;
pub(crate) use elements::Missing;

/// Downloads what the page's field names, at each click.
pub(crate) async fn run<R: LocalRuntime>(rt: &R) -> Result<(), Missing> {
    let page = Elements::find()?;
    page.say("ready");
    loop {
        page.start_clicked().await;
        let limits = Limits {
            silence: Duration::from_secs(30),
            whole: Some(page.limit()),
        };
        let url = page.url();
        page.say("downloading");
        let done = download(
            rt,
            fetch::fetch(&url),
            limits,
            page.cancel_clicked(),
            io::sink(),
            |progress| page.show(progress),
        );
        match done.await {
            Ok(done) => {
                page.show(done);
                page.say(&format!("done: {}", Bar(done)));
            }
            Err(error) => page.say(&error.to_string()),
        }
    }
}

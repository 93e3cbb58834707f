//~ temporary value dropped while borrowed

use anyrt::{BlockOn, Config, Launch, Runtime};

async fn library<R: Runtime>(_: &R) {}

fn start() {
    let rt = anyrt::tokio::Owned::launch(Config::new()).unwrap();
    let work = library(&rt.handle());
    rt.block_on(work);
}

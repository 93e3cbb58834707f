//~ Owned` is not a runtime
//~ has its handle in `rt.handle()`

use anyrt::{Config, Launch, Runtime};

async fn library<R: Runtime>(_: &R) {}

fn main() {
    let rt = anyrt::tokio::Owned::launch(Config::new()).unwrap();
    let _ = library(&rt);
}

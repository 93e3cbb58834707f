//~ Owned` is not a runtime
//~ has its handle in `rt.handle()`
//~ due to 3 previous errors | due to 2 previous errors | due to 1 previous error

use anyrt::{BlockOn, Config, Launch, Runtime};

async fn library<R: Runtime>(_: &R) {}

fn main() {
    let rt = anyrt::tokio::Owned::launch(Config::new()).unwrap();
    rt.block_on(library(&rt));
}

//~ no method named `spawn` found for struct `anyrt::tokio::Owned` in the current scope

use anyrt::{Config, Launch, Spawn};

fn start() {
    let rt = anyrt::tokio::Owned::launch(Config::new()).unwrap();
    rt.spawn(async {});
}

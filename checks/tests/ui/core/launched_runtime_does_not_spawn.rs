//~ no method named `spawn` found for struct `anyrt_tokio::Owned` in the current scope | no method named `spawn` found for struct `anyrt::anyrt_tokio::Owned` in the current scope

use anyrt::{Config, Launch, Spawn};

fn start() {
    let rt = anyrt::tokio::Owned::launch(Config::new()).unwrap();
    rt.spawn(async {});
}

//~ trait `Spawn` which provides `spawn` is implemented but not in scope
//~ use anyrt::Spawn;

use anyrt::{Config, Launch};

fn start() {
    let rt = anyrt::tokio::Owned::launch(Config::new()).unwrap();
    rt.handle().spawn(async {});
}

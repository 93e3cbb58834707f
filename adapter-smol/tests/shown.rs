//! What the types say of themselves.

use std::time::Duration;

use anyrt_core::{Config, Launch, Timer};
use anyrt_smol::{Ambient, Global, Local, Owned};

/// Each `Debug` begins with the name of its type.
macro_rules! assert_shows {
    ($($value:expr => $name:literal),+ $(,)?) => {$(
        let shown = format!("{:?}", $value);
        assert!(shown.starts_with($name), "{shown}");
    )+};
}

#[test]
fn each_type_shows_its_name() {
    let owned = Owned::launch(Config::new().worker_threads(1)).unwrap();
    let global = Global::launch(Config::new()).unwrap();
    let local = Local::launch(Config::new()).unwrap();
    assert_shows! {
        Ambient => "Ambient",
        owned => "Owned",
        owned.handle() => "Smol",
        owned.handle().sleep(Duration::from_secs(1)) => "Sleep",
        global => "Global",
        local => "Local",
        local.handle() => "LocalHandle",
    }
}

//! What the types say of themselves.

use std::time::Duration;

use anyrt_async_std::{Ambient, Global, Local};
use anyrt_core::{Config, Launch, Timer};

/// Each `Debug` begins with the name of its type.
macro_rules! assert_shows {
    ($($value:expr => $name:literal),+ $(,)?) => {$(
        let shown = format!("{:?}", $value);
        assert!(shown.starts_with($name), "{shown}");
    )+};
}

#[test]
fn each_type_shows_its_name() {
    let global = Global::launch(Config::new()).unwrap();
    let local = Local::launch(Config::new()).unwrap();
    assert_shows! {
        Ambient => "Ambient",
        global => "Global",
        global.handle() => "AsyncStd",
        global.handle().sleep(Duration::from_secs(1)) => "Sleep",
        local => "Local",
        local.handle() => "LocalHandle",
    }
}

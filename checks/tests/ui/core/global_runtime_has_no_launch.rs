//~ `Smol` is not a runtime that can be launched
//~ global runtimes need no launch

use anyrt::{Config, Launch};

fn start<L: Launch>() -> L {
    L::launch(Config::new()).unwrap()
}

fn main() {
    start::<anyrt::smol::Smol>();
}

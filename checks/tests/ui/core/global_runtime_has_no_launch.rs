//~ `Smol` is not a runtime that can be launched
//~ such as `anyrt_tokio::Owned`, `anyrt_smol::Global`

use anyrt::{Config, Launch};

fn start<L: Launch>() -> L {
    L::launch(Config::new()).unwrap()
}

fn main() {
    start::<anyrt::smol::Smol>();
}

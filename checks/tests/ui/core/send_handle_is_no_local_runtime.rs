//~ `Tokio` is not a local runtime
//~ pass the handle of one, such as that of `anyrt_tokio::Local`

use anyrt::LocalRuntime;
use anyrt::tokio::Tokio;

fn library<R: LocalRuntime>(_: R) {}

fn program(handle: Tokio) {
    library(handle);
}

fn main() {}

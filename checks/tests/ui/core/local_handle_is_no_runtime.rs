//~ LocalHandle` is not a runtime
//~ handles of local runtimes are `LocalRuntime`s

use anyrt::Runtime;
use anyrt::tokio::LocalHandle;

fn library<R: Runtime>(_: R) {}

fn program(handle: LocalHandle) {
    library(handle);
}

fn main() {}

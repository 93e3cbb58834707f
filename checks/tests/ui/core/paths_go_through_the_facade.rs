//~ found `anyrt::net::Interest`
//~ expected `Interest`

use anyrt::net::Interest as Theirs;

struct Interest;

fn wait(_: Interest) {}

fn start(theirs: Theirs) {
    wait(theirs);
}

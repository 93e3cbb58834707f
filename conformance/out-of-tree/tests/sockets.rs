//! The sockets of a handle from outside, certified: async-io's reactor under futures' `ThreadPool`.

use std::sync::OnceLock;

use anyrt_conformance::{Backend, suite};
use anyrt_conformance_net::Sockets;
use anyrt_out_of_tree::Pool;

suite!(
    specifications: [anyrt_conformance_net::specification()];
    Backend::global("futures-thread-pool", pool)
        .sockets::<Pool>()
        .os_sockets::<Pool>()
        .unix_sockets::<Pool>()
        .signals::<Pool>()
);

fn pool() -> Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    let start = || Pool::new(4).expect("the system has threads to give");
    POOL.get_or_init(start).clone()
}

//! What a shutdown waits for.

use std::sync::Arc;
use std::time::Duration;

use anyrt_models::{Closures, explore};
use shuttle::thread;

#[test]
fn a_shutdown_hears_of_the_last_closure() {
    explore(|| {
        let closures = Arc::new(Closures::new());
        let running: Vec<_> = (0..2).map(|_| Closures::enter(closures.clone())).collect();
        let ends: Vec<_> = running
            .into_iter()
            .map(|it| thread::spawn(move || drop(it)))
            .collect();
        let waits = {
            let closures = closures.clone();
            thread::spawn(move || closures.wait(Duration::from_secs(3600)))
        };
        assert!(closures.wait(Duration::from_secs(3600)), "closures run on");
        assert!(waits.join().expect("no panic"), "closures run on");
        for end in ends {
            end.join().expect("no panic");
        }
    });
}

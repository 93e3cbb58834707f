//~ trait bound `S: Timer` was not satisfied
//~ error[E0277]: `()` has no timer
//~ take `R: Runtime` (or `R: Timer`) as a parameter and pass a handle in

use std::time::Duration;

use anyrt::{Spawn, Timer};

struct Client<T> {
    timer: T,
}

impl<T: Timer> Client<T> {
    async fn get_with_retries(&self) {
        self.timer.sleep(Duration::from_secs(1)).await;
    }
}

/// Asks for too little.
async fn get<S: Spawn>(spawner: S) {
    Client { timer: spawner }.get_with_retries().await;
}

/// Has no runtime at all.
async fn get_from_nothing() {
    retry(&()).await;
}

async fn retry<T: Timer>(timer: &T) {
    timer.sleep(Duration::from_secs(1)).await;
}

fn main() {}

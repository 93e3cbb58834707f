use crate::{AsyncIo, NetDriver, Reactor};

/// Sockets are the process', so that any handle makes them.
impl NetDriver for AsyncIo {
    type Net = Reactor;

    #[inline]
    fn net(&self, runtime: &'static str) -> Reactor {
        Reactor::of(runtime)
    }
}

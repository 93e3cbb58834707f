use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// What a crowd does.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The server.
    pub server: SocketAddr,
    /// The address to connect from: one has about 28 000 ports towards one server.
    pub from: IpAddr,
    /// How many users there are.
    pub users: usize,
    /// How many are in a room. The last room of each server has fewer.
    pub room: usize,
    /// How many lines each of them says.
    pub lines: usize,
    /// How many lines all of them say in a second.
    pub rate: f64,
    /// How long the crowd waits for lines that do not come.
    pub patience: Duration,
}

impl Plan {
    /// A plan for so many users of a server on this machine.
    pub fn new(server: SocketAddr, users: usize) -> Self {
        Self {
            server,
            from: [127, 0, 0, 1].into(),
            users,
            room: 10,
            lines: 1,
            rate: 1500.0,
            patience: Duration::from_secs(60),
        }
    }
}

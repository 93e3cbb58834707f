#![doc = include_str!("../README.md")]

mod local_spawner;
mod spawner;

pub use local_spawner::LocalSpawner;
pub use spawner::Spawner;

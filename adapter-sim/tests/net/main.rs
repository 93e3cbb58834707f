//! What only a simulated network can show. That it keeps the rules of sockets is tested in `conformance/net`.

mod clocks;
mod connects;
mod datagrams;
mod determinism;
mod disks;
mod faults;
mod hosts;
mod reports;
mod retries;
mod setup;
mod shape;
mod streams;
mod waits;

//! quinn itself at work: on every backend, on a simulated network, and under HTTP/3.

mod common;
mod http3;
mod pollers;
mod replay;
mod simulated;
mod streams;

mod connect_host;
mod order;

pub use connect_host::ConnectHost;

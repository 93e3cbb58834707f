mod ctrl_c;
mod signal_kind;
mod signals;

pub use ctrl_c::CtrlC;
pub use signal_kind::SignalKind;
pub use signals::Signals;

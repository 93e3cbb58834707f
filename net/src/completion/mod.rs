mod adaptor;
mod half_close;
mod read;
mod read_owned;
mod write;
mod write_all_owned;
mod write_owned;

pub use adaptor::Completion;
pub use half_close::HalfClose;
pub use read::CompletionRead;
pub use read_owned::ReadOwned;
pub use write::CompletionWrite;
pub use write_all_owned::WriteAllOwned;
pub use write_owned::WriteOwned;

mod list;
mod place;
mod wait_list;

pub use place::Place;
pub use wait_list::WaitList;

mod place;
mod slots;
mod wait_list;

pub use place::Place;
pub use wait_list::WaitList;

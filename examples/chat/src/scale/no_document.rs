use std::io;

/// Needs the feature `document`.
///
/// # Errors
///
/// Always.
pub fn document(_: &[&str]) -> io::Result<()> {
    let message = "built without what draws the plots: add `--features document`";
    Err(io::Error::new(io::ErrorKind::Unsupported, message))
}

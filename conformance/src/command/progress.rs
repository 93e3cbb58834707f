use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressStyle};

/// A bar for `steps` on a terminal, and nothing elsewhere.
pub(super) fn progress(steps: u64) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {wide_msg}");
    ProgressBar::new(steps).with_style(style.expect("the template is valid"))
}

use std::fmt;

use super::Progress;

const WIDTH: u64 = 30;

/// Progress as a line of text: a bar, where the size of the file is known.
#[derive(Clone, Copy, Debug)]
pub struct Bar(pub Progress);

impl fmt::Display for Bar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Progress {
            received,
            total,
            elapsed,
        } = self.0;
        if let Some(total) = total {
            // Nothing of nothing is all of it.
            let percent = (received * 100).checked_div(total).unwrap_or(100);
            let done = (WIDTH * percent / 100) as usize;
            let rest = WIDTH as usize - done;
            write!(
                f,
                "[{}{}] {percent:>3} % ",
                "#".repeat(done),
                " ".repeat(rest)
            )?;
        }
        let rate = received as f64 / elapsed.as_secs_f64().max(1e-3) / 1024.0;
        write!(f, "{} KiB, {rate:.0} KiB/s", received / 1024)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bar_shows_the_share_where_there_is_one() {
        let progress = |received, total| {
            let elapsed = Duration::from_secs(2);
            let progress = Progress {
                received,
                total,
                elapsed,
            };
            Bar(progress).to_string()
        };
        let half = "[###############               ]  50 % 4 KiB, 2 KiB/s";
        assert_eq!(progress(4096, Some(8192)), half);
        assert_eq!(progress(4096, None), "4 KiB, 2 KiB/s");
        assert!(progress(0, Some(0)).contains("100 %"));
    }
}

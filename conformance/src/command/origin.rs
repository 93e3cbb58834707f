//! Where a report comes from: versions, date and command.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::report::Origin;

/// What the page of this run says of its origin.
pub(crate) fn origin() -> Origin {
    let mut versions = vec![format!("anyrt-conformance {}", env!("CARGO_PKG_VERSION"))];
    let built_with = env!("ANYRT_CONFORMANCE_BUILT_WITH").split(", ");
    versions.extend(built_with.filter(|it| !it.is_empty()).map(String::from));
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Origin {
        versions,
        date: date(now.unwrap_or_default()),
        command: command(std::env::args().skip(1)),
    }
}

/// `since_1970` as `YYYY-MM-DD HH:MM UTC`.
fn date(since_1970: Duration) -> String {
    let minutes = since_1970.as_secs() / 60;
    let (mut days, minute) = (minutes / (24 * 60), minutes % (24 * 60));
    let mut year = 1970;
    while days >= year_days(year) {
        days -= year_days(year);
        year += 1;
    }
    let mut month = 1;
    while days >= month_days(year, month) {
        days -= month_days(year, month);
        month += 1;
    }
    let day = days + 1;
    let (hour, minute) = (minute / 60, minute % 60);
    format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
}

fn year_days(year: u64) -> u64 {
    (1..=12).map(|month| month_days(year, month)).sum()
}

fn month_days(year: u64, month: u64) -> u64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The command as a shell takes it.
fn command(arguments: impl Iterator<Item = String>) -> String {
    let mut line = String::from("conformance");
    for argument in arguments {
        let plain = |it: char| it.is_ascii_alphanumeric() || "_-+=:,./~".contains(it);
        line.push(' ');
        if !argument.is_empty() && argument.chars().all(plain) {
            line.push_str(&argument);
        } else {
            line.push('\'');
            line.push_str(&argument.replace('\'', "'\\''"));
            line.push('\'');
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_know_leap_years() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00 UTC"),
            (951_782_400, "2000-02-29 00:00 UTC"),
            (951_868_799, "2000-02-29 23:59 UTC"),
            (1_798_761_599, "2026-12-31 23:59 UTC"),
        ] {
            assert_eq!(date(Duration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_command_can_be_pasted_into_a_shell() {
        let arguments = ["--rule", "join::*", "it's", ""].map(String::from);
        let line = command(arguments.into_iter());
        assert_eq!(line, "conformance --rule 'join::*' 'it'\\''s' ''");
    }
}

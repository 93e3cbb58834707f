use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub(super) const USAGE: &str = "\
Hashes the files of a folder, without those in folders called `.git` and `target`.

Usage: [OPTIONS] [FOLDER]

  FOLDER             what to hash; unless given, the repository that this program was built from
  --list             also prints a line per file, as `sha256sum` does
  --progress         reports the progress on standard error, even if that is no terminal
  --limit SECONDS    stops after that time, and prints what was done until then; so does Ctrl-C
  --help             prints this

Exits with 0 when every file was hashed, 1 when some were not, and 2 when the input was bad.
";

/// The arguments of the process.
#[derive(Debug, PartialEq)]
pub(super) struct Args {
    pub(super) folder: PathBuf,
    pub(super) list: bool,
    pub(super) progress: bool,
    pub(super) limit: Option<Duration>,
}

impl Args {
    /// Reads the arguments; `None` when help is asked for, and an error for people when they make no sense.
    pub(super) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Option<Self>, String> {
        let mut args = args.into_iter();
        let mut folder = None;
        let (mut list, mut progress, mut limit) = (false, false, None);
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--help" | "-h") => return Ok(None),
                Some("--list") => list = true,
                Some("--progress") => progress = true,
                Some("--limit") => limit = Some(parse_limit(args.next())?),
                Some(option) if option.starts_with('-') => {
                    return Err(format!("unknown option `{option}`"));
                }
                _ if folder.is_some() => return Err("more than one folder".into()),
                _ => folder = Some(PathBuf::from(arg)),
            }
        }
        Ok(Some(Self {
            folder: folder.unwrap_or_else(repository),
            list,
            progress,
            limit,
        }))
    }
}

fn parse_limit(value: Option<OsString>) -> Result<Duration, String> {
    value
        .and_then(|value| value.to_str()?.parse().ok())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "`--limit` wants a number of seconds, such as 0.5".into())
}

/// The folder above this crate's.
fn repository() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Option<Args>, String> {
        Args::parse(args.iter().map(OsString::from))
    }

    #[test]
    fn options_and_the_folder_may_come_in_any_order() {
        let args = parse(&["--limit", "0.5", "folder", "--list"]);
        let expected = Args {
            folder: "folder".into(),
            list: true,
            progress: false,
            limit: Some(Duration::from_millis(500)),
        };
        assert_eq!(args, Ok(Some(expected)));
    }

    #[test]
    fn the_repository_is_hashed_unless_a_folder_is_given() {
        let args = parse(&[]).unwrap().unwrap();
        assert!(args.folder.join("examples").is_dir());
    }

    #[test]
    fn help_wins() {
        assert_eq!(parse(&["folder", "--help"]), Ok(None));
    }

    #[test]
    fn mistakes_are_named() {
        let problem = |args: &[&str]| parse(args).unwrap_err();
        assert_eq!(problem(&["--lisp"]), "unknown option `--lisp`");
        assert_eq!(problem(&["one", "two"]), "more than one folder");
        for args in [
            &["--limit"][..],
            &["--limit", "soon"],
            &["--limit", "-1"],
            &["--limit", "NaN"],
        ] {
            assert!(problem(args).starts_with("`--limit` wants"), "{args:?}");
        }
    }
}

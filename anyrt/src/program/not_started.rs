use std::process::ExitCode;

use anyrt_core::LaunchError;

use crate::SelectError;

/// Why a program's runtime was not started.
#[derive(Debug)]
pub enum NotStarted {
    Select(SelectError),
    Launch(LaunchError),
    /// The chosen runtime was compiled without its sockets.
    #[cfg(feature = "net")]
    NoSockets {
        runtime: &'static str,
        feature: &'static str,
    },
}

impl NotStarted {
    fn message(&self) -> String {
        match self {
            Self::Select(error) => error.to_string(),
            Self::Launch(error) => error.to_string(),
            #[cfg(feature = "net")]
            Self::NoSockets { runtime, feature } => {
                format!(
                    "{runtime} was compiled without sockets: turn on anyrt's feature `{feature}`"
                )
            }
        }
    }
}

impl From<SelectError> for NotStarted {
    fn from(error: SelectError) -> Self {
        Self::Select(error)
    }
}

impl From<LaunchError> for NotStarted {
    fn from(error: LaunchError) -> Self {
        Self::Launch(error)
    }
}

/// The exit status of a program that was called in a way that it cannot be run, as most programs have it.
const MISUSE: u8 = 2;

/// Ends a function that is called `main`: whoever started the program can mend its start, and a panic would call it a defect.
pub fn exit(ended: Result<ExitCode, NotStarted>) -> ExitCode {
    match ended {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {}", error.message());
            ExitCode::from(MISUSE)
        }
    }
}

/// Ends any other function, which has no other value to return.
#[track_caller]
pub fn or_panic<T>(ended: Result<T, NotStarted>) -> T {
    match ended {
        Ok(output) => output,
        Err(error) => panic!("{}", error.message()),
    }
}

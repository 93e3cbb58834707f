use std::fmt;

use super::TaskPanic;
use crate::TaskInfo;

/// What was still running when the grace of a shutdown was over, and which tasks panicked; the output of
/// [`TaskTracker::shutdown`](crate::TaskTracker::shutdown).
///
/// It is written in one line, for a log: "all tasks ended in time", or the names of those that did not, and the panics.
///
/// # Examples
///
/// ```
/// use anyrt_structured::ShutdownReport;
///
/// fn exit_code(report: &ShutdownReport) -> u8 {
///     if !report.is_clean() {
///         eprintln!("{report}");
///     }
///     u8::from(!report.stuck().is_empty())
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShutdownReport {
    late: Vec<TaskInfo>,
    stuck: Vec<TaskInfo>,
    panics: Vec<TaskPanic>,
}

impl ShutdownReport {
    pub(super) fn new(late: Vec<TaskInfo>, stuck: Vec<TaskInfo>, panics: Vec<TaskPanic>) -> Self {
        Self {
            late,
            stuck,
            panics,
        }
    }

    /// Tells whether all tasks ended within the grace. Panics are apart: see [`panics`](Self::panics).
    pub fn is_clean(&self) -> bool {
        self.late.is_empty()
    }

    /// The tasks that had not ended when the grace was over, and were aborted.
    pub fn late(&self) -> &[TaskInfo] {
        &self.late
    }

    /// The tasks that the abort did not end: tasks that do not yield, blocking closures, and futures that the tracker did not
    /// spawn. They may still be running.
    pub fn stuck(&self) -> &[TaskInfo] {
        &self.stuck
    }

    /// The panics of the tracker's tasks since it was made, also of those whose handle was detached; the first 64.
    pub fn panics(&self) -> &[TaskPanic] {
        &self.panics
    }
}

impl fmt::Display for ShutdownReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_clean() {
            f.write_str("all tasks ended in time")?;
        } else {
            list(f, &self.late, "aborted")?;
        }
        if !self.stuck.is_empty() {
            f.write_str("; ")?;
            list(f, &self.stuck, "still running")?;
        }
        self.panics
            .iter()
            .try_for_each(|panic| write!(f, "; {panic}"))
    }
}

fn list(f: &mut fmt::Formatter<'_>, tasks: &[TaskInfo], what: &str) -> fmt::Result {
    let (noun, verb) = if tasks.len() == 1 {
        ("task", "was")
    } else {
        ("tasks", "were")
    };
    write!(f, "{} {noun} {verb} {what}: ", tasks.len())?;
    for (index, task) in tasks.iter().enumerate() {
        let separator = if index == 0 { "" } else { ", " };
        write!(f, "{separator}{task}")?;
    }
    Ok(())
}

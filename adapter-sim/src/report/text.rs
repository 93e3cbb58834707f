//! A failure as a person reads it: what, when and how to replay it first, then what led to it.

use std::fmt;

use crate::report::failure::{FailureKind, Replay, Report};
use crate::report::replay_command::replay_command;
use crate::{Event, TaskInfo};

/// How many of the last events are shown.
const EVENTS: usize = 32;

/// How many faults of a shorter run are shown, and how many other choices.
const CHOICES: usize = 24;

pub(crate) fn write(f: &mut fmt::Formatter<'_>, report: &Report) -> fmt::Result {
    let Report {
        kind,
        message,
        seed,
        policy,
        time,
        last_step,
        steps,
        hash,
        tasks,
        events,
        panics,
        choices,
        kept,
        shrunk,
        divergence,
        diagram,
        page: _,
        replay,
        replay_line,
    } = report;
    writeln!(f, "{}", indented(message))?;
    writeln!(
        f,
        "  seed {seed}, policy {policy}, virtual time {time:?}, step {steps}, hash {hash:016x}"
    )?;
    if last_step < time {
        writeln!(
            f,
            "  no task ran after {last_step:?}: what the clock went on for woke none"
        )?;
    }
    let line = match replay_line {
        Some(line) => line.replace("{seed}", &seed.to_string()),
        None => replay_command(*seed),
    };
    match kept {
        Some(kept) => writeln!(f, "  replay: ANYRT_SIM_KEEP={kept} {line}")?,
        None => writeln!(f, "  replay: {line}")?,
    }
    if let Some(shrunk) = shrunk {
        writeln!(f, "  {shrunk}")?;
    }
    if kept.is_some() {
        write_choices(f, choices)?;
    }
    if let Some(second) = second_run(*replay) {
        writeln!(f, "  {second}")?;
        match divergence {
            Some(divergence) => write!(
                f,
                "  {}",
                divergence.to_string().replace('\n', "\n  ").trim_end()
            )?,
            None => write!(
                f,
                "  a third run took the course of the second, so what differed was there at the first run alone"
            )?,
        }
        writeln!(f)?;
    }
    let mut others = panics.iter().filter(|panic| !panic.is_told_by(message));
    if let Some(first) = others.next() {
        writeln!(f, "  panics of tasks before:")?;
        for panic in std::iter::once(first).chain(others) {
            writeln!(f, "    {}", indented(&indented(&panic.to_string())))?;
        }
    }
    // Of a system that is stuck, what its tasks wait for says more than what they sent.
    let is_stuck = !matches!(
        kind,
        FailureKind::Panic | FailureKind::TaskPanic | FailureKind::Error
    );
    if is_stuck {
        write_tasks(f, tasks)?;
        write_messages(f, diagram)?;
    } else {
        write_messages(f, diagram)?;
        write_tasks(f, tasks)?;
    }
    write_events(f, events)
}

fn write_choices(f: &mut fmt::Formatter<'_>, choices: &[Vec<String>; 2]) -> fmt::Result {
    let [faults, others] = choices;
    if faults.is_empty() && others.is_empty() {
        return writeln!(
            f,
            "  it takes no choice of the seed: tasks run in the order in which they became ready"
        );
    }
    match faults.is_empty() {
        true => writeln!(f, "  no fault remains")?,
        false => writeln!(f, "  the faults that remain:")?,
    }
    write_some(f, faults)?;
    if others.is_empty() {
        return writeln!(
            f,
            "  nothing else: tasks run in the order in which they became ready"
        );
    }
    writeln!(
        f,
        "  what else it takes, beside tasks that run in the order in which they became ready:"
    )?;
    write_some(f, others)
}

fn write_some(f: &mut fmt::Formatter<'_>, choices: &[String]) -> fmt::Result {
    for choice in choices.iter().take(CHOICES) {
        writeln!(f, "    {choice}")?;
    }
    match choices.len().saturating_sub(CHOICES) {
        0 => Ok(()),
        more => writeln!(f, "    … and {more} more"),
    }
}

/// A text of several lines, all but the first indented.
fn indented(text: &str) -> String {
    text.trim_end().replace('\n', "\n    ")
}

fn write_messages(f: &mut fmt::Formatter<'_>, diagram: &str) -> fmt::Result {
    if diagram.is_empty() {
        return Ok(());
    }
    writeln!(
        f,
        "  the last messages between hosts, and what programs noted:"
    )?;
    for line in diagram.lines() {
        writeln!(f, "    {line}")?;
    }
    Ok(())
}

fn write_events(f: &mut fmt::Formatter<'_>, events: &[Event]) -> fmt::Result {
    writeln!(f, "  the last events:")?;
    for event in &events[events.len().saturating_sub(EVENTS)..] {
        writeln!(f, "    {event}")?;
    }
    Ok(())
}

/// What the reader has to know of the second run, which is nothing where it was the same.
fn second_run(replay: Option<Replay>) -> Option<&'static str> {
    let (passed, differed) = (
        "the seed passed when it was run again, alone, so it does not decide alone: the likely cause is what runs in one \
         process share, that is, statics, thread-locals and caches; `ANYRT_SIM_THREADS=1` runs one seed at a time, \
         `check_determinism` names the first event that differs",
        "the seed failed in another manner when it was run again, alone: the likely cause is what runs in one process share, \
         that is, statics, thread-locals and caches; `check_determinism` names the first event that differs",
    );
    match replay {
        None | Some(Replay::Same) => None,
        Some(Replay::Passed) => Some(passed),
        Some(Replay::Differed) => Some(differed),
    }
}

fn or_dash(cell: Option<String>) -> String {
    cell.unwrap_or_else(|| "-".to_owned())
}

/// The table of tasks: its head, and a row for each.
pub(crate) fn table(tasks: &[TaskInfo]) -> Vec<[String; 7]> {
    let head = [
        "task",
        "name",
        "spawned at",
        "polls",
        "last poll",
        "last woken",
        "state",
    ];
    let rows = tasks.iter().map(|task| {
        [
            task.id().to_string(),
            match (task.group(), task.name()) {
                (Some(group), name) => format!("{group}/{}", name.unwrap_or("-")),
                (None, name) => name.unwrap_or("-").to_owned(),
            },
            task.location().to_string(),
            task.polls().to_string(),
            or_dash(task.last_poll().map(|at| format!("{at:?}"))),
            or_dash(task.last_wake().map(|(at, by)| format!("{at:?} by {by}"))),
            match task.waits_for() {
                Some(waits) => waits.to_owned(),
                None => task.state().to_string(),
            },
        ]
    });
    std::iter::once(head.map(str::to_owned))
        .chain(rows)
        .collect()
}

fn write_tasks(f: &mut fmt::Formatter<'_>, tasks: &[TaskInfo]) -> fmt::Result {
    if tasks.is_empty() {
        return writeln!(f, "  no task was left");
    }
    writeln!(f, "  the tasks that were left:")?;
    let rows = table(tasks);
    let mut widths = [0; 7];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    for row in rows {
        let mut line = String::from("  ");
        for (width, cell) in widths.iter().zip(&row) {
            line.push_str(&format!("  {cell:<width$}"));
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    for task in tasks {
        if let Some(backtrace) = task.woken_at() {
            writeln!(f, "  task {} was woken last at:\n{backtrace}", task.id())?;
        }
    }
    Ok(())
}

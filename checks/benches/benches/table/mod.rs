//! A table of native code beside the layer, printed row by row, and the page that holds it.

use std::fmt::{self, Write as _};
use std::fs;
use std::path::Path;

use anyrt_benches::wall::{Machine, Summary};

/// How much faster the layer is, from rounds that alternate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ratio {
    /// The median of the native rounds, in what they measure.
    pub(crate) native: f64,
    /// Ours by native, round by round.
    pub(crate) ratio: Summary,
}

impl Ratio {
    /// Runs `rounds` of each, one after the other, and which is first alternates. One round of each comes before and is not counted.
    pub(crate) fn of(
        rounds: usize,
        mut native: impl FnMut() -> f64,
        mut ours: impl FnMut() -> f64,
    ) -> Self {
        native();
        ours();
        let pairs: Vec<(f64, f64)> = (0..rounds)
            .map(|round| match round % 2 {
                0 => {
                    let first = native();
                    (first, ours())
                }
                _ => {
                    let first = ours();
                    (native(), first)
                }
            })
            .collect();
        Self {
            native: Summary::of(pairs.iter().map(|&(native, _)| native).collect()).median,
            ratio: Summary::of(pairs.iter().map(|&(native, ours)| ours / native).collect()),
        }
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { low, median, high } = self.ratio;
        write!(f, "{median:.2} [{low:.2}, {high:.2}]")
    }
}

/// A page with one table. Its rows are printed as they come.
#[derive(Debug)]
pub(crate) struct Document {
    text: String,
}

impl Document {
    /// Begins the page, and prints the table's head.
    pub(crate) fn new(title: &str, command: &str, about: &str, columns: &[&str]) -> Self {
        let machine = Machine::read();
        let mut text =
            format!("# {title}\n\n<!-- Written by `{command}`. Do not edit. -->\n\n{about}\n\n");
        let _ = writeln!(
            text,
            "{}, {}, {} threads, {}; the machine's load was {} when the run began.\n",
            machine.date, machine.processor, machine.threads, machine.compiler, machine.load
        );
        let mut document = Self { text };
        document.row(columns);
        document.row(&vec!["---"; columns.len()]);
        document
    }

    /// Adds a row, and prints it.
    pub(crate) fn row(&mut self, cells: &[&str]) {
        let row = format!("| {} |", cells.join(" | "));
        println!("{row}");
        let _ = writeln!(self.text, "{row}");
    }

    /// Writes the page to `path`, from the repository's root.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub(crate) fn write(&self, path: &str) {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path);
        fs::write(&path, &self.text).expect("the page can be written");
    }
}

//! What a layer was asked for and does not offer, noted by the process of a case for the one that writes the page.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::{env, process};

use anyrt_conformance::CASE_VARIABLE;

/// Where the notes are; set for the processes of the cases.
const FOLDER: &str = "ANYRT_PEERS_NOTES";

/// Begins to collect notes.
///
/// The folder is found by its name, which holds the id of this process.
pub(crate) fn begin() {
    let folder = folder(process::id());
    // What an earlier process of the same id left there.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder).expect("there is a folder for temporary files");
}

/// Throws the notes away.
pub(crate) fn end() {
    // What stays is a folder for temporary files among others.
    let _ = fs::remove_dir_all(folder(process::id()));
}

fn folder(id: u32) -> PathBuf {
    env::temp_dir().join(format!("{FOLDER}-{id}"))
}

fn file(id: u32, backend: &str, rule: &str) -> PathBuf {
    let name = format!("{backend}-{rule}").replace(['/', ':', '\t'], "-");
    folder(id).join(name)
}

/// Notes that the rule asked for something that the layer does not offer, and panics.
pub(crate) fn missing(what: &str) -> ! {
    let case = env::var(CASE_VARIABLE).unwrap_or_default();
    if let Some((backend, rule)) = case.split_once('\t') {
        let path = file(std::os::unix::process::parent_id(), backend, rule);
        let file = OpenOptions::new().append(true).create(true).open(path);
        // Without the note the case counts as broken, which is seen.
        let line = format!("{what}\n");
        let _ = file.and_then(|mut file| file.write_all(line.as_bytes()));
    }
    panic!("the layer does not offer {what}")
}

/// What the rule asked for in vain.
pub(crate) fn noted(backend: &str, rule: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(file(process::id(), backend, rule)).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Whether the case that this process runs is `rule`.
pub(crate) fn is_case(rule: &str) -> bool {
    env::var(CASE_VARIABLE).is_ok_and(|case| case.ends_with(&format!("\t{rule}")))
}

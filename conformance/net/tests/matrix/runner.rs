use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long a case may take, on a machine that does other things besides.
const PATIENCE: Duration = Duration::from_secs(90);

/// How long a rule may take to see a flaw; one that hangs has seen it.
const PATIENCE_WITH_FLAWS: Duration = Duration::from_secs(25);

/// One rule on one backend.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) sentence: String,
    pub(crate) hint: String,
    /// It runs under a flaw that the rule must see.
    pub(crate) must_fail: bool,
    pub(crate) run: Box<dyn Fn()>,
}

/// Runs one case in this process.
pub(crate) fn run_one(cases: &[Case], name: &str) {
    let case = cases.iter().find(|case| case.name == name);
    (case.expect("a case of this name").run)();
    // Threads of the case may still run.
    std::process::exit(0);
}

/// Runs each case in a process of its own, and ends with an error if one fails.
pub(crate) fn run_all(cases: &[Case], filters: &[String]) {
    let filters: Vec<_> = filters
        .iter()
        .filter(|text| !text.starts_with('-'))
        .collect();
    let chosen: Vec<_> = cases
        .iter()
        .filter(|case| filters.is_empty() || filters.iter().any(|text| case.name.contains(*text)))
        .collect();
    // Most of the time of a flaw is spent waiting.
    let (flawed, sound): (Vec<&Case>, Vec<&Case>) = chosen.iter().partition(|case| case.must_fail);
    let names = |cases: &[&Case]| {
        cases
            .iter()
            .map(|case| case.name.clone())
            .collect::<Vec<_>>()
    };
    let mut verdicts = Vec::new();
    for name in names(&sound) {
        verdicts.push(run_case(&name, PATIENCE));
    }
    let flawed_names = names(&flawed);
    for batch in flawed_names.chunks(8) {
        let threads: Vec<_> = batch
            .iter()
            .cloned()
            .map(|name| std::thread::spawn(move || run_case(&name, PATIENCE_WITH_FLAWS)))
            .collect();
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().expect("watches"));
        verdicts.extend(joined);
    }
    let mut failed = 0;
    for (case, verdict) in sound.iter().chain(&flawed).zip(verdicts) {
        let failure = match (verdict, case.must_fail) {
            (Err(text), false) => Some(text),
            (Ok(()), true) => Some("survived".to_owned()),
            _ => None,
        };
        if let Some(text) = failure {
            failed += 1;
            let (name, sentence, hint) = (&case.name, &case.sentence, &case.hint);
            println!("FAILED {name}: {sentence}\n{text}\n  {hint}\n");
        }
    }
    let passed = chosen.len() - failed;
    println!("test result: {passed} passed, {failed} failed");
    if failed > 0 {
        std::process::exit(1);
    }
}

fn run_case(name: &str, patience: Duration) -> Result<(), String> {
    let program = std::env::current_exe().expect("this program has a path");
    let mut child = Command::new(program)
        .args(["--case", name])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this program starts again");
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().expect("the child is ours") {
            Some(status) => break Some(status),
            None if begun.elapsed() > patience => {
                child.kill().expect("the child is ours");
                break None;
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    let output = child.wait_with_output().expect("the child ended");
    match status {
        Some(status) if status.success() => Ok(()),
        Some(_) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        None => Err(format!("hung for {patience:?}")),
    }
}

use std::env;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;


use serde::{Deserialize, Serialize};

use super::print::rust_code;
use super::program::Program;
use super::run::{compare, fitting};
use super::shrink::shrink;
use crate::kit::now;
use crate::{Backend, FindBackend, Verdict, capability, run_job};

/// The environment variable by which this program learns that it is to run programs and nothing else.
const JOB_VARIABLE: &str = "ANYRT_CONFORMANCE_PROGRAMS";

/// How many seeds a process runs.
const BATCH: u64 = 25;

/// How long a program that is being made smaller may take before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often a smaller program is tried before it counts as one without a difference.
const TRIES: u32 = 3;

/// How long one program is made smaller, at the most.
const SHRINKING: Duration = Duration::from_secs(60);

/// A search for a program that a runtime gets wrong.
#[derive(Clone, Debug)]
pub struct Search {
    /// The first seed.
    pub seed: u64,
    /// How many seeds, one after another.
    pub iterations: u64,
    /// Whether programs run in processes of their own: this program, started again.
    pub isolated: bool,
    /// How many processes run at once.
    pub jobs: usize,
    /// How long a program may take before it counts as hung.
    pub limit: Duration,
}

impl Default for Search {
    fn default() -> Self {
        Self {
            seed: 0,
            iterations: 200,
            isolated: true,
            jobs: thread::available_parallelism().map_or(1, NonZero::get),
            limit: Duration::from_secs(10),
        }
    }
}

/// A program that a runtime gets wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The key of the backend.
    pub backend: String,
    /// Whether its tasks stay on one thread.
    pub local: bool,
    /// The seed that gave the program.
    pub seed: u64,
    /// What the model does not allow, with the program of the seed.
    pub differences: Vec<String>,
    /// The same with the smaller program.
    pub shrunk_differences: Vec<String>,
    /// The program, as small as it got.
    pub program: Program,
}

/// What a process is to do.
#[derive(Debug, Serialize, Deserialize)]
struct Job {
    backend: String,
    limit: Duration,
    work: Work,
}

#[derive(Debug, Serialize, Deserialize)]
enum Work {
    /// Runs the programs of these seeds until one differs.
    Seeds(u64, u64),
    /// Runs one program that many times, or until it differs.
    Program(Program, u32),
}

impl Work {
    /// How many programs there are to run.
    fn programs(&self) -> u32 {
        match self {
            Self::Seeds(first, end) => u32::try_from(end - first).unwrap_or(u32::MAX),
            Self::Program(_, tries) => *tries,
        }
    }

    /// The first seed or try that differs, and how.
    fn run(&self, backend: &Backend, limit: Duration) -> Option<(u64, Vec<String>)> {
        let one = |number, program: &Program| {
            let found = compare(program, backend, limit);
            (!found.is_empty()).then_some((number, found))
        };
        match self {
            Self::Seeds(first, end) => {
                (*first..*end).find_map(|seed| one(seed, &Program::random(seed)))
            }
            Self::Program(program, tries) => {
                (0..*tries).find_map(|number| one(number.into(), program))
            }
        }
    }
}

/// Does what the environment asks for, if it asks for programs to be run.
pub fn child(find_backend: FindBackend<'_>) -> Option<Verdict> {
    let job = env::var(JOB_VARIABLE).ok()?;
    let job: Job = match serde_json::from_str(&job) {
        Ok(job) => job,
        Err(error) => return Some(Err(format!("no programs to run: {error}"))),
    };
    let Some(backend) = find_backend(&job.backend) else {
        return Some(Err(format!(
            "this program has no backend {:?}",
            job.backend
        )));
    };
    let found = job.work.run(&backend, job.limit);
    Some(Ok(Some(
        serde_json::to_string(&found).expect("texts and numbers are valid JSON"),
    )))
}

impl Search {
    /// Searches on each of `backends` until one program differs there, and calls `done` with each number of programs run.
    ///
    /// The findings are in the order of the backends: at most one for each, with the lowest seed that any batch came upon.
    pub fn run(&self, backends: &[Backend], done: impl Fn(&Backend, u64) + Sync) -> Vec<Finding> {
        let jobs = if self.isolated { self.jobs.max(1) } else { 1 };
        let next = AtomicUsize::new(0);
        let findings = Mutex::new(Vec::new());
        thread::scope(|scope| {
            for _ in 0..jobs.min(backends.len()) {
                scope.spawn(|| {
                    while let Some((at, backend)) = {
                        let at = next.fetch_add(1, Ordering::Relaxed);
                        backends.get(at).map(|it| (at, it))
                    } {
                        let finding = self.run_one(backend, |ran| done(backend, ran));
                        let mut findings = findings.lock().unwrap_or_else(PoisonError::into_inner);
                        findings.extend(finding.map(|it| (at, it)));
                    }
                });
            }
        });
        let mut findings = findings
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        findings.sort_by_key(|(at, _)| *at);
        findings.into_iter().map(|(_, it)| it).collect()
    }

    /// Searches on one backend, and makes what it finds smaller.
    pub fn run_one(&self, backend: &Backend, done: impl Fn(u64)) -> Option<Finding> {
        let (seed, differences) = self.first(backend, done)?;
        let program = fitting(&Program::random(seed), backend);
        let end = now() + SHRINKING;
        let mut last = differences.clone();
        let program = shrink(program, |smaller| {
            if now() > end {
                return false;
            }
            let work = Work::Program(smaller.clone(), TRIES);
            let found = self.attempt(backend, work, self.limit.min(PATIENCE));
            if let Some((_, found)) = found {
                last = found;
                return true;
            }
            false
        });
        Some(Finding {
            backend: backend.key().to_owned(),
            local: backend.has(capability::Local),
            seed,
            differences,
            shrunk_differences: last,
            program,
        })
    }

    /// The first seed whose program differs, and how.
    pub fn first(&self, backend: &Backend, done: impl Fn(u64)) -> Option<(u64, Vec<String>)> {
        let end = self.seed.saturating_add(self.iterations);
        let mut first = self.seed;
        while first < end {
            let next = first.saturating_add(BATCH).min(end);
            if let Some((seed, found)) = self.attempt(backend, Work::Seeds(first, next), self.limit)
            {
                return Some(match seed {
                    Some(seed) => (seed, found),
                    None => self.culprit(backend, first..next).unwrap_or((first, found)),
                });
            }
            done(next - first);
            first = next;
        }
        None
    }

    /// The first of `seeds` that differs alone: for a batch whose process died without a word about the seed.
    fn culprit(&self, backend: &Backend, seeds: Range<u64>) -> Option<(u64, Vec<String>)> {
        seeds.into_iter().find_map(|seed| {
            let one = Work::Program(Program::random(seed), 1);
            let (_, found) = self.attempt(backend, one, self.limit)?;
            Some((seed, found))
        })
    }

    /// Runs `work`, in a process of its own if asked to. What differs comes with its seed or try, if that is known.
    fn attempt(
        &self,
        backend: &Backend,
        work: Work,
        limit: Duration,
    ) -> Option<(Option<u64>, Vec<String>)> {
        let found = if self.isolated {
            self.attempt_isolated(backend, work, limit)
        } else {
            Ok(work.run(backend, limit))
        };
        match found {
            Ok(found) => found.map(|(number, found)| (Some(number), found)),
            Err(failure) => Some((None, vec![failure])),
        }
    }

    fn attempt_isolated(
        &self,
        backend: &Backend,
        work: Work,
        limit: Duration,
    ) -> Result<Option<(u64, Vec<String>)>, String> {
        let whole = limit.saturating_mul(work.programs().saturating_add(1));
        let job = Job {
            backend: backend.key().to_owned(),
            limit,
            work,
        };
        let json = serde_json::to_string(&job).expect("texts and numbers are valid JSON");
        let found = run_job(JOB_VARIABLE, &json, whole)?;
        serde_json::from_str(&found.unwrap_or_default())
            .map_err(|error| format!("its process gave no result: {error}"))
    }
}

impl Finding {
    /// The program as Rust code, below what is wrong and the line that replays it.
    pub fn rust_code(&self) -> String {
        let Self { backend, seed, .. } = self;
        let mut code = format!(
            "// Seed {seed} differs on {backend}. To replay it:\n\
             //     conformance differential --backend '{backend}' --seed {seed} --iterations 1\n"
        );
        for difference in &self.shrunk_differences {
            code.push_str("// - ");
            code.push_str(&difference.replace('\n', "\n//   "));
            code.push('\n');
        }
        code + &rust_code(&self.program, self.local)
    }
}

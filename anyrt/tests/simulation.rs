//! The feature `sim`: tests under seeds, and programs in virtual time.

use std::cell::RefCell;
use std::error::Error;
use std::process::{Command, ExitCode};
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use std::{env, io};

use anyrt::AnyRuntime;
use anyrt::prelude::*;

const HOUR: Duration = Duration::from_secs(3600);

/// What a child runs, by the name of its test.
const CHILD: &str = "ANYRT_TEST_CHILD";

fn is_child(case: &str) -> bool {
    env::var(CHILD).is_ok_and(|name| name == case)
}

/// Runs a test of this program in a process of its own: the environment is the whole process's.
fn child(case: &str, environment: &[(&str, &str)]) -> (bool, String) {
    let output = Command::new(env::current_exe().expect("a test knows its program"))
        .args(["--exact", case, "--nocapture"])
        .env_remove("ANYRT_RUNTIME")
        .env_remove("ANYRT_SIM_SEED")
        .env_remove("ANYRT_SIM_ITERS")
        .env(CHILD, case)
        .envs(environment.iter().copied())
        .output()
        .expect("a test can start itself");
    let streams = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&streams).into_owned();
    assert!(text.contains("1 test"), "{case} did not run: {text}");
    (output.status.success(), text)
}

#[anyrt::test]
async fn an_unnamed_test_includes_the_simulation(rt: impl Runtime) {
    rt.spawn(async {}).await.unwrap();
}

#[test]
fn an_unnamed_test_is_called_after_the_simulation() {
    let (succeeded, text) = child("an_unnamed_test_includes_the_simulation::sim", &[]);
    assert!(succeeded && text.contains("64 seeds passed"), "{text}");
}

#[anyrt::test(sim)]
async fn an_hour_takes_no_time(sim: anyrt::sim::Sim) {
    sim.sleep(HOUR).await;
    assert_eq!(sim.elapsed(), HOUR);
}

#[anyrt::test(sim)]
async fn passes_the_handle_erased(rt: AnyRuntime) -> Result<(), Box<dyn Error>> {
    assert_eq!(rt.spawn(async { 3 }).await?, 3);
    Ok(())
}

#[anyrt::test(sim)]
async fn runtime_is_the_tests_own() {
    let rt = anyrt::runtime().unwrap();
    let name = rt.spawn(async { format!("{:?}", anyrt::runtime()) });
    assert!(name.await.unwrap().contains("Sim"));
}

#[anyrt::test(sim, local)]
async fn local_tasks_are_on_the_same_handle(rt: impl LocalRuntime) {
    let word: Rc<str> = "moin".into();
    assert_eq!(rt.spawn_local(async move { word.len() }).await.unwrap(), 4);
}

#[anyrt::test(sim)]
#[should_panic(expected = "deliberate")]
async fn should_panic_is_kept() {
    panic!("deliberate");
}

/// All seeds on one thread, one after another.
#[anyrt::test(sim, sim_threads = 1)]
async fn seeds_share_a_thread(sim: anyrt::sim::Sim) {
    static THREADS: Mutex<Vec<std::thread::ThreadId>> = Mutex::new(Vec::new());
    let here = std::thread::current().id();
    let mut threads = THREADS.lock().unwrap();
    threads.push(here);
    assert!(
        threads.iter().all(|thread| *thread == here),
        "seed {}",
        sim.seed()
    );
}

/// Each seed says in which process it ran.
#[anyrt::test(sim, sim_iterations = 40, sim_processes = 2)]
async fn processes_run_the_seeds(sim: anyrt::sim::Sim) {
    if let Some(file) = env::var_os(SEEDS_FILE) {
        use std::io::Write as _;

        let line = format!("{} {}\n", std::process::id(), sim.seed());
        let file = std::fs::OpenOptions::new().append(true).open(file);
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .unwrap();
    }
}

/// The file to which the seeds of a child are written.
const SEEDS_FILE: &str = "ANYRT_TEST_SEEDS_FILE";

#[test]
fn each_seed_runs_once_and_not_in_the_process_of_the_test() {
    let file = env::temp_dir().join(format!("anyrt-seeds-{}", std::process::id()));
    std::fs::write(&file, "").unwrap();
    let path = file.to_str().expect("a temporary folder has a plain name");
    let case = "processes_run_the_seeds::sim";
    let (succeeded, text) = child(case, &[(SEEDS_FILE, path)]);
    assert!(succeeded && text.contains("40 seeds passed"), "{text}");
    let lines = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    let ran = lines.lines().filter_map(|line| line.split_once(' '));
    let (processes, mut seeds): (Vec<&str>, Vec<u64>) = ran
        .map(|(id, seed)| (id, seed.parse::<u64>().unwrap()))
        .unzip();
    seeds.sort_unstable();
    assert_eq!(seeds, (0..40).collect::<Vec<_>>());
    let distinct: std::collections::BTreeSet<_> = processes.into_iter().collect();
    assert!(
        distinct.len() > 1,
        "one process ran all of them: {distinct:?}"
    );
}

#[anyrt::test(sim, sim_iterations = 7)]
async fn seven_seeds() {}

#[test]
fn an_argument_sets_seeds_and_the_environment_wins() {
    let (succeeded, text) = child("seven_seeds::sim", &[]);
    assert!(succeeded && text.contains("7 seeds passed"), "{text}");
    let (succeeded, text) = child("seven_seeds::sim", &[("ANYRT_SIM_ITERS", "3")]);
    assert!(succeeded && text.contains("3 seeds passed"), "{text}");
}

#[anyrt::test(sim, sim_time_limit = "60s")]
#[should_panic(expected = "the time limit was reached")]
async fn a_run_that_takes_too_long_fails(rt: impl Runtime) {
    rt.sleep(HOUR).await;
}

#[anyrt::test(sim, sim_lateness = "5ms")]
#[should_panic(expected = "a millisecond to spare")]
async fn sleeps_may_be_late(sim: anyrt::sim::Sim) {
    sim.sleep(HOUR).await;
    let latest = HOUR + Duration::from_millis(1);
    assert!(sim.elapsed() <= latest, "a millisecond to spare");
}

/// Of fifty noes and yeses two are enough.
#[anyrt::test(sim, sim_shrink = 100)]
#[should_panic(expected = "ANYRT_SIM_KEEP=c")]
async fn a_failing_run_is_shrunk(sim: anyrt::sim::Sim) {
    let yes = (0..50).filter(|_| sim.chance(0.5)).count();
    assert!(yes < 2, "two faults are too many");
}

#[cfg(feature = "sim-tracing")]
#[test]
fn the_layer_of_tracing_is_in_the_facade() {
    let _layer = anyrt::sim::tracing::Recorder::new();
}

#[anyrt::test(sim, unheard_panics = "fail")]
#[should_panic(expected = "deliberate")]
async fn a_panic_that_nobody_hears_fails_the_test(rt: impl Runtime) {
    rt.spawn_detached(async { panic!("deliberate") });
    rt.sleep(HOUR).await;
}

#[anyrt::test(sim, unheard_panics = "fail")]
async fn a_watched_handle_has_the_wall_clock_of_its_runtime(rt: impl Runtime) {
    let before = rt.system_time();
    rt.sleep(HOUR).await;
    assert!(rt.system_time() >= before + HOUR);
}

#[anyrt::test(sim)]
async fn counts_its_seeds(sim: anyrt::sim::Sim) {
    static SEEDS: Mutex<Vec<u64>> = Mutex::new(Vec::new());
    if is_child("counts_its_seeds::sim") {
        let mut seeds = SEEDS.lock().unwrap();
        seeds.push(sim.seed());
        eprintln!("ran: {seeds:?}");
    }
}

#[test]
fn the_environment_sets_seeds() {
    let case = "counts_its_seeds::sim";
    let (succeeded, text) = child(case, &[("ANYRT_SIM_ITERS", "5")]);
    assert!(succeeded && text.contains("5 seeds passed"), "{text}");
    let (succeeded, text) = child(case, &[("ANYRT_SIM_SEED", "1234")]);
    assert!(succeeded && text.contains("ran: [1234]\n"), "{text}");
}

/// Whether the second of two tasks runs first is the seed's to say.
#[anyrt::test(sim)]
async fn order_bug(rt: impl Runtime) {
    if is_child("order_bug::sim") {
        let first = AtomicU64::new(0);
        let first = std::sync::Arc::new(first);
        for task in [1, 2] {
            let first = first.clone();
            rt.spawn_detached(async move {
                let _ = first.compare_exchange(0, task, Ordering::Relaxed, Ordering::Relaxed);
            });
        }
        rt.sleep(HOUR).await;
        assert_eq!(first.load(Ordering::Relaxed), 1, "the second ran first");
    }
}

#[test]
fn a_failing_seed_is_printed_and_replays() {
    let (succeeded, text) = child("order_bug::sim", &[]);
    assert!(
        !succeeded && text.contains("the second ran first"),
        "{text}"
    );
    let after = text
        .split("ANYRT_SIM_SEED=")
        .nth(1)
        .expect("a line that replays");
    let seed = after.split_whitespace().next().expect("a seed");
    assert!(after.contains("--exact order_bug::sim"), "{text}");
    let (succeeded, text) = child("order_bug::sim", &[("ANYRT_SIM_SEED", seed)]);
    assert!(
        !succeeded && text.contains("the second ran first"),
        "{text}"
    );
}

#[anyrt::test(sim)]
async fn an_error() -> io::Result<()> {
    match is_child("an_error::sim") {
        true => Err(io::Error::other("found by a test")),
        false => Ok(()),
    }
}

#[anyrt::test(sim)]
async fn an_exit_code() -> ExitCode {
    match is_child("an_exit_code::sim") {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    }
}

#[test]
fn what_a_test_returns_is_judged() {
    let (succeeded, text) = child("an_error::sim", &[]);
    assert!(!succeeded && text.contains("found by a test"), "{text}");
    assert!(text.contains("ANYRT_SIM_SEED=0 "), "{text}");
    assert!(
        text.contains("the test returned an error: Custom") && !text.contains("ExitCode"),
        "{text}"
    );
    let (succeeded, text) = child("an_exit_code::sim", &[]);
    assert!(!succeeded && text.contains("ANYRT_SIM_SEED=0 "), "{text}");
}

#[anyrt::main(sim)]
async fn named(sim: anyrt::sim::Sim) -> Duration {
    let task = sim.spawn(sim.sleep(HOUR));
    task.await.unwrap();
    sim.elapsed()
}

#[anyrt::main(sim, local)]
async fn named_local(rt: impl LocalRuntime) -> Rc<RefCell<u32>> {
    let cell = Rc::new(RefCell::new(1));
    let copy = cell.clone();
    rt.spawn_local(async move { *copy.borrow_mut() += 1 })
        .await
        .unwrap();
    cell
}

#[test]
fn main_runs_in_virtual_time() {
    assert_eq!(named(), HOUR);
    assert_eq!(*named_local().borrow(), 2);
}

#[test]
fn entry_points() {
    if is_child("entry_points") {
        let elapsed = || anyrt::sim::Sim::try_current().map(|sim| sim.elapsed());
        let pause = async move {
            anyrt::runtime().unwrap().sleep(HOUR).await;
            elapsed()
        };
        assert_eq!(anyrt::run(pause), Ok(HOUR));
        assert_eq!(
            anyrt::block_on(async move { elapsed() }),
            Ok(Duration::ZERO)
        );
    }
}

#[test]
fn the_variable_names_the_simulation() {
    let (succeeded, text) = child("entry_points", &[("ANYRT_RUNTIME", "sim")]);
    assert!(succeeded, "{text}");
}

/// With the feature of one other runtime, programs stay on that.
#[test]
#[cfg(all(feature = "tokio", not(any(feature = "smol", feature = "async-std"))))]
fn the_simulation_leaves_the_only_runtime_its_place() {
    let (succeeded, text) = child("on_tokio", &[]);
    assert!(succeeded, "{text}");
}

#[test]
#[cfg(feature = "tokio")]
fn on_tokio() {
    if is_child("on_tokio") {
        let found = anyrt::block_on(async { format!("{:?}", anyrt::runtime().unwrap()) });
        assert!(found.contains("Tokio"), "{found}");
    }
}

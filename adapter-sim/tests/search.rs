//! The search for shorter runs, seeds in processes of their own, and how many courses seeds take.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::net::Faults;
use anyrt_sim::{Check, Failure, FailureKind, Policy, Replay, Sim};

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);

/// Tells the tests that do nothing else that they are the child.
const CHILD: &str = "ANYRT_TEST_CHILD";

fn is_child(test: &str) -> bool {
    std::env::var(CHILD).is_ok_and(|name| name == test)
}

/// Runs a test of this program in a process of its own: the environment is the whole process's.
fn child(test: &str, environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]);
    for name in [
        "SEED",
        "ITERS",
        "THREADS",
        "TRACE",
        "PROCESSES",
        "SHRINK",
        "KEEP",
        "PAGE",
    ] {
        command.env_remove(format!("ANYRT_SIM_{name}"));
    }
    command
        .env("RUST_BACKTRACE", "0")
        .env(CHILD, test)
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// Twenty tasks, and a bug that is seen when 4 runs before 3.
async fn four_before_three(sim: Sim) {
    let order = std::sync::Arc::new(Mutex::new(Vec::new()));
    let task = |n| {
        let order = std::sync::Arc::clone(&order);
        async move { order.lock().unwrap().push(n) }
    };
    let tasks: Vec<_> = (0..20)
        .map(|n| sim.spawn_named(&format!("t{n}"), task(n)))
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let order = order.lock().unwrap();
    let at = |wanted| order.iter().position(|&n: &i32| n == wanted);
    assert!(at(3) < at(4), "3 comes before 4");
}

#[test]
fn one_choice_of_the_schedule_is_left_and_named() {
    for policy in [Policy::Random, Policy::Pct { depth: 3 }, Policy::Lifo] {
        let check = Check::new()
            .builder(Sim::builder().policy(policy))
            .shrink(1000);
        let failure = check
            .find_failure(four_before_three)
            .expect("half of the seeds fail");
        let shrunk = failure.shrunk().expect("was asked for");
        assert!(shrunk.choices().0 > 5, "{shrunk}");
        assert_eq!(shrunk.choices().1, 1, "{policy}: {shrunk}");
        assert_eq!(failure.kind(), FailureKind::Panic);
        let report = failure.to_string();
        assert!(report.contains("replay: ANYRT_SIM_KEEP=s"), "{report}");
        assert!(report.contains(" t4 ran before #"), "{report}");
    }
}

#[test]
fn a_failure_that_takes_no_choice_says_so() {
    let failure = Check::new().shrink(100).find_failure(|sim| async move {
        let task = sim.spawn(async {});
        task.await.unwrap();
        assert_eq!(sim.seed(), u64::MAX, "always");
    });
    let report = failure.expect("always fails").to_string();
    assert!(report.contains("ANYRT_SIM_KEEP=none "), "{report}");
    assert!(
        report.contains("it takes no choice of the seed"),
        "{report}"
    );
}

async fn serve<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
    while let Ok((stream, _)) = listener.accept().await {
        rt.spawn_detached(async move {
            let _held = stream;
            std::future::pending::<()>().await
        });
    }
}

/// A client that gives up after the second attempt in a row that fails.
async fn a_client_that_gives_up(sim: Sim) {
    sim.network().loss(0.2);
    let servers = ["a", "b", "c"].map(|name| sim.host(name));
    let mut faults = Faults::new()
        .partitions(2 * SECOND, SECOND)
        .crashes(3 * SECOND, 2 * SECOND)
        .pauses(SECOND, SECOND)
        .host(&sim.host("client"));
    for server in &servers {
        server.restart(serve).detach();
        faults = faults.node(server, serve);
    }
    let _faults = sim.network().faults(faults);
    let client = sim.host("client").handle();
    let mut failed = 0;
    for n in 0..60 {
        let name = ["a", "b", "c"][n % 3];
        match client
            .timeout(300 * MS, client.connect_host(name, 80))
            .await
        {
            Ok(Ok(_)) => failed = 0,
            _ => failed += 1,
        }
        assert!(failed < 2, "gave up");
        client.sleep(200 * MS).await;
    }
}

fn shrunk_client() -> Failure {
    let failure = Check::new()
        .shrink(400)
        .find_failure(a_client_that_gives_up);
    failure.expect("faults make it give up")
}

#[test]
fn of_many_faults_few_are_left() {
    let failure = shrunk_client();
    let shrunk = failure.shrunk().expect("was asked for");
    assert!(failure.message().contains("gave up"));
    assert!(shrunk.faults().0 >= 5, "{shrunk}");
    assert!(
        shrunk.faults().1 <= 2 && shrunk.faults().1 >= 1,
        "{failure}"
    );
    assert!(shrunk.choices().1 <= shrunk.faults().1 + 2, "{failure}");
    assert!(shrunk.runs() <= 400);
}

#[test]
fn a_search_gives_up_after_its_runs_and_reports_the_best() {
    let check = |runs| {
        Check::new()
            .shrink(runs)
            .find_failure(a_client_that_gives_up)
    };
    let few = check(10).unwrap().shrunk().unwrap();
    let many = check(400).unwrap().shrunk().unwrap();
    assert_eq!(few.runs(), 10);
    assert!(many.choices().1 < few.choices().1 || few.choices() == many.choices());
    assert!(check(0).unwrap().shrunk().is_none());
}

#[test]
fn shrinks_on_request() {
    if is_child("shrinks_on_request") {
        anyrt_sim::check(a_client_that_gives_up);
    }
}

#[test]
fn what_is_left_replays_from_its_line() {
    let found = text(&child("shrinks_on_request", &[("ANYRT_SIM_SHRINK", "400")]));
    let report = |text: &str| {
        let start = text.find("  seed ").expect("a report");
        text[start..].lines().take(2).collect::<Vec<_>>().join("\n")
    };
    let after = |name: &str| {
        let after = found.split(&format!("{name}=")).nth(1).expect("a variable");
        after.split(' ').next().expect("its value").to_owned()
    };
    let (seed, kept) = (after("ANYRT_SIM_SEED"), after("ANYRT_SIM_KEEP"));
    let environment = [("ANYRT_SIM_SEED", seed.as_str()), ("ANYRT_SIM_KEEP", &kept)];
    let again = text(&child("shrinks_on_request", &environment));
    // Policy, time, step and hash, and the line itself.
    assert_eq!(report(&again), report(&found));
    let alone = child("shrinks_on_request", &[("ANYRT_SIM_KEEP", kept.as_str())]);
    assert!(text(&alone).contains("ANYRT_SIM_KEEP is set without ANYRT_SIM_SEED"));
    let wrong = [
        ("ANYRT_SIM_SEED", seed.as_str()),
        ("ANYRT_SIM_KEEP", "f1 f2"),
    ];
    assert!(
        text(&child("shrinks_on_request", &wrong))
            .contains("the environment variable ANYRT_SIM_KEEP is")
    );
}

static RUNS: AtomicU64 = AtomicU64::new(0);

#[test]
fn counts_in_a_static() {
    if is_child("counts_in_a_static") {
        Check::new().iterations(100).run(|_| async {
            // Within a part of the seeds it may go up, and no further.
            let runs = RUNS.fetch_add(1, Ordering::Relaxed);
            assert!(runs < 20, "shared by too many seeds");
        });
    }
}

#[test]
fn statics_are_not_shared_by_processes() {
    let shared = child("counts_in_a_static", &[]);
    assert!(
        text(&shared).contains("shared by too many seeds"),
        "{}",
        text(&shared)
    );
    let apart = child("counts_in_a_static", &[("ANYRT_SIM_PROCESSES", "3")]);
    assert!(apart.status.success(), "{}", text(&apart));
    let text = text(&apart);
    assert!(
        text.contains("anyrt-sim: 100 seeds passed (100 steps"),
        "{text}"
    );
    assert!(text.contains("different course"), "{text}");
}

#[test]
fn fails_at_57() {
    if is_child("fails_at_57") {
        // Checks before it pass in the children of the next.
        Check::new().iterations(3).run(|_| async {});
        Check::new().iterations(100).run(|sim| async move {
            sim.sleep(SECOND).await;
            assert!(sim.seed() < 57, "from 57 on: a \\ and a\nline");
        });
    }
}

#[test]
fn the_lowest_seed_that_fails_in_processes_is_reported_by_this_one() {
    for processes in ["2", "5"] {
        let output = child("fails_at_57", &[("ANYRT_SIM_PROCESSES", processes)]);
        assert!(!output.status.success());
        let text = text(&output);
        let header = "anyrt-sim: seed 57 failed, ";
        assert!(text.contains(header), "{text}");
        assert!(text.contains("ANYRT_SIM_SEED=57 "), "{text}");
        assert!(
            !text.contains("again"),
            "it failed in the same manner: {text}"
        );
    }
}

#[test]
fn ends_the_process_at_31() {
    if is_child("ends_the_process_at_31") {
        Check::new()
            .iterations(64)
            .processes(2)
            .run(|sim| async move {
                println!("a line of {}", sim.seed());
                if sim.seed() == 31 {
                    eprintln!("the last words");
                    println!("the last line of {}", sim.seed());
                    std::process::abort();
                }
            });
    }
}

#[test]
fn a_seed_that_ends_its_process_is_named() {
    let output = child("ends_the_process_at_31", &[]);
    assert!(!output.status.success());
    let text = text(&output);
    assert!(
        text.contains("anyrt-sim: seed 31 ended its process ("),
        "{text}"
    );
    assert!(text.contains("the last words"), "{text}");
    let printed = "what it printed last:\na line of 31\nthe last line of 31\n";
    assert!(text.contains(printed), "{text}");
    assert!(text.contains("replay: ANYRT_SIM_SEED=31 "), "{text}");
}

#[test]
fn fails_once_in_a_process() {
    if is_child("fails_once_in_a_process") {
        static WARM: OnceLock<()> = OnceLock::new();
        Check::new()
            .iterations(64)
            .processes(2)
            .run(|sim| async move {
                let is_cold = sim.seed() > 0
                    && WARM.set(()).is_ok()
                    && std::env::var("ANYRT_SIM_PART").is_ok();
                println!("is cold: {is_cold}");
                assert!(!is_cold, "a cold cache");
            });
    }
}

#[test]
fn a_seed_that_fails_in_a_process_of_its_own_alone_names_statics() {
    let text = text(&child("fails_once_in_a_process", &[]));
    assert!(
        text.contains("failed in a process of its own and passed in this one"),
        "{text}"
    );
    assert!(text.contains("a cold cache"), "{text}");
    let printed = "what it printed last:\nis cold: true\n";
    assert!(text.contains(printed), "{text}");
}

#[test]
fn progress_of_processes_is_shown() {
    if is_child("progress_of_processes_is_shown") {
        Check::new().iterations(6).processes(2).run(|_| async {
            std::thread::sleep(Duration::from_millis(400));
        });
        return;
    }
    let text = text(&child("progress_of_processes_is_shown", &[]));
    assert!(text.contains(", of 6\n"), "{text}");
    assert!(text.contains("anyrt-sim: 6 seeds passed"), "{text}");
}

#[test]
fn zero_processes_are_refused() {
    let text = text(&child("fails_at_57", &[("ANYRT_SIM_PROCESSES", "0")]));
    assert!(
        text.contains("ANYRT_SIM_PROCESSES is \"0\", and not in how many processes"),
        "{text}"
    );
}

#[test]
fn courses_are_counted_by_time_and_by_order() {
    let two_tasks = |sim: Sim| async move {
        let (one, other) = (sim.spawn(async {}), sim.spawn(async {}));
        let wait = sim.rng().duration(SECOND);
        sim.sleep(wait).await;
        one.await.unwrap();
        other.await.unwrap();
    };
    let fifo = Check::new().builder(Sim::builder().policy(Policy::Fifo));
    let survey = fifo.iterations(50).survey(two_tasks);
    // Each seed has a time of its own, and all have one order.
    assert_eq!(
        (survey.coverage().courses(), survey.coverage().orders()),
        (50, 1)
    );
    let random = Check::new().builder(Sim::builder().policy(Policy::Random));
    let survey = random.iterations(200).survey(two_tasks);
    assert!((2..=6).contains(&survey.coverage().orders()), "{survey}");
    assert!(
        survey.to_string().contains("200 different courses, "),
        "{survey}"
    );
}

#[test]
fn figures_do_not_depend_on_threads() {
    let coverage = |threads| {
        let check = Check::new().iterations(2500).threads(threads);
        check
            .survey(|sim| async move {
                sim.sleep(MS * (sim.seed() % 1200) as u32).await;
                if sim.seed() > 2000 {
                    anyrt_core::yield_now().await
                }
            })
            .coverage()
            .clone()
    };
    let one = coverage(1);
    assert_eq!(one, coverage(4));
    assert_eq!(one.new_per_thousand().len(), 3);
    assert_eq!(one.new_per_thousand().iter().sum::<u64>(), one.orders());
    assert_eq!(one.new_per_thousand()[1], 0);
}

#[test]
fn two_later_runs_that_part_are_in_the_report() {
    let runs = AtomicU64::new(0);
    let check = Check::new().threads(1).iterations(2);
    let failure = check.find_failure(|sim| {
        let run = runs.fetch_add(1, Ordering::Relaxed);
        async move {
            for _ in 0..run {
                anyrt_core::yield_now().await;
            }
            assert_eq!(sim.seed(), u64::MAX, "always");
        }
    });
    let failure = failure.unwrap();
    assert_eq!(failure.replay(), Some(Replay::Differed));
    let divergence = failure
        .divergence()
        .expect("the second and the third run differ");
    assert!(divergence.index() > 2);
    let report = failure.to_string();
    assert!(
        report.contains("two runs under seed 0 differ after"),
        "{report}"
    );
    assert!(
        report.contains("suspects, the likeliest first:"),
        "{report}"
    );
}

#[test]
fn a_first_run_that_alone_differed_is_said_to_be_that() {
    let runs = AtomicU64::new(0);
    let failure = Check::new().threads(1).find_failure(|_| async {
        assert_ne!(runs.fetch_add(1, Ordering::Relaxed), 5, "the sixth run");
    });
    let failure = failure.unwrap();
    assert!(failure.divergence().is_none());
    assert!(
        failure
            .to_string()
            .contains("a third run took the course of the second"),
        "{failure}"
    );
}

#[test]
fn a_shorter_run_is_not_looked_for_where_a_seed_does_not_replay() {
    let runs = AtomicU64::new(0);
    let failed = catch_unwind(AssertUnwindSafe(|| {
        Check::new().threads(1).shrink(100).find_failure(|_| async {
            assert_ne!(runs.fetch_add(1, Ordering::Relaxed), 5, "the sixth run");
        })
    }));
    let failure = failed.unwrap().unwrap();
    assert!(failure.shrunk().is_none());
    // The first six, and the second and third run of the one that failed.
    assert_eq!(runs.into_inner(), 8);
}

/// Two hosts that are paused again and again, and a race at the end that goes wrong while one of them is.
async fn a_race_beside_a_pause(sim: Sim) {
    let hosts = ["a", "b"].map(|name| sim.host(name));
    let beats = std::sync::Arc::new(AtomicU64::new(0));
    for host in &hosts {
        let beats = std::sync::Arc::clone(&beats);
        host.restart(|rt| async move {
            loop {
                rt.sleep(50 * MS).await;
                beats.fetch_add(1, Ordering::Relaxed);
            }
        })
        .detach();
    }
    let faults = Faults::new().pauses(SECOND / 2, SECOND);
    let faults = faults.host(&hosts[0]).host(&hosts[1]);
    let _faults = sim.network().faults(faults);
    sim.sleep(9 * SECOND).await;
    let before = beats.load(Ordering::Relaxed);
    sim.sleep(120 * MS).await;
    let beaten = beats.load(Ordering::Relaxed) - before;
    let order = std::sync::Arc::new(Mutex::new(Vec::new()));
    let task = |n| {
        let order = std::sync::Arc::clone(&order);
        async move { order.lock().unwrap().push(n) }
    };
    let tasks = [1, 2, 3, 4].map(|n| sim.spawn(task(n)));
    for task in tasks {
        task.await.unwrap();
    }
    let is_reversed = order.lock().unwrap().last() == Some(&1);
    assert!(!(is_reversed && beaten <= 2), "the race");
}

#[test]
fn faults_that_were_over_before_go_although_they_shift_the_schedule() {
    let policy = Sim::builder().policy(Policy::Random);
    let check = Check::new().builder(policy).shrink(600);
    let failure = check.find_failure(a_race_beside_a_pause);
    let failure = failure.expect("a pause and an order");
    let shrunk = failure.shrunk().expect("was asked for");
    assert!(shrunk.faults().0 >= 8, "{shrunk}");
    assert_eq!(shrunk.faults().1, 1, "{failure}");
    let report = failure.to_string();
    let mut lines = report
        .lines()
        .skip_while(|line| *line != "  the faults that remain:");
    let fault = lines.nth(1).expect("one remains");
    assert!(
        fault.contains(" a pause of ") && fault.contains(", for "),
        "{report}"
    );
    // It is the last one, and not one that was over.
    assert!(fault.trim_start().starts_with(['8', '9']), "{report}");
}

#[test]
fn a_chance_that_remains_says_where_it_was_taken() {
    let failure = Check::new().shrink(100).find_failure(|sim| async move {
        let yes = (0..50).filter(|_| sim.chance(0.5)).count();
        assert!(yes < 2, "two faults are too many");
    });
    let report = failure.expect("half of them").to_string();
    let said = report.matches("`Sim::chance` said yes at adapter-sim/tests/search.rs:");
    assert_eq!(said.count(), 2, "{report}");
    assert!(
        report.contains("nothing else: tasks run in the order"),
        "{report}"
    );
}

#[test]
fn panics_when_it_runs() {
    if is_child("panics_when_it_runs") {
        Check::new().run(|sim| async move { assert_eq!(sim.seed(), u64::MAX, "the test ran") });
    }
}

#[test]
fn a_wrong_value_is_refused_before_any_seed_is_run() {
    for (name, value, permitted) in [
        ("SEED", "x", "the seed that a report names"),
        ("ITERS", "0", "how many seeds to run"),
        ("THREADS", "-1", "on how many threads"),
        ("PROCESSES", "0", "in how many processes"),
        ("SHRINK", "yes", "how many runs the search"),
        ("KEEP", "f1 f2", "the choices that a report names"),
        ("TRACE", "yes", "1 for backtraces"),
        (
            "PAGE",
            "no/such/folder/run.html",
            "a file in a folder that is there",
        ),
        ("PART", "1 2", "what a check gives to the processes"),
    ] {
        let name = format!("ANYRT_SIM_{name}");
        let output = child("panics_when_it_runs", &[(&name, value)]);
        assert!(!output.status.success(), "{name}");
        let text = text(&output);
        let refused = format!("the environment variable {name} is {value:?}, and not {permitted}");
        assert!(text.contains(&refused), "{text}");
        assert!(!text.contains("the test ran"), "{text}");
    }
    assert!(text(&child("panics_when_it_runs", &[])).contains("the test ran"));
}

#[test]
fn a_variable_that_is_misspelt_is_refused_with_the_name_that_is_meant() {
    for (name, meant) in [
        ("ANYRT_SIM_SEDE", "did you mean ANYRT_SIM_SEED?"),
        ("ANYRT_SIM_ITER", "did you mean ANYRT_SIM_ITERS?"),
        ("ANYRT_SIM_SHIRNK", "did you mean ANYRT_SIM_SHRINK?"),
        (
            "ANYRT_SIM_TIME_LIMIT",
            "those of the simulation are ANYRT_SIM_SEED, ANYRT_SIM_ITERS, ",
        ),
    ] {
        let output = child("panics_when_it_runs", &[(name, "5")]);
        assert!(!output.status.success(), "{name}");
        let text = text(&output);
        let refused = format!("there is no environment variable {name}");
        assert!(text.contains(&refused) && text.contains(meant), "{text}");
        assert!(!text.contains("the test ran"), "{text}");
    }
    // One that is empty counts as unset.
    let output = child("panics_when_it_runs", &[("ANYRT_SIM_SEDE", "")]);
    assert!(text(&output).contains("the test ran"));
}

#[test]
fn a_shorter_run_fails_in_the_manner_of_the_long_one() {
    let test = |sim: Sim| async move {
        if sim.chance(0.5) {
            Err::<(), _>("rare")
        } else {
            Err("common")
        }
    };
    let mut rare = 0;
    for seed in 0..16 {
        let check = Check::new().first_seed(seed).iterations(1);
        let long = check.find_failure(test).unwrap();
        let short = check.clone().shrink(100).find_failure(test).unwrap();
        rare += u32::from(long.message().contains("rare"));
        assert_eq!(short.message(), long.message(), "seed {seed}");
    }
    assert!(rare > 0);
}

#[test]
fn shrinks_unless_told() {
    if is_child("shrinks_unless_told") {
        Check::new()
            .iterations(1)
            .shrink(100)
            .run(|sim: Sim| async move {
                for _ in 0..3 {
                    sim.chance(1.0);
                }
                Err::<(), _>("it fails")
            });
    }
}

#[test]
fn the_variable_wins_over_the_code() {
    let shrunk = |environment: &[_]| {
        let text = text(&child("shrinks_unless_told", environment));
        assert!(text.contains("it fails"), "{text}");
        text.contains("shrunk in")
    };
    assert!(shrunk(&[]));
    assert!(!shrunk(&[("ANYRT_SIM_SHRINK", "0")]));
}

#[test]
fn what_is_kept_of_a_run_is_made_shorter_still() {
    let environment = [
        ("ANYRT_SIM_SEED", "0"),
        ("ANYRT_SIM_KEEP", "c0-c1-c2"),
        ("ANYRT_SIM_SHRINK", "100"),
    ];
    let text = text(&child("shrinks_unless_told", &environment));
    assert!(text.contains("ANYRT_SIM_KEEP=none"), "{text}");
}

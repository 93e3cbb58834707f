//! What a user of a published crate gets, by feature: which packages, and which runtime.

mod consumer;

use std::collections::BTreeSet;
use std::fs;

use consumer::{Consumer, Said};

/// Packages that belong to one runtime alone, by the feature of the facade that brings them.
const RUNTIMES: [(&str, &[&str]); 6] = [
    ("tokio", &["anyrt-tokio", "tokio"]),
    ("smol", &["anyrt-smol", "smol"]),
    ("async-std", &["anyrt-async-std", "async-std"]),
    (COMPIO, &["anyrt-compio", "compio-runtime", "compio-driver"]),
    ("sim", &["anyrt-sim"]),
    (WASM, &["anyrt-wasm"]),
];

/// The feature of a runtime of local tasks alone.
const COMPIO: &str = "compio";

/// The feature that turns on something on one target alone.
const WASM: &str = "wasm";

/// The names of all packages in the lock file, once cargo has brought it up to date.
fn locked(consumer: &Consumer) -> BTreeSet<String> {
    let said = consumer.cargo(&["update", "--workspace"], &[]);
    assert!(said.succeeded, "{}", said.text);
    let lock = fs::read_to_string(consumer.folder.join("Cargo.lock")).expect("cargo wrote it");
    lock.lines()
        .filter_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
        .map(str::to_owned)
        .collect()
}

/// What async-std itself locks, for its wasm target, and what is built nowhere else.
const LOCKED_BY_ASYNC_STD: &str = "tokio";

/// Asks that `locked` has the packages of the runtimes `wanted`, and of no other.
#[track_caller]
fn assert_has_only(locked: &BTreeSet<String>, wanted: &[&str]) {
    for (feature, packages) in RUNTIMES {
        for package in packages {
            if wanted.contains(&"async-std") && *package == LOCKED_BY_ASYNC_STD {
                continue;
            }
            assert_eq!(
                locked.contains(*package),
                wanted.contains(&feature),
                "`{package}` in the lock file of a consumer of {wanted:?}: {locked:?}"
            );
        }
    }
}

fn facade(name: &str, features: &[&str]) -> Consumer {
    Consumer::new(name, &[("anyrt", "anyrt", features)])
}

#[test]
fn without_features_nothing_but_core_is_locked() {
    let expected = ["anyrt-core", "futures-core", "pin-project-lite"];
    let core = locked(&Consumer::new("lock-core", &[("anyrt-core", "core", &[])]));
    let own = |locked: BTreeSet<String>, more: &[&str]| -> Vec<String> {
        let is_others = |name: &String| !more.contains(&name.as_str());
        locked.into_iter().filter(is_others).collect()
    };
    assert_eq!(own(core, &["lock-core"]), expected);
    let facade = locked(&facade("lock-none", &[]));
    assert_eq!(own(facade, &["lock-none", "anyrt"]), expected);
}

#[test]
fn one_runtime_of_the_facade_locks_no_other() {
    for (feature, _) in RUNTIMES {
        let locked = locked(&facade(&format!("lock-{feature}"), &[feature]));
        assert_has_only(&locked, &[feature]);
    }
}

#[test]
fn one_runtime_of_the_facade_builds_no_other() {
    for (feature, own) in RUNTIMES {
        let consumer = facade(&format!("tree-{feature}"), &[feature]);
        let mut arguments = vec![
            "tree", "--edges", "normal", "--prefix", "none", "--format", "{lib}",
        ];
        // compio and wasm-bindgen have macros of their own.
        let mut absent = vec!["syn"];
        if [COMPIO, WASM].contains(&feature) {
            absent.clear();
        }
        if feature == WASM {
            arguments.extend(["--target", "wasm32-unknown-unknown"]);
        }
        let Said { succeeded, text } = consumer.cargo(&arguments, &[]);
        assert!(succeeded, "{text}");
        let built: BTreeSet<_> = text
            .lines()
            .map(|line| line.trim().replace('_', "-"))
            .collect();
        assert!(built.contains(own[0]), "{text}");
        let others = RUNTIMES.iter().filter(|(other, _)| *other != feature);
        for package in others.flat_map(|(_, packages)| *packages).chain(&absent) {
            assert!(
                !built.contains(*package),
                "`{feature}` builds {package}: {built:?}"
            );
        }
    }
}

#[test]
fn the_event_loop_is_built_on_its_target_alone() {
    let consumer = facade("tree-host-page", &[WASM]);
    let Said { succeeded, text } = consumer.cargo(&["tree", "--prefix", "none"], &[]);
    assert!(succeeded, "{text}");
    assert!(text.contains("anyrt-core"), "{text}");
    assert!(!text.contains("wasm"), "{text}");
}

#[test]
fn two_runtimes_of_the_facade_lock_no_third() {
    for wanted in [
        ["tokio", "smol"],
        ["tokio", "async-std"],
        ["smol", "async-std"],
        ["tokio", "compio"],
    ] {
        let locked = locked(&facade(&format!("lock-{}", wanted.join("-")), &wanted));
        assert_has_only(&locked, &wanted);
    }
}

#[test]
fn the_macros_lock_no_runtime() {
    let locked = locked(&facade("lock-macros", &["macros"]));
    assert_has_only(&locked, &[]);
    assert!(locked.contains("syn"), "{locked:?}");
}

#[test]
fn the_structured_tasks_lock_no_runtime() {
    let locked = locked(&facade("lock-structured", &["structured"]));
    assert_has_only(&locked, &[]);
    assert!(locked.contains("anyrt-structured"), "{locked:?}");
}

/// A feature that only some want is not in the lock files of the others.
#[test]
fn tracing_is_locked_where_it_is_asked_for() {
    let sim = locked(&facade("lock-sim-alone", &["sim"]));
    assert!(
        !sim.iter().any(|name| name.starts_with("tracing")),
        "{sim:?}"
    );
    let tracing = locked(&facade("lock-sim-tracing", &["sim-tracing"]));
    assert_has_only(&tracing, &["sim"]);
    assert!(tracing.contains("tracing-core"), "{tracing:?}");
}

#[test]
fn an_adapter_locks_no_other_runtime() {
    for (feature, packages) in RUNTIMES {
        let folder = format!("adapter-{feature}");
        let name = format!("lock-{folder}");
        let locked = locked(&Consumer::new(&name, &[(packages[0], &folder, &[])]));
        assert_has_only(&locked, &[feature]);
    }
}

/// A program that uses every entry point, and says on what it ran.
const PROGRAM: &str = r#"
fn main() {
    assert_eq!(anyrt::block_on(async { 6 * 7 }), 42);
    let ran = anyrt::run(async {
        use anyrt::Spawn;
        let rt = anyrt::runtime().expect("it runs on one");
        let name = rt.spawn(async { format!("{:?}", anyrt::runtime()) });
        name.await.expect("the task runs")
    });
    println!("ran on {ran}");
}
"#;

#[test]
fn the_only_runtime_that_is_compiled_in_is_used() {
    for (feature, handle) in [
        ("tokio", "Tokio"),
        ("smol", "Smol"),
        ("async-std", "AsyncStd"),
        ("sim", "Sim"),
    ] {
        let consumer = facade(&format!("run-{feature}"), &[feature]);
        consumer.write("src/main.rs", PROGRAM);
        for environment in [&[][..], &[("ANYRT_RUNTIME", feature)]] {
            let Said { succeeded, text } = consumer.cargo(&["run", "--quiet"], environment);
            assert!(succeeded, "{text}");
            assert!(text.contains("ran on Ok"), "{text}");
            assert!(text.contains(handle), "{text}");
        }
        let Said { succeeded, text } =
            consumer.cargo(&["run", "--quiet"], &[("ANYRT_RUNTIME", "another")]);
        assert!(!succeeded, "an unknown name was ignored: {text}");
        assert!(text.contains("`another`"), "{text}");
        assert!(
            text.contains(&format!("compiled in are: {feature};")),
            "{text}"
        );
    }
}

/// A program on a runtime whose tasks are all local.
const LOCAL_PROGRAM: &str = r#"
use anyrt::prelude::*;

fn main() {
    assert_eq!(anyrt::run(async { 6 * 7 }), 42);
    anyrt::block_on(async {
        let rt = anyrt::AnyLocalRuntime::try_current().expect("it runs on one");
        let word = std::rc::Rc::new(String::from("moin"));
        let task = rt.spawn_local(async move { word.len() });
        println!("ran: {}", task.await.expect("the task runs"));
        println!("shared: {}", anyrt::runtime().expect_err("there is none"));
    });
}
"#;

#[test]
fn a_runtime_of_local_tasks_alone_is_used_where_it_is_the_only_one() {
    let consumer = facade("run-compio", &["compio", "macros"]);
    consumer.write("src/main.rs", LOCAL_PROGRAM);
    let Said { succeeded, text } = consumer.cargo(&["run", "--quiet"], &[]);
    assert!(succeeded && text.contains("ran: 4"), "{text}");
    assert!(text.contains("shared: no shared compio runtime"), "{text}");
    consumer.write("src/main.rs", "fn main() {}");
    let refused = "compio has local tasks alone, and anyrt was compiled with no other runtime";
    assert_refused(&consumer, "#[anyrt::main] async fn f() {}", &[refused]);
    consumer.write(
        "src/lib.rs",
        "#[anyrt::main(local)] pub async fn f() {} #[anyrt::test] async fn t() {}",
    );
    let said = consumer.cargo(&["check", "--quiet", "--lib"], &[]);
    assert!(said.succeeded, "{}", said.text);
}

/// The program's choice is made when it starts, so the way out is said then.
#[test]
fn a_program_whose_tasks_are_shared_refuses_a_runtime_of_local_tasks_alone() {
    let consumer = facade("refuse-compio", &["compio", "macros", "smol"]);
    consumer.write(
        "src/main.rs",
        "#[anyrt::main] async fn main() { println!(\"ran\") }",
    );
    let chosen = [("ANYRT_RUNTIME", "compio")];
    let Said { succeeded, text } = consumer.cargo(&["run", "--quiet"], &chosen);
    assert!(!succeeded, "{text}");
    assert!(
        text.contains("this compio runtime cannot be used"),
        "{text}"
    );
    assert!(text.contains("`#[anyrt::main(compio)]`"), "{text}");
    let Said { succeeded, text } =
        consumer.cargo(&["run", "--quiet"], &[("ANYRT_RUNTIME", "smol")]);
    assert!(succeeded && text.contains("ran"), "{text}");
}

#[track_caller]
fn assert_refused(consumer: &Consumer, code: &str, phrases: &[&str]) {
    consumer.write("src/lib.rs", code);
    let Said { succeeded, text } = consumer.cargo(&["check", "--quiet"], &[]);
    assert!(!succeeded, "this compiles: {code}");
    for phrase in phrases {
        assert!(
            text.contains(phrase),
            "`{phrase}` is not said of {code}\nbut {text}"
        );
    }
}

#[test]
fn without_a_runtime_an_entry_point_is_an_error_that_names_the_features() {
    let consumer = facade("use-none", &["macros"]);
    let said = consumer.cargo(&["check", "--quiet"], &[]);
    assert!(said.succeeded, "{}", said.text);
    for code in [
        "pub fn f() { anyrt::block_on(async {}); }",
        "pub fn f() { anyrt::run(async {}); }",
        "pub fn f() { let _ = anyrt::runtime(); }",
        "#[anyrt::main] async fn f() {}",
        "#[anyrt::main(local)] async fn f() {}",
    ] {
        let phrases = [
            "compiled without a runtime",
            "features `tokio`, `smol`, `async-std` and `compio`",
        ];
        assert_refused(&consumer, code, &phrases);
    }
    for (feature, name) in [
        ("tokio", "tokio"),
        ("smol", "smol"),
        ("async-std", "async_std"),
        ("compio", "compio"),
        ("sim", "sim"),
    ] {
        let code = format!("#[anyrt::main({name})] async fn f() {{}}");
        let phrase = format!("compiled without `{feature}`: add its feature `{feature}`");
        assert_refused(&consumer, &code, &[&phrase]);
    }
}

#[test]
fn without_a_runtime_a_test_is_an_error_that_names_the_features() {
    let consumer = facade("test-none", &["macros"]);
    consumer.write("src/lib.rs", "#[anyrt::test] async fn f() {}");
    // Not even seen outside of tests.
    let said = consumer.cargo(&["check", "--quiet"], &[]);
    assert!(said.succeeded, "{}", said.text);
    let said = consumer.cargo(&["check", "--quiet", "--tests"], &[]);
    assert!(!said.succeeded, "a test on no runtime compiles");
    assert!(
        said.text.contains("add one of its features"),
        "{}",
        said.text
    );
}

#[test]
fn a_renamed_facade_is_found_by_its_path() {
    let consumer = facade("use-renamed", &["macros", "tokio"]);
    consumer.write("src/lib.rs", "pub mod deps { pub use anyrt as runtimes; }");
    consumer.write(
        "src/main.rs",
        r#"
        #[anyrt::main(tokio, worker_threads = 1, crate = "use_renamed::deps::runtimes")]
        async fn main(rt: use_renamed::deps::runtimes::AnyRuntime) {
            use use_renamed::deps::runtimes::Spawn;
            rt.spawn(async { println!("found") }).await.unwrap();
        }
        "#,
    );
    let said = consumer.cargo(&["run", "--quiet"], &[]);
    assert!(
        said.succeeded && said.text.contains("found"),
        "{}",
        said.text
    );
}

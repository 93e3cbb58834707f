//! What must not compile, and what the compiler says then.

mod consumer;

use std::fs;

use anyrt_checks::workspace;
use consumer::{Consumer, Said};

/// The text of these errors is all ours, and compared to the letter with the `.stderr` beside each case. After a change that
/// is meant, look at the new text and keep it: `TRYBUILD=overwrite cargo test -p anyrt-checks --test ui`.
#[test]
fn bad_arguments_of_the_macros_are_refused_with_the_valid_ones() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/macros/good_arguments.rs");
    cases.pass("tests/ui/macros/never.rs");
    for case in [
        "attribute_twice",
        "bad_crate",
        "bad_duration",
        "duplicates",
        "generics",
        "local_handle_without_runtime",
        "local_only",
        "malformed",
        "not_a_function",
        "not_async",
        "no_sockets",
        "option_of_another_runtime",
        "page",
        "parameters",
        "receiver",
        "settings",
        "simulation",
        "two_runtimes",
        "swapped_letters",
        "unknown_option",
        "unknown_runtime",
        "values_where_none_are",
        "wrong_types",
    ] {
        cases.compile_fail(format!("tests/ui/macros/{case}.rs"));
    }
}

/// These errors are the compiler's, with words of ours in them, and list what else is in the tree. A case begins with what
/// must be said, a line each, as `//~ this | or this`; one that begins without must compile.
#[test]
fn the_traits_refuse_with_the_way_out() {
    let features = ["macros", "sim", "smol", "tokio-net"];
    let consumer = Consumer::new("ui-core", &[("anyrt", "anyrt", &features)]);
    let cases = workspace::files("checks/tests/ui/core", "rs");
    assert!(cases.len() > 5, "the cases are gone");
    for path in cases {
        let code = fs::read_to_string(&path).expect("listed just now");
        consumer.write("src/lib.rs", &code);
        let Said { succeeded, text } = consumer.cargo(&["check", "--quiet", "--lib"], &[]);
        let case = workspace::relative(&path);
        let mut expected = code
            .lines()
            .map_while(|line| line.strip_prefix("//~ "))
            .peekable();
        assert_eq!(succeeded, expected.peek().is_none(), "{case}: {text}");
        for phrases in expected {
            let is_said = phrases.split(" | ").any(|phrase| text.contains(phrase));
            assert!(is_said, "{case}: `{phrases}` is not said, but: {text}");
        }
    }
}

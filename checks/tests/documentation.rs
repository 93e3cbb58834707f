//! Core explains itself: what readers need is written beside what it is about.

use std::fs;

use anyrt_checks::workspace;

/// Lines of documentation for each line of code.
const AIM: f64 = 1.2;

/// The documentation of public items and its examples against all of the code, tests aside. Blank lines and plain comments
/// count on neither side.
#[test]
fn core_has_more_documentation_than_code() {
    let mut sums = (0, 0);
    let mut poorest = Vec::new();
    for path in workspace::files("core/src", "rs") {
        let text = fs::read_to_string(&path).expect("listed just now");
        let (documentation, code) = count(&text);
        sums = (sums.0 + documentation, sums.1 + code);
        let missing = AIM * code as f64 - documentation as f64;
        poorest.push((missing as i64, workspace::relative(&path)));
    }
    poorest.sort_by(|a, b| b.cmp(a));
    poorest.truncate(5);
    let (documentation, code) = sums;
    assert!(code > 1000, "core is not found");
    let ratio = documentation as f64 / code as f64;
    println!("core: {documentation} lines of documentation, {code} of code: {ratio:.2}");
    assert!(
        ratio >= AIM,
        "core has {ratio:.2} lines of documentation for each of code, and aims at {AIM}; these lack the most: {poorest:?}"
    );
}

fn count(text: &str) -> (usize, usize) {
    let (mut documentation, mut code) = (0, 0);
    let lines = text.lines().map(str::trim);
    for line in lines.take_while(|line| *line != "#[cfg(test)]") {
        match line {
            _ if line.starts_with("///") || line.starts_with("//!") => documentation += 1,
            _ if line.is_empty() || line.starts_with("//") => {}
            _ => code += 1,
        }
    }
    (documentation, code)
}

#[test]
fn the_front_page_of_core_links_the_manual() {
    let page = workspace::read("core/README.md");
    assert!(page.contains("(https://docs.rs/anyrt/latest/anyrt/manual/"));
}

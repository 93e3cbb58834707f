//! The adapter in the manual stays as short as it says, and as short as is promised.

use anyrt_checks::workspace;

const PAGE: &str = "anyrt/src/manual/for_runtimes.md";

#[test]
fn the_adapter_has_less_than_200_lines_and_says_how_many() {
    let page = workspace::read(PAGE);
    let adapter = lines_of_code(&page, "src/lib.rs");
    let launch = lines_of_code(&page, "src/owned.rs");
    assert!(adapter + launch < 200, "{adapter} and {launch} lines");
    let says = format!(
        "It is {adapter} lines of code without\nblank ones and comments, and {launch} more make"
    );
    assert!(page.contains(&says), "{PAGE} does not say: {says}");
}

#[test]
fn the_certified_adapter_is_the_one_on_the_page() {
    let page = workspace::read(PAGE);
    for (file, certified) in [("src/lib.rs", "adapter.rs"), ("src/owned.rs", "owned.rs")] {
        let certified =
            workspace::read(format!("conformance/out-of-tree/tests/manual/{certified}"));
        let shown = seen(&page, file).split_off(1).join("\n");
        assert_eq!(squeezed(&certified), squeezed(&shown), "{PAGE}, {file}");
    }
}

/// What the formatter leaves as it is.
fn squeezed(code: &str) -> String {
    code.replace(',', " ").split_whitespace().collect()
}

/// Counts what a reader sees of the block for `file`, without blank lines and comments.
fn lines_of_code(page: &str, file: &str) -> usize {
    let block = seen(page, file);
    let is_code = |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    block.iter().filter(is_code).count()
}

/// What a reader sees of the block for `file`: its name first.
fn seen<'a>(page: &'a str, file: &str) -> Vec<&'a str> {
    let mut blocks = page.split("```rust\n").skip(1).map(|block| {
        let code = block.split_once("\n```").expect("a block has an end").0;
        code.lines()
            .filter(|line| *line != "#" && !line.starts_with("# "))
            .collect::<Vec<_>>()
    });
    let name = format!("// {file}");
    let block = blocks.find(|lines| lines[0] == name);
    block.unwrap_or_else(|| panic!("{PAGE} has no block for {file}"))
}

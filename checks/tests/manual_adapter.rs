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

/// Counts what a reader sees of the block for `file`, without blank lines and comments.
fn lines_of_code(page: &str, file: &str) -> usize {
    let mut blocks = page.split("```rust\n").skip(1).map(|block| {
        let code = block.split_once("\n```").expect("a block has an end").0;
        code.lines()
            .filter(|line| *line != "#" && !line.starts_with("# "))
            .collect::<Vec<_>>()
    });
    let name = format!("// {file}");
    let block = blocks.find(|lines| lines[0] == name);
    let block = block.unwrap_or_else(|| panic!("{PAGE} has no block for {file}"));
    let is_code = |line: &&&str| !line.trim().is_empty() && !line.trim_start().starts_with("//");
    block.iter().filter(is_code).count()
}

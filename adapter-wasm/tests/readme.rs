//! The program of the README.

#[test]
fn the_readme_shows_the_example_that_is_run() {
    let readme = include_str!("../README.md");
    let (_, program) = include_str!("../examples/hello.rs")
        .split_once("\n\n")
        .expect("the attribute stands apart");
    assert!(
        readme.contains(program),
        "README.md shows another program than examples/hello.rs"
    );
}

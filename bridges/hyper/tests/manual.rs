//! The program in the manual is the example, which compiles.

#[test]
fn the_manual_shows_the_example() {
    let example = include_str!("../examples/axum_on_smol.rs");
    let (_title, program) = example.split_once("\n\n").unwrap();
    let manual = include_str!("../../../anyrt/src/manual/bridges.md");
    assert!(manual.contains(program), "they differ");
}

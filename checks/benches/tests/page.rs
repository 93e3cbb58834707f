//! `docs/cost.md` says what is declared. `ANYRT_BLESS=1 cargo test -p anyrt-benches --test page` writes it.

use std::path::Path;
use std::{env, fs};

#[test]
fn the_page_of_costs_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cost.md");
    let page = anyrt_benches::page::page();
    if env::var_os("ANYRT_BLESS").is_some() {
        fs::write(&path, &page).expect("docs can be written");
    }
    let text = fs::read_to_string(&path).expect("docs has a page of costs");
    assert!(
        text == page,
        "docs/cost.md does not say what is declared: write it anew with `ANYRT_BLESS=1 cargo test -p anyrt-benches --test page`"
    );
}

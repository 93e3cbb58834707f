//! The page is about the layers that the workspace has locked. It needs none of them.

const PAGE: &str = include_str!("../../../docs/peers.md");
const LOCK: &str = include_str!("../../../Cargo.lock");

#[test]
fn the_page_names_the_locked_versions() {
    for layer in ["agnostic-lite", "async_executors", "async-rs"] {
        let (_, after) = LOCK
            .split_once(&format!("name = \"{layer}\"\nversion = \""))
            .unwrap_or_else(|| panic!("{layer} is not locked"));
        let version = after.split('"').next().unwrap_or_default();
        assert!(
            PAGE.contains(&format!("\n- {layer} {version}\n")),
            "{layer} {version} is locked: write the page anew, as its third line says"
        );
    }
}

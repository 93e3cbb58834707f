//! The page is about the layers that the workspace has locked. It needs none of them.

const PAGE: &str = include_str!("../../../docs/peers.md");
const SOCKETS: &str = include_str!("../../../docs/peers-sockets.md");
const LOCK: &str = include_str!("../../../Cargo.lock");

#[test]
fn the_page_names_the_locked_versions() {
    for (page, layer) in [
        (PAGE, "agnostic-lite"),
        (PAGE, "async_executors"),
        (PAGE, "async-rs"),
        (SOCKETS, "agnostic-net"),
    ] {
        let (_, after) = LOCK
            .split_once(&format!("name = \"{layer}\"\nversion = \""))
            .unwrap_or_else(|| panic!("{layer} is not locked"));
        let version = after.split('"').next().unwrap_or_default();
        assert!(
            page.contains(&format!("\n- {layer} {version}\n")),
            "{layer} {version} is locked: write the page anew, as its third line says"
        );
    }
}

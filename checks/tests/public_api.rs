//! The public API of core, as it was agreed.

use anyrt_checks::public_api::PublicApi;
use anyrt_checks::workspace;

/// A change of core's public API shows as a change of `core/public-api.txt`.
#[test]
fn the_listing_of_cores_public_api_is_fresh() {
    let api = PublicApi::of("core/src");
    workspace::assert_fresh("core/public-api.txt", &api.listing());
}

/// The same for structured tasks.
#[test]
fn the_listing_of_structureds_public_api_is_fresh() {
    let api = PublicApi::of("structured/src");
    workspace::assert_fresh("structured/public-api.txt", &api.listing());
}

/// The same for sockets.
#[test]
fn the_listing_of_nets_public_api_is_fresh() {
    let api = PublicApi::of("net/src");
    workspace::assert_fresh("net/public-api.txt", &api.listing());
}

/// std's and futures-core's types only.
#[test]
fn cores_public_api_names_no_type_of_another_crate() {
    let foreign = PublicApi::of("core/src").foreign_crates();
    assert_eq!(
        foreign.iter().map(String::as_str).collect::<Vec<_>>(),
        ["futures_core"],
        "public signatures of core name these crates"
    );
}

#[test]
fn core_depends_on_two_crates_and_has_no_features() {
    let manifest = workspace::read("core/Cargo.toml");
    let dependencies = manifest
        .split_once("[dependencies]")
        .and_then(|(_, rest)| rest.split_once("\n["))
        .expect("core has a table of dependencies")
        .0;
    let names: Vec<_> = dependencies
        .lines()
        .filter_map(|line| line.split_once('.'))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["futures-core", "pin-project-lite"]);
    assert!(!manifest.contains("[features]"), "core has no features");
}

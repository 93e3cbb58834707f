//! `#[anyrt::test]` under `rstest`, as the page of the attribute says how.

use anyrt::AnyRuntime;
use anyrt::prelude::*;
use rstest::{fixture, rstest};

#[fixture]
fn rt() -> AnyRuntime {
    anyrt::runtime().unwrap() // the runtime of the test that asks
}

#[rstest]
#[case(1, 2)]
#[case(2, 4)]
#[anyrt::test]
async fn doubles(rt: AnyRuntime, #[case] number: u32, #[case] doubled: u32) {
    assert_eq!(rt.spawn(async move { number * 2 }).await.unwrap(), doubled);
}

#[rstest]
#[case::of_tokio("tokio")]
#[anyrt::test(tokio)]
async fn the_fixture_is_the_runtime_of_the_test(rt: AnyRuntime, #[case] name: &str) {
    assert!(format!("{rt:?}").to_lowercase().contains(name), "{rt:?}");
}

//! A small scale of what `docs/chat.md` shows at large ones: every line is heard, on every way.

use anyrt_chat::scale::{Scale, Way};

#[test]
fn two_hundred_users_hear_everything_on_every_way() {
    let mut scale = Scale::new(env!("CARGO_BIN_EXE_chat").into(), 200);
    // The lines of a second, so that a busy machine is no failure.
    scale.lines = 5;
    let rows = scale.run(|_| {}).unwrap();
    assert_eq!(rows.len(), Way::ALL.len());
    for row in rows {
        // Rooms of ten, in which everybody says five lines to everybody.
        assert_eq!(row.delivered, 200 * 5 * 10, "{}", row.way);
    }
}

#[test]
fn servers_share_a_port() {
    let mut scale = Scale::new(env!("CARGO_BIN_EXE_chat").into(), 90);
    (scale.lines, scale.per_process) = (2, 30);
    for row in scale.run(|_| {}).unwrap() {
        assert_eq!(row.servers, 3, "{}", row.way);
        assert!(row.delivered > 90 * 2, "{}", row.way);
    }
}

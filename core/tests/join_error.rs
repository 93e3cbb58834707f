//! What a join error says and how large it is.

use anyrt_core::JoinError;

fn panicked(with: impl FnOnce() + std::panic::UnwindSafe) -> JoinError {
    JoinError::panic(std::panic::catch_unwind(with).unwrap_err())
}

#[test]
fn a_panic_shows_its_message() {
    let error = panicked(|| panic!("out of {}", "cheese"));
    assert_eq!(error.to_string(), "task panicked: out of cheese");
    assert_eq!(
        format!("{error:?}"),
        r#"JoinError::Panic("out of cheese", ..)"#
    );

    let error = panicked(|| std::panic::panic_any(7_u8));
    assert_eq!(
        error.to_string(),
        "task panicked with a payload that is not text"
    );
    assert_eq!(error.into_panic().downcast_ref(), Some(&7_u8));
}

#[test]
fn a_cancelled_task_has_no_payload() {
    let error = JoinError::cancelled();
    assert!(error.is_cancelled() && !error.is_panic());
    assert!(
        error
            .try_into_panic()
            .is_err_and(|error| error.is_cancelled())
    );
}

#[test]
#[should_panic = "no panic: task was cancelled"]
fn into_panic_of_a_cancelled_task_panics() {
    drop(JoinError::cancelled().into_panic());
}

#[test]
fn it_can_be_sent_shared_and_boxed_and_is_32_bytes() {
    fn check<T: std::error::Error + Send + Sync + Unpin + 'static>() {}
    check::<JoinError>();
    assert_eq!(size_of::<JoinError>(), 32);
}

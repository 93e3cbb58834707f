//! Where and why the code of a rule panicked.

use std::any::Any;
use std::cell::RefCell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};
use std::sync::Once;

use crate::case::{Case, Verdict};
use crate::kit::Shown;

thread_local! {
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs the code of a case on this thread.
pub(super) fn run(case: &Case) -> Verdict {
    remember_places();
    let verdict = panic::catch_unwind(AssertUnwindSafe(|| case.rule.run(&case.backend)));
    match verdict {
        Ok(record) => Ok(record.0),
        Err(payload) => {
            let place = PLACE.take().unwrap_or_default();
            Err(format!("{}{place}", message(&*payload)))
        }
    }
}

/// Has the panic hook note where each thread panicked last, and then do what it did before.
fn remember_places() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let place = place(info);
            // A thread that is being torn down has no place to keep it.
            let _ = PLACE.try_with(|it| it.replace(place));
            before(info);
        }));
    });
}

fn place(info: &PanicHookInfo<'_>) -> Option<String> {
    Some(format!(" ({})", Shown(info.location()?)))
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|it| (*it).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panicked with a value that is no text".to_owned())
}

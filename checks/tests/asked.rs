//! Every public operation is asked for by a rule, and what is known of which is fresh.

use anyrt_checks::asked;
use anyrt_checks::public_api::{Operation, PublicApi};
use anyrt_checks::workspace;

/// What adapters call to make the values that rules get, and what a rule sees of it instead.
const MADE_BY_ADAPTERS: &[(&str, &str)] = &[
    (
        "AbortHandle::new",
        "`abort::handle_knows_the_end` looks at what it makes",
    ),
    (
        "AnyBlockOn::runtime",
        "a clone of the `AnyRuntime` in it, which every `+any` backend is asked through",
    ),
    (
        "Config::check",
        "`launch::options_are_honoured_or_refused` sees what it refuses",
    ),
    (
        "Config::check_flavor",
        "`launch::contradicting_options_are_refused` sees what it refuses",
    ),
    (
        "Config::threads",
        "`launch::threads_hint_is_never_refused` launches with what it says",
    ),
    (
        "JoinError::cancelled",
        "`abort::is_idempotent_and_cancels` sees it",
    ),
    ("JoinError::panic", "`panic::payload_survives` sees it"),
    (
        "LaunchError::invalid",
        "`launch::options_are_honoured_or_refused` sees it",
    ),
    (
        "LaunchError::system",
        "no rule can make the system refuse; the adapters' own tests do",
    ),
    (
        "LaunchError::unsupported",
        "`launch::options_are_honoured_or_refused` sees it",
    ),
    (
        "LaunchError::unusable",
        "for handles of runtimes that a program brings; the adapters' own tests",
    ),
    (
        "NoRuntime::in_call",
        "`right_runtime::missing_runtime_is_an_error` sees it",
    ),
    (
        "NoRuntime::new",
        "`right_runtime::missing_runtime_is_an_error` sees it",
    ),
    (
        "RawTask::abort_and_detach",
        "what the drop of `AbortOnDrop` calls: `abort::drops_without_a_joiner`",
    ),
    (
        "RawTask::abort_handle",
        "what `JoinHandle::abort_handle` calls",
    ),
    (
        "RawTask::detach",
        "what the drop of a handle calls: `join::dropping_the_handle_detaches`",
    ),
    (
        "RawTask::is_finished",
        "what `JoinHandle::is_finished` calls",
    ),
    ("RawTask::poll_join", "what a handle that is awaited calls"),
    (
        "ShareTimer::shared_timer",
        "what a local backend is extended with calls it: `local::shared_timer_is_the_runtimes`",
    ),
    (
        "TaskLocal::new",
        "what `task_local!` writes: `calls::local_value_is_read_in_place`",
    ),
    // Of net.
    (
        "AnyNet::new",
        "every `+any` backend with sockets is asked through what it makes",
    ),
    (
        "AnyNet::runtime",
        "a reference to the `AnyRuntime` in it, which every `+any` backend is asked through",
    ),
    (
        "CompletionRead::poll_read_owned",
        "what the future of `read_owned` polls",
    ),
    (
        "CompletionWrite::poll_half_close",
        "what the future of `half_close` polls",
    ),
    (
        "CompletionWrite::poll_write_owned",
        "what the future of `write_owned` polls",
    ),
    (
        "Datagram::poll_readiness",
        "what the future of `readiness` polls",
    ),
    ("Datagram::poll_recv", "what the future of `recv` polls"),
    (
        "Datagram::poll_recv_from",
        "what the future of `recv_from` polls",
    ),
    ("Datagram::poll_send", "what the future of `send` polls"),
    (
        "Datagram::poll_send_to",
        "what the future of `send_to` polls",
    ),
    ("Listener::poll_accept", "what the future of `accept` polls"),
    ("Ready::poll_ready", "what the future of `wait_ready` polls"),
    ("TcpStream::poll_peek", "what the future of `peek` polls"),
    (
        "WaitList::new",
        "`net::many_acceptors` waits on lists of our adapters; `checks/models` explores their races",
    ),
    (
        "WaitList::poll",
        "`net::many_acceptors` waits on lists of our adapters; `checks/models` explores their races",
    ),
    (
        "WaitList::waker",
        "`net::many_acceptors` waits on lists of our adapters; `checks/models` explores their races",
    ),
    ("lookup", "what `Resolve::resolve` of an adapter calls"),
    (
        "ListenOptions::check",
        "`net::options_refused` sees what it refuses",
    ),
    ("SignalKind::name", "what errors print"),
    (
        "SignalKind::unsupported",
        "the error of a runtime without that signal",
    ),
    ("SocketOption::name", "what errors print"),
    (
        "SocketOption::settled",
        "what the sockets' options are checked with",
    ),
    (
        "SocketOption::unsupported",
        "the error of a system without that option",
    ),
    (
        "TcpOptions::check",
        "what a connect with options begins with",
    ),
    ("UdpOptions::check", "what a bind with options begins with"),
];

/// How many rules are listed for one operation, at the most: those that every second rule asks for are no news.
const LISTED: usize = 60;

/// The types that are std's where rules run: core has its own for targets on which std has no clock.
const CLOCKS: [&str; 3] = ["Instant", "SystemTime", "SystemTimeError"];

fn name(operation: &Operation) -> String {
    let parts = [&*operation.owner, &*operation.name];
    let parts = parts.into_iter().filter(|it| !it.is_empty());
    parts.collect::<Vec<_>>().join("::")
}

#[test]
fn every_public_operation_is_in_a_rule() {
    let asked = asked::asked(&asked::folder());
    let (mut missing, mut needless) = (Vec::new(), Vec::new());
    let mut listing = String::new();
    for (krate, folder) in asked::CRATES {
        for operation in PublicApi::of(folder).operations() {
            if krate == "anyrt_core" && CLOCKS.contains(&&*operation.owner) {
                continue;
            }
            let name = name(&operation);
            let rules = asked.get(&(krate.to_owned(), operation));
            let rules: Vec<_> = rules.into_iter().flatten().map(String::as_str).collect();
            let exempt = MADE_BY_ADAPTERS.iter().find(|(exempt, _)| *exempt == name);
            match (rules.is_empty(), exempt) {
                (true, None) => missing.push(format!("{krate} {name}")),
                (false, Some(_)) => needless.push(name.clone()),
                _ => {}
            }
            let by = match exempt {
                Some((_, reason)) => format!("- {reason}"),
                None if rules.len() > LISTED => format!("{} rules", rules.len()),
                None => rules.join(" "),
            };
            listing += &format!("{krate} {name}: {by}\n");
        }
    }
    assert!(
        missing.is_empty(),
        "no rule asks for:\n{}",
        missing.join("\n")
    );
    assert!(
        needless.is_empty(),
        "a rule asks for these, take the exemption back: {needless:?}"
    );
    workspace::assert_fresh("conformance/operations.txt", &listing);
}

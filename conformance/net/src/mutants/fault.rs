use std::sync::atomic::{AtomicUsize, Ordering};

use anyrt_conformance_engine::{Mutant, capability};

/// Declares mutants: the fault, the name, what it breaks, and the rules that kill it. Who breaks it asks whether [`it is`](is).
macro_rules! mutants {
    ($($fault:ident $name:literal: $breaks:literal, killed by $($rule:literal),+;)+) => {
        /// What is wrong with the sockets of a runtime.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Fault {
            $(#[doc = $breaks] $fault,)+
        }

        /// Every mutant of sockets.
        pub(crate) fn all() -> Vec<Mutant> {
            let all = [$(Mutant::new($name, $breaks, &[$($rule),+], |backend| {
                backend.extended(Fault::$fault)
            })),+];
            // The wrappers stand around runtimes whose tasks are `Send`.
            all.into_iter().map(|it| it.needs(capability::Shared)).collect()
        }
    };
}

mutants! {
    AcceptFails "accept_fails": "to accept is an error",
        killed by "net::incoming_passes_over_aborted", "net::incoming_gives_its_listener_back", "net::reused_address_listens_again";
    AcceptHolds "accept_holds": "an accept holds its connection before it is ready",
        killed by "net::dropped_accept_keeps_connection";
    AddressesSwapped "addresses_swapped": "a stream confuses its addresses",
        killed by "net::addresses_agree";
    AlwaysReady "always_ready": "a stream is always ready",
        killed by "net::readiness_forgotten";
    BacklogIgnored "backlog_ignored": "the backlog is the system's",
        killed by "net::backlog_full_delays", "net::connect_host_races", "net::unix_full_backlog_is_told";
    BigIsCut "big_is_cut": "a message that is too big is cut and sent",
        killed by "net::udp_too_big";
    CloneLeaks "clone_leaks": "a socket stays open when its last handle is dropped",
        killed by "net::udp_clones_share";
    CloseComplains "close_complains": "to close again is an error",
        killed by "net::close_repeats";
    CloseOnlyFlushes "close_only_flushes": "`poll_close` does not shut the write side down",
        killed by "net::half_close", "net::write_after_close", "net::copy_bidirectional_half_closes", "net::unix_stream";
    ConnectIgnored "connect_ignored": "`connect` of a UDP socket does nothing",
        killed by "net::udp_connected";
    ConnectLeaks "connect_leaks": "an attempt that is dropped goes on",
        killed by "net::dropped_connect_closes", "net::fds_return";
    DiesWithHandle "dies_with_handle": "a stream ends with the handle that made it",
        killed by "net::outlives_the_handle";
    DropsBytes "drops_bytes": "a read loses a byte now and then",
        killed by "net::echo", "net::split_on_two_tasks", "net::copy_counts", "net::dropped_read_keeps_bytes";
    EarlySignalsLost "early_signals_lost": "a signal that comes before the first poll is lost",
        killed by "net::signals_wait_for_the_poll";
    EmptyDropped "empty_dropped": "empty messages are passed over",
        killed by "net::udp_empty_message";
    EmptyWaits "empty_waits": "a read of no bytes waits",
        killed by "net::zero_length";
    EndOnce "end_once": "the end of a stream is told once",
        killed by "net::end_is_sticky";
    ErrorsSwallowed "errors_swallowed": "a write to a peer that is gone succeeds",
        killed by "net::write_to_gone_peer";
    FailsNever "fails_never": "an attempt that fails is never told",
        killed by "net::connect_host_passes_over_failures";
    FileGoes "file_goes": "the file of a Unix listener is removed",
        killed by "net::unix_file_stays";
    FirstWakerStays "first_waker_stays": "a read wakes the task that polled it first",
        killed by "net::last_waker_wins";
    FlushFails "flush_fails": "to flush is an error",
        killed by "net::flush_is_done";
    GivesBackAnother "gives_back_another": "the stream that is given back to std is another one",
        killed by "net::into_std_keeps_the_socket";
    HangsAfterShutdown "hangs_after_shutdown": "after the shutdown of its runtime an operation waits for ever",
        killed by "net::shutdown_never_hangs";
    HomeOnly "home_only": "a socket fails on threads that are not its runtime's",
        killed by "net::polled_elsewhere", "net::accepted_belongs_home", "net::moves_between_runtimes";
    IncomingGoesOn "incoming_goes_on": "an accept loop goes on after an error of its listener",
        killed by "net::incoming_ends_with_the_listener";
    KindsLost "kinds_lost": "errors of a runtime have no kind",
        killed by "net::refused", "net::in_use", "net::not_ours", "net::connect_host_names_failures", "net::unix_error_kinds";
    LazyConnect "lazy_connect": "an attempt begins with its first poll",
        killed by "net::connect_begins_at_the_call";
    LengthsWrong "lengths_wrong": "a receive returns a wrong length",
        killed by "net::udp_boundaries", "net::unix_datagram";
    LingerIgnored "linger_ignored": "a linger of zero is forgotten",
        killed by "net::reset_by_linger", "net::after_reset", "net::gone_peer_has_no_address";
    ListenOptionsIgnored "listen_options_ignored": "options of a listener are ignored",
        killed by "net::listen_option_is_honoured";
    ListenerLeaks "listener_leaks": "a listener that is dropped stays",
        killed by "net::listener_drop_resets_queue";
    LiteralsUnknown "literals_unknown": "addresses are names that nobody knows",
        killed by "net::resolves_literals", "net::pointers_pass_sockets_on";
    LookupBlocks "lookup_blocks": "a question that was dropped blocks the next",
        killed by "net::dropped_lookup_is_forgotten";
    LoudReadHalf "loud_read_half": "dropping the read half ends the write side, too",
        killed by "net::read_half_drop_is_silent";
    ModeIsKept "mode_is_kept": "a socket of std's that blocks still blocks when it was taken over",
        killed by "net::from_std_any_mode";
    NamesKindLost "names_kind_lost": "a name that nobody knows is an error without a kind",
        killed by "net::unknown_name_is_not_found";
    NoBudget "no_budget": "operations that are ready cost nothing",
        killed by "net::hot_socket_gives_way", "net::hot_stream_gives_way";
    OneAcceptor "one_acceptor": "a listener keeps one waker",
        killed by "net::many_acceptors", "net::dropped_waiter_passes_on";
    OneReceiver "one_receiver": "a socket keeps one waker",
        killed by "net::many_receivers";
    OneWakerForBoth "one_waker_for_both": "a reader takes the place of the writer",
        killed by "net::directions_are_apart";
    OptionsIgnored "options_ignored": "options of a connection are ignored",
        killed by "net::option_is_honoured";
    PeekTakes "peek_takes": "to peek takes the bytes",
        killed by "net::peek_keeps";
    PortForgotten "port_forgotten": "a listener does not know its port",
        killed by "net::listener_through_pointers";
    PortLost "port_lost": "a name resolves without its port",
        killed by "net::resolves_names";
    ReadsAhead "reads_ahead": "a wait for readiness takes the bytes",
        killed by "net::reset_by_unread", "net::readiness_tells";
    ReadsLastSlice "reads_last_slice": "a vectored read fills the last slice first",
        killed by "net::vectored_read";
    RecvHolds "recv_holds": "a receive holds its message before it is ready",
        killed by "net::dropped_recv_keeps_message";
    RefusesNothing "refuses_nothing": "options that are settled are ignored",
        killed by "net::option_is_refused";
    RegistersAnother "registers_another": "what is registered is another descriptor",
        killed by "net::registers_pipes", "net::refuses_files";
    RestComesNext "rest_comes_next": "what did not fit comes with the next receive",
        killed by "net::udp_truncates";
    ShutdownForgets "shutdown_forgets": "`shutdown` does nothing",
        killed by "net::shutdown_ends_both";
    SignalsComeTwice "signals_come_twice": "each signal comes twice",
        killed by "net::signals_coalesce";
    SignalsConfused "signals_confused": "every subscription is for the same kind of signals",
        killed by "net::signals_reach_every_subscription", "net::ctrl_c_is_an_interrupt";
    SilentWriteHalf "silent_write_half": "dropping the write half leaves the write side open",
        killed by "net::write_half_drop_is_fin", "net::unix_pair";
    SleepsNothing "sleeps_nothing": "a sleep ends at once",
        killed by "net::incoming_survives_exhaustion";
    Spins "spins": "a task that waits wakes itself",
        killed by "net::idle_does_not_spin";
    SpuriousEnds "spurious_ends": "a poll that nobody woke is taken for the end",
        killed by "net::spurious_wake_is_harmless";
    StreamLeaks "stream_leaks": "a stream that is dropped stays open",
        killed by "net::cancelled_task_closes", "net::shutdown_drops_sockets";
    TakesEverything "takes_everything": "a write takes bytes that the system has no room for",
        killed by "net::backpressure", "net::dropped_write_all_is_prefix";
    TriesAlwaysSucceed "tries_always_succeed": "to try where there is nothing returns 0",
        killed by "net::try_would_block";
    TriesNothing "tries_nothing": "`try_io` does not call its operation",
        killed by "net::try_io_on_the_descriptor";
    UdpOptionsIgnored "udp_options_ignored": "options of a UDP socket are ignored",
        killed by "net::udp_option_is_honoured";
    UdpTriesSucceed "udp_tries_succeed": "to try where there is no message returns an empty one",
        killed by "net::udp_try_would_block";
    WaitersStay "waiters_stay": "a waiter that is dropped leaves its waker",
        killed by "net::waiter_keeps_no_task", "net::waiters_are_bounded", "net::receivers_are_bounded";
    WritesFirstSlice "writes_first_slice": "a vectored write takes the first slice alone",
        killed by "net::vectored_write";
}

/// The fault of this process, and one: 0 is none.
static PLANTED: AtomicUsize = AtomicUsize::new(0);

/// Plants a fault into every [`Broken`](super::Broken) runtime of this process, in place of an earlier one.
pub(crate) fn plant(fault: Option<Fault>) {
    PLANTED.store(fault.map_or(0, |it| it as usize + 1), Ordering::SeqCst);
}

/// Tells whether this fault is planted.
pub(super) fn is(fault: Fault) -> bool {
    PLANTED.load(Ordering::SeqCst) == fault as usize + 1
}

use super::Fault;

/// A flaw, and the rules that must be red under it.
pub const FAULTS: &[(Fault, &[&str])] = &[
    (
        Fault::DropsBytes,
        &[
            "echo",
            "split_on_two_tasks",
            "copy_counts",
            "dropped_read_keeps_bytes",
        ],
    ),
    (
        Fault::TakesEverything,
        &["backpressure", "dropped_write_all_is_prefix"],
    ),
    (
        Fault::CloseOnlyFlushes,
        &[
            "half_close",
            "write_after_close",
            "copy_bidirectional_half_closes",
        ],
    ),
    (Fault::CloseComplains, &["close_repeats"]),
    (Fault::EndOnce, &["end_is_sticky"]),
    (Fault::SilentWriteHalf, &["write_half_drop_is_fin"]),
    (Fault::LoudReadHalf, &["read_half_drop_is_silent"]),
    (Fault::WritesFirstSlice, &["vectored_write"]),
    (Fault::ReadsLastSlice, &["vectored_read"]),
    (Fault::EmptyWaits, &["zero_length"]),
    (Fault::TriesAlwaysSucceed, &["try_would_block"]),
    (Fault::PeekTakes, &["peek_keeps"]),
    (Fault::AddressesSwapped, &["addresses_agree"]),
    (Fault::FlushFails, &["flush_is_done"]),
    (Fault::ShutdownForgets, &["shutdown_ends_both"]),
    (
        Fault::LingerIgnored,
        &["reset_by_linger", "after_reset", "gone_peer_has_no_address"],
    ),
    (Fault::ReadsAhead, &["reset_by_unread", "readiness_tells"]),
    (
        Fault::KindsLost,
        &[
            "refused",
            "in_use",
            "not_ours",
            "connect_host_names_failures",
        ],
    ),
    (Fault::ErrorsSwallowed, &["write_to_gone_peer"]),
    (Fault::AcceptHolds, &["dropped_accept_keeps_connection"]),
    (Fault::RecvHolds, &["dropped_recv_keeps_message"]),
    (
        Fault::ConnectLeaks,
        &["dropped_connect_closes", "fds_return"],
    ),
    (Fault::FirstWakerStays, &["last_waker_wins"]),
    (Fault::OneWakerForBoth, &["directions_are_apart"]),
    (Fault::SpuriousEnds, &["spurious_wake_is_harmless"]),
    (Fault::LazyConnect, &["connect_begins_at_the_call"]),
    (
        Fault::OneAcceptor,
        &["many_acceptors", "dropped_waiter_passes_on"],
    ),
    (Fault::OneReceiver, &["many_receivers"]),
    (
        Fault::WaitersStay,
        &[
            "waiter_keeps_no_task",
            "waiters_are_bounded",
            "receivers_are_bounded",
        ],
    ),
    (
        Fault::BacklogIgnored,
        &["backlog_full_delays", "connect_host_races"],
    ),
    (Fault::ListenerLeaks, &["listener_drop_resets_queue"]),
    (Fault::PortForgotten, &["listener_through_pointers"]),
    (Fault::LengthsWrong, &["udp_boundaries"]),
    (Fault::RestComesNext, &["udp_truncates"]),
    (Fault::EmptyDropped, &["udp_empty_message"]),
    (Fault::BigIsCut, &["udp_too_big"]),
    (Fault::ConnectIgnored, &["udp_connected"]),
    (Fault::CloneLeaks, &["udp_clones_share"]),
    (Fault::UdpTriesSucceed, &["udp_try_would_block"]),
    (Fault::AlwaysReady, &["readiness_forgotten"]),
    (Fault::Spins, &["idle_does_not_spin"]),
    (
        Fault::NoBudget,
        &["hot_socket_gives_way", "hot_stream_gives_way"],
    ),
    (
        Fault::LiteralsUnknown,
        &["resolves_literals", "pointers_pass_sockets_on"],
    ),
    (Fault::PortLost, &["resolves_names"]),
    (Fault::NamesKindLost, &["unknown_name_is_not_found"]),
    (Fault::LookupBlocks, &["dropped_lookup_is_forgotten"]),
    (Fault::FailsNever, &["connect_host_passes_over_failures"]),
    (Fault::SleepsNothing, &["incoming_survives_exhaustion"]),
    (Fault::AcceptFails, &["incoming_passes_over_aborted"]),
    (Fault::OptionsIgnored, &["option_is_honoured"]),
    (Fault::ListenOptionsIgnored, &["listen_option_is_honoured"]),
    (Fault::UdpOptionsIgnored, &["udp_option_is_honoured"]),
    (Fault::RefusesNothing, &["option_is_refused"]),
    (
        Fault::StreamLeaks,
        &["cancelled_task_closes", "shutdown_drops_sockets"],
    ),
    (Fault::DiesWithHandle, &["outlives_the_handle"]),
    (
        Fault::HomeOnly,
        &[
            "polled_elsewhere",
            "accepted_belongs_home",
            "moves_between_runtimes",
        ],
    ),
    (Fault::HangsAfterShutdown, &["shutdown_never_hangs"]),
];

/// Rules that no flaw of a runtime breaks, and why.
pub const EXEMPT: &[(&str, &str)] = &[(
    "incoming_ends_with_the_listener",
    "anyrt-net alone decides it, so that no socket layer can break it; not yet seen red",
)];

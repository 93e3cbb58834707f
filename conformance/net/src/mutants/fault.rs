use std::sync::OnceLock;

/// What one mutant breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fault {
    /// A read loses a byte now and then.
    DropsBytes,
    /// A write takes bytes that the system has no room for.
    TakesEverything,
    /// `poll_close` does not shut the write side down.
    CloseOnlyFlushes,
    /// To close again is an error.
    CloseComplains,
    /// The end of a stream is told once.
    EndOnce,
    /// Dropping the write half leaves the write side open.
    SilentWriteHalf,
    /// Dropping the read half ends the write side, too.
    LoudReadHalf,
    /// A vectored write takes the first slice alone.
    WritesFirstSlice,
    /// A vectored read fills the last slice first.
    ReadsLastSlice,
    /// A read of no bytes waits.
    EmptyWaits,
    /// To try where there is nothing returns 0.
    TriesAlwaysSucceed,
    /// To peek takes the bytes.
    PeekTakes,
    /// A stream confuses its addresses.
    AddressesSwapped,
    /// To flush is an error.
    FlushFails,
    /// `shutdown` does nothing.
    ShutdownForgets,
    /// A linger of zero is forgotten.
    LingerIgnored,
    /// A wait for readiness takes the bytes.
    ReadsAhead,
    /// Errors of a runtime have no kind.
    KindsLost,
    /// A write to a peer that is gone succeeds.
    ErrorsSwallowed,
    /// An accept holds its connection before it is ready.
    AcceptHolds,
    /// A receive holds its message before it is ready.
    RecvHolds,
    /// An attempt that is dropped goes on.
    ConnectLeaks,
    /// A read wakes the task that polled it first.
    FirstWakerStays,
    /// A reader takes the place of the writer.
    OneWakerForBoth,
    /// A poll that nobody woke is taken for the end.
    SpuriousEnds,
    /// An attempt begins with its first poll.
    LazyConnect,
    /// A listener keeps one waker.
    OneAcceptor,
    /// A socket keeps one waker.
    OneReceiver,
    /// A waiter that is dropped leaves its waker.
    WaitersStay,
    /// The backlog is the system's.
    BacklogIgnored,
    /// A listener that is dropped stays.
    ListenerLeaks,
    /// A listener does not know its port.
    PortForgotten,
    /// A receive returns a wrong length.
    LengthsWrong,
    /// What did not fit comes with the next receive.
    RestComesNext,
    /// Empty messages are passed over.
    EmptyDropped,
    /// A message that is too big is cut and sent.
    BigIsCut,
    /// `connect` of a UDP socket does nothing.
    ConnectIgnored,
    /// A socket stays open when its last handle is dropped.
    CloneLeaks,
    /// To try where there is no message returns an empty one.
    UdpTriesSucceed,
    /// A stream is always ready.
    AlwaysReady,
    /// A task that waits wakes itself.
    Spins,
    /// Operations that are ready cost nothing.
    NoBudget,
    /// Addresses are names that nobody knows.
    LiteralsUnknown,
    /// A name resolves without its port.
    PortLost,
    /// A name that nobody knows is an error without a kind.
    NamesKindLost,
    /// A question that was dropped blocks the next.
    LookupBlocks,
    /// An attempt that fails is never told.
    FailsNever,
    /// A sleep ends at once.
    SleepsNothing,
    /// To accept is an error.
    AcceptFails,
    /// Options of a connection are ignored.
    OptionsIgnored,
    /// Options of a listener are ignored.
    ListenOptionsIgnored,
    /// Options of a UDP socket are ignored.
    UdpOptionsIgnored,
    /// Options that are settled are ignored.
    RefusesNothing,
    /// A stream that is dropped stays open.
    StreamLeaks,
    /// A stream ends with the handle that made it.
    DiesWithHandle,
    /// A socket fails on threads that are not its runtime's.
    HomeOnly,
    /// After the shutdown of its runtime an operation waits for ever.
    HangsAfterShutdown,
}

static PLANTED: OnceLock<Fault> = OnceLock::new();

/// Plants a flaw into every [`Broken`](super::Broken) runtime of this process.
///
/// # Panics
///
/// When another one is planted already.
pub fn plant(fault: Fault) {
    PLANTED.set(fault).expect("one flaw per process");
}

/// Tells whether this flaw is planted.
pub(super) fn is(fault: Fault) -> bool {
    PLANTED.get() == Some(&fault)
}

//! What some runtimes with sockets can do and others cannot.

anyrt_conformance_engine::capabilities! {
    /// Has TCP, UDP and names: implements `NetRuntime`, or `LocalNet` where its tasks are local.
    Net: "it has no sockets (no `Net`)", Declared;
    /// Takes sockets and descriptors from outside, and gives them back: implements `OsNet`.
    OsNet: "it takes no sockets from outside (no `OsNet`)", Declared;
    /// Has Unix sockets: implements `Unix`.
    Unix: "it has no Unix sockets (no `Unix`)", Declared;
    /// Has signals: implements `Signals`.
    Signals: "it has no signals (no `Signals`)", Declared;
}

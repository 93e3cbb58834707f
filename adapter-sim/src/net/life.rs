//! A host's process: how it starts, stops, dies and is started again.

use std::future::Future;
use std::sync::Arc;

use anyrt_core::{JoinHandle, Spawn, SpawnMeta};
use anyrt_net::SignalKind;

use super::Host;
use super::Wire;
use super::call;
use super::wire::Moment;
use crate::host_id::HostId;
use crate::task::join::quietly;
use crate::task::locals;
use crate::{Sim, Task, context};

impl Host {
    /// Starts the host's process anew: kills what runs, gives the host its power back where it has none, and spawns `main` on it.
    ///
    /// # Examples
    ///
    /// ```
    /// use anyrt_core::prelude::*;
    /// use anyrt_sim::Sim;
    ///
    /// let rt = Sim::builder().build();
    /// let db = rt.handle().host("db");
    /// let first = db.restart(|_| std::future::pending::<()>());
    /// let second = db.restart(|_| async { 42 });
    /// assert!(rt.block_on(first).unwrap_err().is_cancelled());
    /// assert_eq!(rt.block_on(second)?, 42);
    /// # Ok::<(), anyrt_core::JoinError>(())
    /// ```
    #[track_caller]
    pub fn restart<F>(&self, main: impl FnOnce(Sim) -> F) -> JoinHandle<Task<F::Output>>
    where
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        if self.is_up() {
            self.end(Wire::close_process);
        }
        call::act_from_outside(self.sim.shared(), |wire, m| wire.power_on(self.id, m));
        let meta = SpawnMeta::named("main");
        self.sim.spawn_with(meta, main(self.handle()))
    }

    /// Takes the host's power away: its tasks are dropped without another poll, and nobody is told.
    ///
    /// Peers notice as they would notice a machine that is off. What they send is not answered, so connections time out after
    /// [15 minutes](super::Network::stream_timeout), or by their keep-alive, and attempts to connect after
    /// [two](super::Network::connect_timeout). After [`restart`](Self::restart), what they send is answered by a reset.
    ///
    /// Destructors of the dropped tasks run, and reach nothing: the sockets are gone, and what they spawn is dropped.
    /// A task of the host that calls this is dropped when it waits next.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use futures::io::{AsyncReadExt, AsyncWriteExt};
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::prelude::*;
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     let server = sim.host("server");
    ///     server.restart(|rt| async move {
    ///         let listener = rt.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
    ///         let _held = listener.accept().await;
    ///         std::future::pending::<()>().await
    ///     }).detach();
    ///     sim.sleep(Duration::from_millis(1)).await;
    ///     let mut stream = sim.connect_host("server", 80).await.unwrap();
    ///
    ///     server.crash();
    ///     let mut buf = [0; 8];
    ///     assert!(sim.timeout(Duration::from_secs(60), stream.read(&mut buf)).await.is_err());
    ///     server.restart(|_| async {}).detach();
    ///     stream.write_all(b"still there?").await.unwrap();
    ///     let error = stream.read(&mut buf).await.unwrap_err();
    ///     assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
    /// });
    /// ```
    pub fn crash(&self) {
        self.end(Wire::power_off);
    }

    /// Kills the host's process: its tasks are dropped without another poll, and its system closes its connections.
    ///
    /// Peers read the end, or a reset where something was left unread. Attempts to connect are refused.
    ///
    /// Destructors are as for [`crash`](Self::crash).
    pub fn kill(&self) {
        if self.is_up() {
            self.end(Wire::kill_process);
        }
    }

    /// Tells whether it has power: it has from the start until it [crashes](Self::crash), and after a [restart](Self::restart).
    pub fn is_up(&self) -> bool {
        self.sim.shared().lock().wire.is_up(self.id)
    }

    /// Stops the host's tasks where they are, until [`resume`](Self::resume): as a debugger does, or a long collection of
    /// garbage. Its system goes on: messages are received into its buffers, and its clock runs.
    ///
    /// What others do to its tasks still happens: one that is aborted ends at once, as on any host, and its destructors run; so do a
    /// [crash](Self::crash) and a [kill](Self::kill).
    ///
    /// # Examples
    ///
    /// A lease that its holder believes in for too long:
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     let holder = sim.host("holder");
    ///     let task = holder.restart(|rt| async move {
    ///         rt.sleep(Duration::from_secs(1)).await;
    ///         rt.now()
    ///     });
    ///     let start = sim.now();
    ///     holder.pause();
    ///     sim.sleep(Duration::from_secs(10)).await;
    ///     assert!(!task.is_finished());
    ///     holder.resume();
    ///     assert!(task.await.unwrap() - start >= Duration::from_secs(10));
    /// });
    /// ```
    pub fn pause(&self) {
        call::act_from_outside(self.sim.shared(), |wire, m| wire.pause(self.id, m.now));
    }

    /// Lets the tasks go on that [`pause`](Self::pause) stopped.
    pub fn resume(&self) {
        let mut state = self.sim.shared().lock();
        let now = state.now;
        let parked = state.wire.resume(self.id, now);
        state.unpark(parked);
        self.sim.shared().notify(&state);
    }

    /// Sends a signal to the host's process. One to end it that nobody has subscribed to [kills](Self::kill) it, as systems do.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use anyrt_core::prelude::*;
    /// use anyrt_net::{SignalKind, prelude::*};
    ///
    /// anyrt_sim::check(|sim| async move {
    ///     let server = sim.host("server");
    ///     let task = server.restart(|rt| async move { rt.ctrl_c().await.is_ok() });
    ///     sim.sleep(Duration::from_secs(1)).await;
    ///     server.signal(SignalKind::Interrupt);
    ///     assert!(task.await.unwrap());
    /// });
    /// ```
    pub fn signal(&self, kind: SignalKind) {
        let is_heard =
            call::act_from_outside(self.sim.shared(), |wire, m| wire.signal(self.id, kind, m));
        let is_harmless = matches!(kind, SignalKind::Child | SignalKind::WindowChange);
        if !is_heard && !is_harmless {
            self.kill();
        }
    }

    /// Tells whether any task of the host is left.
    pub(super) fn is_running(&self) -> bool {
        self.sim.shared().lock().has_tasks(self.id)
    }

    /// Ends the host's process: closes its sockets as `close` has it, and drops its tasks, in the order of their numbers.
    fn end(&self, close: fn(&mut Wire, HostId, &mut Moment)) {
        let shared = self.sim.shared();
        // Destructors look for the simulation that they belong to.
        let _context = context::enter(Arc::clone(shared));
        call::act_from_outside(shared, |wire, m| close(wire, self.id, m));
        let (stays_up, tasks) = {
            let mut state = shared.lock();
            let stays_up = state.wire.set_up(self.id, false);
            (stays_up, state.begin_dropping(self.id))
        };
        for (task, entry) in tasks {
            quietly(|| drop(entry));
            if shared.is_home() {
                quietly(|| drop(locals::take(shared.id, task)));
            }
        }
        let mut state = shared.lock();
        state.dropping = None;
        state.wire.set_up(self.id, stays_up);
        shared.notify(&state);
    }
}

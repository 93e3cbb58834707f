//! How the rules reach the sockets of a backend.

use anyrt_conformance_engine as engine;
use anyrt_conformance_engine::{Backend, Started};
use anyrt_net::{AnyNet, LocalNet, NetRuntime};

use crate::mutants::{Broken, Fault, plant};
use crate::place::{Local, Shared};
use crate::rule::RuleFuture;
use crate::{capability, rules};

/// What a backend says of its sockets, so that the rules of this crate apply to it.
///
/// The rules run on the runtime's own handle, `R`, and not through the engine's boxes: behind `AnyNet` only where the backend
/// is [behind `AnyRuntime`](Backend::through_any).
///
/// # Examples
///
/// ```
/// use anyrt_conformance_engine::Backend;
/// use anyrt_conformance_net::Sockets;
/// use anyrt_core::{BlockOn, Config, Launch};
/// use anyrt_net::NetRuntime;
///
/// fn mine<L: Launch<Handle: NetRuntime + BlockOn> + Send + 'static>() -> Backend {
///     Backend::owned::<L>("mine", Config::new()).sockets::<L::Handle>()
/// }
/// ```
pub trait Sockets {
    /// Has TCP, UDP and names: adds the capability [`Net`](const@capability::Net). `R` is the type of the runtime's handle.
    fn sockets<R: NetRuntime>(self) -> Self;

    /// As [`sockets`](Self::sockets), for the handle of a local runtime.
    fn local_sockets<R: LocalNet>(self) -> Self;

    /// Takes sockets and descriptors from outside: adds the capability [`OsNet`](const@capability::OsNet).
    #[cfg(unix)]
    fn os_sockets<R: NetRuntime + anyrt_net::OsNet>(self) -> Self;

    /// As [`os_sockets`](Self::os_sockets), for the handle of a local runtime.
    #[cfg(unix)]
    fn local_os_sockets<R: LocalNet + anyrt_net::OsNet>(self) -> Self;

    /// Has Unix sockets: adds the capability [`Unix`](const@capability::Unix).
    #[cfg(unix)]
    fn unix_sockets<R: NetRuntime + anyrt_net::Unix>(self) -> Self;

    /// As [`unix_sockets`](Self::unix_sockets), for the handle of a local runtime.
    #[cfg(unix)]
    fn local_unix_sockets<R: LocalNet + anyrt_net::Unix>(self) -> Self;

    /// Has signals: adds the capability [`Signals`](const@capability::Signals).
    #[cfg(unix)]
    fn signals<R: NetRuntime + anyrt_net::Signals>(self) -> Self;

    /// As [`signals`](Self::signals), for the handle of a local runtime.
    #[cfg(unix)]
    fn local_signals<R: LocalNet + anyrt_net::Signals>(self) -> Self;
}

impl Sockets for Backend {
    fn sockets<R: NetRuntime>(self) -> Self {
        with(self.declares(capability::Net), find_net::<R>)
    }

    fn local_sockets<R: LocalNet>(self) -> Self {
        with_local(self.declares(capability::Net), |rt, name| {
            drive_local(rt, rules::local::<R>(name))
        })
    }

    #[cfg(unix)]
    fn os_sockets<R: NetRuntime + anyrt_net::OsNet>(self) -> Self {
        with(self.declares(capability::OsNet), |rt, name| {
            find(rt, rules::os::<R>(name), rules::os::<Broken<R>>(name))
        })
    }

    #[cfg(unix)]
    fn local_os_sockets<R: LocalNet + anyrt_net::OsNet>(self) -> Self {
        with_local(self.declares(capability::OsNet), |rt, name| {
            drive_local(rt, rules::local_os::<R>(name))
        })
    }

    #[cfg(unix)]
    fn unix_sockets<R: NetRuntime + anyrt_net::Unix>(self) -> Self {
        with(self.declares(capability::Unix), |rt, name| {
            find(rt, rules::unix::<R>(name), rules::unix::<Broken<R>>(name))
        })
    }

    #[cfg(unix)]
    fn local_unix_sockets<R: LocalNet + anyrt_net::Unix>(self) -> Self {
        with_local(self.declares(capability::Unix), |rt, name| {
            drive_local(rt, rules::local_unix::<R>(name))
        })
    }

    #[cfg(unix)]
    fn signals<R: NetRuntime + anyrt_net::Signals>(self) -> Self {
        with(self.declares(capability::Signals), |rt, name| {
            find(
                rt,
                rules::signal::<R>(name),
                rules::signal::<Broken<R>>(name),
            )
        })
    }

    #[cfg(unix)]
    fn local_signals<R: LocalNet + anyrt_net::Signals>(self) -> Self {
        with_local(self.declares(capability::Signals), |rt, name| {
            drive_local(rt, rules::local_signal::<R>(name))
        })
    }
}

/// Runs the rule with a name if it is one of those that this is for, and tells whether it was.
type Find = fn(&Started<engine::Shared>, &str) -> bool;

/// What a backend whose tasks are `Send` is extended with.
#[derive(Clone, Debug, Default)]
struct OnShared(Vec<Find>);

/// As [`Find`], on a local runtime.
type FindLocal = fn(&Started<engine::Local>, &str) -> bool;

/// What a local backend is extended with.
#[derive(Clone, Debug, Default)]
struct OnLocal(Vec<FindLocal>);

/// Runs the rule with a name on a started runtime.
pub(crate) trait RunByName {
    /// Panics where the rule does not hold.
    fn run_by_name(&self, name: &str);
}

impl RunByName for Started<engine::Shared> {
    fn run_by_name(&self, name: &str) {
        plant(self.backend().extension().copied());
        let known = self.backend().extension::<OnShared>();
        let found = known.is_some_and(|it| it.0.iter().any(|find| find(self, name)));
        assert!(found, "only rules whose needs are declared are run");
    }
}

impl RunByName for Started<engine::Local> {
    fn run_by_name(&self, name: &str) {
        let known = self.backend().extension::<OnLocal>();
        let found = known.is_some_and(|it| it.0.iter().any(|find| find(self, name)));
        assert!(found, "only rules whose needs are declared are run");
    }
}

fn with(backend: Backend, find: Find) -> Backend {
    let mut known = backend.extension::<OnShared>().cloned().unwrap_or_default();
    known.0.push(find);
    backend.extended(known)
}

fn with_local(backend: Backend, find: FindLocal) -> Backend {
    let mut known = backend.extension::<OnLocal>().cloned().unwrap_or_default();
    known.0.push(find);
    backend.extended(known)
}

/// A rule on a handle of one type.
type On<P> = Option<fn(P) -> RuleFuture>;

fn find_net<R: NetRuntime>(rt: &Started<engine::Shared>, name: &str) -> bool {
    if is_broken(rt) {
        return drive(rt, rules::net::<Broken<AnyNet>>(name), |rt| {
            Broken::new(erased::<R>(rt))
        });
    }
    if rt.backend().is_through_any() {
        return drive(rt, rules::net::<AnyNet>(name), erased::<R>);
    }
    drive(rt, rules::net::<R>(name), own::<R>)
}

/// What `AnyNet` does not pass on runs on the runtime's own handle.
fn find<R: NetRuntime>(
    rt: &Started<engine::Shared>,
    sound: On<Shared<R>>,
    broken: On<Shared<Broken<R>>>,
) -> bool {
    if is_broken(rt) {
        return drive(rt, broken, |rt| Broken::new(own::<R>(rt)));
    }
    drive(rt, sound, own::<R>)
}

fn is_broken(rt: &Started<engine::Shared>) -> bool {
    rt.backend().extension::<Fault>().is_some()
}

/// Runs a rule, if there is one.
fn drive<R: NetRuntime>(
    rt: &Started<engine::Shared>,
    rule: On<Shared<R>>,
    take: fn(&engine::Shared) -> R,
) -> bool {
    if let Some(rule) = rule {
        rt.block_on(rule(Shared::new(rt, take)));
    }
    rule.is_some()
}

/// Runs a rule on the handle of a local runtime, if there is one.
fn drive_local<R: LocalNet>(
    rt: &Started<engine::Local>,
    rule: Option<fn(Local<R>) -> RuleFuture>,
) -> bool {
    if let Some(rule) = rule {
        let handle = rt.native::<R>().expect("a handle of the backend's runtime");
        rt.block_on(rule(Local::new(handle.clone())));
    }
    rule.is_some()
}

/// The runtime's own handle.
fn own<R: NetRuntime>(rt: &engine::Shared) -> R {
    let handle = rt.native::<R>().expect("a handle of the backend's runtime");
    handle.clone()
}

/// The same, without its type.
fn erased<R: NetRuntime>(rt: &engine::Shared) -> AnyNet {
    AnyNet::new(own::<R>(rt))
}

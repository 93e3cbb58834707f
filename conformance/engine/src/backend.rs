use std::any::Any;
use std::collections::BTreeSet;
use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use anyrt_core::{
    AnyBlockOn, AnyRuntime, BlockOn, Config, Current, Launch, LaunchError, LocalRuntime, NoRuntime,
    Runtime, SpawnLocal, Timer, yield_now,
};

use crate::capability::{self, Capability, Source};
use crate::erase::{LocalDirect, LookedUp};
use crate::extensions::Extensions;
use crate::{BoxWork, Claims, End, Instance, Local, Native, RootFuture, Shared, Value};

/// A launch as it was before a mutant changed it.
pub type TryLaunch<'a> = &'a dyn Fn(Config) -> Result<(), LaunchError>;

/// A runtime under test: how it is started, what it can do, what it claims, and where it deviates.
///
/// # Examples
///
/// ```
/// use anyrt_conformance_engine::Backend;
/// use anyrt_core::{BlockOn, Config, Launch, Runtime};
///
/// fn mine<L: Launch<Handle: Runtime + BlockOn> + Send + 'static>() -> Backend {
///     let backend = Backend::owned::<L>("mine", Config::new());
///     backend.claims(|claims| claims.multi_thread = true)
/// }
/// ```
#[derive(Clone)]
pub struct Backend {
    key: String,
    start: Start,
    through_any: bool,
    capabilities: BTreeSet<Capability>,
    claims: Claims,
    native: Option<Native>,
    launch: Option<(Config, Launches)>,
    deviations: Vec<Deviation>,
    extensions: Extensions,
}

/// Launches a runtime with a configuration, runs a task on it, lets it be visited if its tasks are `Send`, and shuts it down.
type Launches = Arc<dyn Fn(Config, Visit<'_>) -> Result<(), LaunchError> + Send + Sync>;

/// What is done with a runtime that was launched.
type Visit<'a> = &'a dyn Fn(&Shared);

/// A rule that a backend does not keep, and why it cannot at any reasonable cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The id of the rule.
    pub rule: String,
    /// Why the rule is not kept.
    pub reason: String,
}

#[derive(Clone)]
enum Start {
    Shared(StartShared, Option<CurrentShared>),
    Local(StartLocal, Option<CurrentLocal>),
}

/// The flag says whether handles go through `AnyRuntime`.
type StartShared = Arc<dyn Fn(bool) -> Box<dyn Instance<Shared>> + Send + Sync>;
type StartLocal = Arc<dyn Fn() -> Box<dyn Instance<Local>> + Send + Sync>;
type CurrentShared = Arc<dyn Fn() -> Result<Shared, NoRuntime> + Send + Sync>;
type CurrentLocal = Arc<dyn Fn() -> Result<Local, NoRuntime> + Send + Sync>;

impl Backend {
    /// A runtime that is always there, reached through a handle: `handle` returns it.
    pub fn global<R: Runtime + BlockOn>(key: &str, handle: fn() -> R) -> Self {
        let start: StartShared = Arc::new(move |any| Box::new(Global(erase(handle(), any))));
        Self::shared(key, start, [])
    }

    /// A runtime that is launched with `config` for each rule and shut down after it.
    pub fn owned<L>(key: &str, config: Config) -> Self
    where
        L: Launch<Handle: Runtime + BlockOn> + Send + 'static,
    {
        let end: fn(L) -> End = |runtime| {
            Box::new(move |grace| match grace {
                Some(grace) => runtime.shutdown(grace),
                None => drop(runtime),
            })
        };
        Self::owned_with(
            key,
            config,
            Some(end),
            [capability::Owned, capability::Movable],
        )
    }

    /// As [`owned`](Self::owned), for a runtime that cannot leave the thread that launched it, though its handles can.
    pub fn owned_by_thread<L>(key: &str, config: Config) -> Self
    where
        L: Launch<Handle: Runtime + BlockOn> + 'static,
    {
        Self::owned_with::<L, 1>(key, config, None, [capability::Owned])
    }

    /// A launched runtime whose tasks stay on the thread that drives it.
    pub fn local<L>(key: &str, config: Config) -> Self
    where
        L: Launch<Handle: LocalRuntime> + 'static,
    {
        Self::local_with::<L>(
            key,
            config,
            LocalDirect::with_blocking,
            [capability::Blocking].into(),
        )
    }

    /// As [`local`](Self::local), for a runtime without a blocking pool.
    pub fn local_without_blocking<L>(key: &str, config: Config) -> Self
    where
        L: Launch<Handle: SpawnLocal + Timer<Sleep: 'static>> + 'static,
    {
        Self::local_with::<L>(key, config, LocalDirect::new, BTreeSet::new())
    }

    /// A runtime whose handle is a [`Layer`](crate::Layer) written by hand, and which is always there.
    pub fn layer(key: &str, layer: fn() -> Shared) -> Self {
        let start: StartShared = Arc::new(move |_| Box::new(Global(layer())));
        Self::shared(key, start, [])
    }

    fn owned_with<L, const N: usize>(
        key: &str,
        config: Config,
        end: Option<fn(L) -> End>,
        capabilities: [Capability; N],
    ) -> Self
    where
        L: Launch<Handle: Runtime + BlockOn> + 'static,
    {
        let launches = (
            config.clone(),
            launches::<L>(|runtime, visit| visit(&Shared::new(runtime.handle()))),
        );
        let start: StartShared = Arc::new(move |any| {
            Box::new(Owned {
                runtime: launch::<L>(&config),
                any,
                end,
            })
        });
        let backend = Self::shared(key, start, capabilities);
        Self {
            launch: Some(launches),
            ..backend
        }
    }

    fn shared<const N: usize>(key: &str, start: StartShared, more: [Capability; N]) -> Self {
        let mut capabilities: BTreeSet<_> = more.into();
        capabilities.extend([capability::Shared, capability::Blocking]);
        Self {
            key: key.to_owned(),
            start: Start::Shared(start, None),
            through_any: false,
            capabilities,
            claims: Claims::default(),
            native: None,
            launch: None,
            deviations: Vec::new(),
            extensions: Extensions::default(),
        }
    }

    fn local_with<L>(
        key: &str,
        config: Config,
        direct: fn(L::Handle) -> LocalDirect<L::Handle>,
        mut capabilities: BTreeSet<Capability>,
    ) -> Self
    where
        L: Launch<Handle: SpawnLocal + Timer<Sleep: 'static>> + 'static,
    {
        capabilities.extend([capability::Local, capability::Owned]);
        let launches = (config.clone(), launches::<L>(|_, _| {}));
        let start: StartLocal = Arc::new(move || {
            Box::new(OwnedLocal {
                runtime: launch::<L>(&config),
                direct,
            })
        });
        Self {
            key: key.to_owned(),
            start: Start::Local(start, None),
            through_any: false,
            capabilities,
            claims: Claims::default(),
            native: None,
            launch: Some(launches),
            deviations: Vec::new(),
            extensions: Extensions::default(),
        }
    }

    /// Adds the capability [`Current`](capability::Current): `R` is the handle that looks itself up.
    pub fn current<R: Current + Runtime + BlockOn>(mut self) -> Self {
        if let Start::Shared(_, current) = &mut self.start {
            *current = Some(Arc::new(|| R::try_current().map(Shared::new)));
            self.capabilities.insert(capability::Current);
        }
        self
    }

    /// As [`current`](Self::current), for the handle of a local runtime.
    pub fn current_local<R: Current + LocalRuntime>(self) -> Self {
        self.current_local_with::<R>(LocalDirect::with_blocking)
    }

    /// As [`current_local`](Self::current_local), for the handle of a local runtime without a blocking pool.
    pub fn current_local_without_blocking<R>(self) -> Self
    where
        R: Current + SpawnLocal + Timer<Sleep: 'static> + Clone + Debug + 'static,
    {
        self.current_local_with::<R>(LocalDirect::new)
    }

    fn current_local_with<R>(mut self, direct: fn(R) -> LocalDirect<R>) -> Self
    where
        R: Current + SpawnLocal + Timer<Sleep: 'static> + Clone + Debug + 'static,
    {
        if let Start::Local(_, current) = &mut self.start {
            *current = Some(Arc::new(move || {
                R::try_current().map(|handle| Local::new(direct(handle)))
            }));
            self.capabilities.insert(capability::Current);
        }
        self
    }

    /// Adds the capability [`Native`](capability::Native): how the runtime's own facilities are checked.
    pub fn native(mut self, native: Native) -> Self {
        self.native = Some(native);
        self.capabilities.insert(capability::Native);
        self
    }

    /// Changes what the backend claims about itself.
    pub fn claims(mut self, change: impl FnOnce(&mut Claims)) -> Self {
        change(&mut self.claims);
        self
    }

    /// Declares that the rule with the id `rule` is not kept, and why.
    ///
    /// The rule is still run, and turns red when it holds: then the declaration must go.
    pub fn deviates(mut self, rule: &str, reason: &str) -> Self {
        self.deviations.push(Deviation {
            rule: rule.to_owned(),
            reason: reason.to_owned(),
        });
        self
    }

    /// The same backend with its handles behind [`AnyBlockOn`]; its key ends in `+any`.
    ///
    /// What is looked up is then the current `AnyRuntime`, which is nowhere but where one was entered.
    ///
    /// # Panics
    ///
    /// For local backends, which `AnyRuntime` does not take.
    pub fn through_any(mut self) -> Self {
        let Start::Shared(_, current) = &mut self.start else {
            panic!("`AnyRuntime` takes runtimes whose tasks are `Send`");
        };
        *current = Some(Arc::new(|| {
            AnyRuntime::try_current().map(|found| Shared::new(LookedUp(found)))
        }));
        self.key.push_str("+any");
        self.through_any = true;
        self.capabilities.insert(capability::Current);
        self.claims.always_current = false;
        self
    }

    /// Adds a capability that the constructors do not know: one of another specification's.
    pub fn declares(mut self, capability: Capability) -> Self {
        self.capabilities.insert(capability);
        self
    }

    /// Adds what the rules of a specification need of the backend and the engine does not know, in place of an earlier value
    /// of the same type; they get it by [`extension`](Self::extension).
    ///
    /// Sockets, for example: a value of the specification's that makes them from the runtime's own handle, which it gets by
    /// [`Shared::native`] and [`Local::native`].
    pub fn extended<E: Any + Send + Sync>(mut self, value: E) -> Self {
        self.extensions.insert(value);
        self
    }

    /// What the backend was [extended](Self::extended) with.
    pub fn extension<E: Any>(&self) -> Option<&E> {
        self.extensions.get()
    }

    /// Launches a runtime of this backend with its options changed by `change`, runs a task on it, and shuts it down.
    ///
    /// # Errors
    ///
    /// When the runtime refuses to launch.
    ///
    /// # Panics
    ///
    /// Where the backend lacks the capability [`Owned`](capability::Owned).
    pub fn try_launch(&self, change: impl FnOnce(Config) -> Config) -> Result<(), LaunchError> {
        self.try_launch_and(change, &|_| {})
    }

    /// As [`try_launch`](Self::try_launch), and calls `visit` with the runtime before it is shut down, if its tasks are `Send`.
    ///
    /// # Errors
    ///
    /// When the runtime refuses to launch.
    ///
    /// # Panics
    ///
    /// Where the backend lacks the capability [`Owned`](capability::Owned), and where `visit` panics.
    pub fn try_launch_and(
        &self,
        change: impl FnOnce(Config) -> Config,
        visit: &dyn Fn(&Shared),
    ) -> Result<(), LaunchError> {
        let launch = self.launch.as_ref();
        let (config, launch) = launch.expect("only rules that need `Owned` launch");
        launch(change(config.clone()), visit)
    }

    /// How many worker threads the backend's options ask for, if they do.
    pub fn worker_threads(&self) -> Option<usize> {
        let (config, _) = self.launch.as_ref()?;
        config.worker_threads
    }

    /// The same backend with every launch by [`try_launch`](Self::try_launch) changed by `wrap`, which gets the options and the
    /// launch as it was; for mutants.
    pub fn wrap_launch(
        mut self,
        wrap: fn(Config, TryLaunch<'_>) -> Result<(), LaunchError>,
    ) -> Self {
        if let Some((_, launch)) = &mut self.launch {
            let inner = launch.clone();
            *launch = Arc::new(move |config, visit| wrap(config, &|config| inner(config, visit)));
        }
        self
    }

    /// Whether its handles go through [`AnyBlockOn`].
    pub fn is_through_any(&self) -> bool {
        self.through_any
    }

    /// The same backend with every started runtime changed by `wrap`; for mutants.
    pub fn wrap_shared(
        mut self,
        wrap: impl Fn(Box<dyn Instance<Shared>>) -> Box<dyn Instance<Shared>> + Send + Sync + 'static,
    ) -> Self {
        if let Start::Shared(start, _) = &mut self.start {
            let inner = start.clone();
            *start = Arc::new(move |any| wrap(inner(any)));
        }
        self
    }

    /// As [`wrap_shared`](Self::wrap_shared), for local backends.
    pub fn wrap_local(
        mut self,
        wrap: impl Fn(Box<dyn Instance<Local>>) -> Box<dyn Instance<Local>> + Send + Sync + 'static,
    ) -> Self {
        if let Start::Local(start, _) = &mut self.start {
            let inner = start.clone();
            *start = Arc::new(move || wrap(inner()));
        }
        self
    }

    /// The same backend under a key that ends in `suffix`.
    pub(crate) fn suffixed(mut self, suffix: &str) -> Self {
        self.key.push_str(suffix);
        self
    }

    /// The same backend with every look-up changed by `shared` or `local`, which get the backend as it was; for mutants.
    pub fn wrap_current(
        mut self,
        shared: fn(&Self, Result<Shared, NoRuntime>) -> Result<Shared, NoRuntime>,
        local: fn(&Self, Result<Local, NoRuntime>) -> Result<Local, NoRuntime>,
    ) -> Self {
        let before = self.clone();
        match &mut self.start {
            Start::Shared(_, Some(current)) => {
                let inner = current.clone();
                *current = Arc::new(move || shared(&before, inner()));
            }
            Start::Local(_, Some(current)) => {
                let inner = current.clone();
                *current = Arc::new(move || local(&before, inner()));
            }
            _ => {}
        }
        self
    }

    /// The name of the backend in commands and reports.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether the backend can do what `capability` says.
    pub fn has(&self, capability: Capability) -> bool {
        match capability.source() {
            Source::Declared => self.capabilities.contains(&capability),
            Source::Found(found) => found(),
            Source::Claimed => self.claims.has(capability),
        }
    }

    /// What the backend claims.
    pub fn claims_made(&self) -> &Claims {
        &self.claims
    }

    /// The rules that the backend is declared not to keep.
    pub fn deviations(&self) -> &[Deviation] {
        &self.deviations
    }

    /// The declared reason why the backend does not keep `rule`, if there is one.
    pub fn deviation(&self, rule: &str) -> Option<&str> {
        let declared = self.deviations.iter().find(|it| it.rule == rule)?;
        Some(&declared.reason)
    }

    /// What the rules about native facilities ask for.
    ///
    /// # Panics
    ///
    /// Where the backend lacks the capability [`Native`](capability::Native).
    pub fn native_facilities(&self) -> Native {
        self.native
            .expect("only rules that need `Native` ask for it")
    }

    /// Why no runtime is found where this is called, if none is.
    pub fn no_current(&self) -> Option<NoRuntime> {
        match &self.start {
            Start::Shared(..) => self.try_current_shared().err(),
            Start::Local(..) => self.try_current_local().err(),
        }
    }

    /// Starts the runtime of a backend whose tasks are `Send`.
    pub(crate) fn instance_shared(&self) -> Box<dyn Instance<Shared>> {
        match &self.start {
            Start::Shared(start, _) => start(self.through_any),
            Start::Local(..) => {
                unreachable!("rules for `Send` tasks are not run on local backends")
            }
        }
    }

    /// Starts the runtime of a backend whose tasks are local.
    pub(crate) fn instance_local(&self) -> Box<dyn Instance<Local>> {
        match &self.start {
            Start::Local(start, _) => start(),
            Start::Shared(..) => unreachable!("rules for local tasks are run on local backends"),
        }
    }

    /// Looks up the runtime that the caller runs on, as a handle of the type [`Shared`].
    ///
    /// # Errors
    ///
    /// When it runs on none.
    ///
    /// # Panics
    ///
    /// Where the backend lacks the capability [`Current`](capability::Current), or is of the other kind.
    pub fn try_current_shared(&self) -> Result<Shared, NoRuntime> {
        match &self.start {
            Start::Shared(_, Some(current)) => current(),
            _ => unreachable!("only rules that need `Current` look it up"),
        }
    }

    /// Looks up the runtime that the caller runs on, as a handle of the type [`Local`].
    ///
    /// # Errors
    ///
    /// When it runs on none.
    ///
    /// # Panics
    ///
    /// Where the backend lacks the capability [`Current`](capability::Current), or is of the other kind.
    pub fn try_current_local(&self) -> Result<Local, NoRuntime> {
        match &self.start {
            Start::Local(_, Some(current)) => current(),
            _ => unreachable!("only rules that need `Current` look it up"),
        }
    }
}

impl Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend")
            .field("key", &self.key)
            .field("capabilities", &self.capabilities)
            .field("claims", &self.claims)
            .field("deviations", &self.deviations)
            .finish_non_exhaustive()
    }
}

fn launch<L: Launch>(config: &Config) -> L {
    L::launch(config.clone()).unwrap_or_else(|error| panic!("the runtime does not start: {error}"))
}

fn launches<L: Launch + 'static>(visit: fn(&L, Visit<'_>)) -> Launches {
    Arc::new(move |config, visitor| {
        let runtime = L::launch(config)?;
        runtime.block_on(yield_now());
        visit(&runtime, visitor);
        runtime.shutdown(Duration::from_secs(10));
        Ok(())
    })
}

fn erase<R: Runtime + BlockOn>(handle: R, any: bool) -> Shared {
    let direct = Shared::new(handle.clone());
    if any {
        direct.with_layer(Shared::new(AnyBlockOn::new(handle)).layer())
    } else {
        direct
    }
}

struct Global(Shared);

impl Instance<Shared> for Global {
    fn handle(&self) -> Shared {
        self.0.clone()
    }

    fn block_on(&self, future: RootFuture<'_>) {
        self.0.layer().block_on(future);
    }

    fn shutdown(self: Box<Self>, _: Duration) {
        unreachable!("only rules that need `Owned` shut a runtime down");
    }
}

struct Owned<L> {
    runtime: L,
    any: bool,
    /// Where `L` is `Send`.
    end: Option<fn(L) -> End>,
}

impl<L: Launch<Handle: Runtime + BlockOn>> Instance<Shared> for Owned<L> {
    fn handle(&self) -> Shared {
        erase(self.runtime.handle(), self.any)
    }

    fn block_on(&self, future: RootFuture<'_>) {
        if self.any {
            let erased = AnyRuntime::new(self.runtime.handle());
            self.runtime.block_on(erased.as_current(future));
        } else {
            self.runtime.block_on(future);
        }
    }

    fn run(&self, future: BoxWork) -> Value {
        self.runtime.run(future)
    }

    fn shutdown(self: Box<Self>, grace: Duration) {
        self.runtime.shutdown(grace);
    }

    fn into_end(self: Box<Self>) -> End {
        let end = self.end.expect("only rules that need `Movable` move it");
        end(self.runtime)
    }
}

struct OwnedLocal<L: Launch> {
    runtime: L,
    direct: fn(L::Handle) -> LocalDirect<L::Handle>,
}

impl<L> Instance<Local> for OwnedLocal<L>
where
    L: Launch<Handle: SpawnLocal + Timer<Sleep: 'static>>,
{
    fn handle(&self) -> Local {
        Local::new((self.direct)(self.runtime.handle()))
    }

    fn block_on(&self, future: RootFuture<'_>) {
        self.runtime.block_on(future);
    }

    fn shutdown(self: Box<Self>, grace: Duration) {
        self.runtime.shutdown(grace);
    }
}

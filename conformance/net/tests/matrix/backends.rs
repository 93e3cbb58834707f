use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use anyrt_conformance_net::Rule;
use anyrt_conformance_net::kit::{Fresh, Local, Owner, Shared};
use anyrt_conformance_net::rules;
use anyrt_core::{BlockOn, Config, Flavor, Launch};
use anyrt_net::{AnyNet, LocalNet, NetRuntime};

use crate::runner::Case;

/// The owner of a runtime, for rules that end one.
struct Launched<O>(O);

impl<O: Launch + BlockOn> Owner for Launched<O> {
    fn drive(&self, future: Pin<&mut dyn Future<Output = ()>>) {
        self.0.block_on(future);
    }

    fn shutdown(self: Box<Self>) {
        self.0.shutdown(Duration::from_secs(10));
    }
}

impl<O> fmt::Debug for Launched<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Launched").finish_non_exhaustive()
    }
}

pub(crate) fn two_threads() -> Config {
    Config::new().worker_threads(2)
}

fn current_thread() -> Config {
    Config::new().flavor(Flavor::CurrentThread)
}

pub(crate) fn launch<O: Launch>(config: Config) -> O {
    O::launch(config).expect("launches")
}

/// Another runtime of a kind that programs launch.
fn fresh<O: Launch + BlockOn + 'static>(config: Config) -> Fresh<O::Handle> {
    let owner: O = launch(config);
    Fresh {
        rt: owner.handle(),
        owner: Box::new(Launched(owner)),
    }
}

/// Another runtime, without its type.
pub(crate) fn fresh_any<O: Launch<Handle: NetRuntime + BlockOn> + BlockOn + 'static>(
    config: Config,
) -> Fresh<AnyNet> {
    let fresh = fresh::<O>(config);
    Fresh {
        rt: AnyNet::new(fresh.rt),
        owner: fresh.owner,
    }
}

fn case<P>(backend: &str, rule: Rule<P>, run: impl Fn() + 'static) -> Case {
    Case {
        name: format!("{backend}/{}", rule.name()),
        sentence: rule.sentence(),
        hint: rule.hint(),
        must_fail: false,
        run: Box::new(run),
    }
}

/// The rules of a place that a function makes together with what drives it.
fn add<P: 'static, D: BlockOn + 'static>(
    cases: &mut Vec<Case>,
    backend: &'static str,
    rules: Vec<Rule<P>>,
    start: fn() -> (D, P),
) {
    for rule in rules {
        cases.push(case(backend, rule, move || {
            let (driver, place) = start();
            driver.block_on(rule.run(place));
        }));
    }
}

fn local<O: Launch<Handle: LocalNet> + BlockOn + 'static>() -> (O, Local<O::Handle>) {
    let owner: O = launch(Config::new());
    let place = Local::new(owner.handle());
    (owner, place)
}

macro_rules! system {
    ($cases:ident, $name:literal, $start:expr) => {
        add(&mut $cases, $name, rules::system(), $start);
        add(&mut $cases, $name, rules::signal(), $start);
        #[cfg(unix)]
        add(&mut $cases, $name, rules::unix(), $start);
    };
}

/// Every rule on every backend.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();

    type Tokio = Shared<anyrt_tokio::Tokio>;
    fn tokio() -> (anyrt_tokio::Owned, Tokio) {
        let owner: anyrt_tokio::Owned = launch(two_threads());
        let place =
            Shared::with_fresh(
                owner.handle(),
                || fresh::<anyrt_tokio::Owned>(two_threads()),
            );
        (owner, place)
    }
    add(&mut cases, "tokio", rules::shared(), tokio);
    system!(cases, "tokio", tokio);

    fn tokio_current() -> (anyrt_tokio::Owned, Tokio) {
        let owner: anyrt_tokio::Owned = launch(current_thread());
        let place = Shared::with_fresh(owner.handle(), || {
            fresh::<anyrt_tokio::Owned>(current_thread())
        });
        (owner, place)
    }
    add(
        &mut cases,
        "tokio-current-thread",
        rules::shared(),
        tokio_current,
    );
    system!(cases, "tokio-current-thread", tokio_current);

    add(
        &mut cases,
        "tokio-local",
        rules::local(),
        local::<anyrt_tokio::Local>,
    );

    fn any_tokio() -> (anyrt_tokio::Owned, Shared<AnyNet>) {
        let owner: anyrt_tokio::Owned = launch(two_threads());
        let place = Shared::with_fresh(AnyNet::new(owner.handle()), || {
            fresh_any::<anyrt_tokio::Owned>(two_threads())
        });
        (owner, place)
    }
    add(&mut cases, "any(tokio)", rules::shared(), any_tokio);

    type Smol = Shared<anyrt_smol::Smol>;
    fn smol() -> (anyrt_smol::Owned, Smol) {
        let owner: anyrt_smol::Owned = launch(two_threads());
        let place =
            Shared::with_fresh(owner.handle(), || fresh::<anyrt_smol::Owned>(two_threads()));
        (owner, place)
    }
    add(&mut cases, "smol", rules::shared(), smol);
    system!(cases, "smol", smol);

    fn smol_global() -> (anyrt_smol::Smol, Smol) {
        let rt = anyrt_smol::Smol::global();
        (rt.clone(), Shared::new(rt))
    }
    add(&mut cases, "smol-global", rules::shared(), smol_global);
    system!(cases, "smol-global", smol_global);

    add(
        &mut cases,
        "smol-local",
        rules::local(),
        local::<anyrt_smol::Local>,
    );

    fn any_smol() -> (anyrt_smol::Owned, Shared<AnyNet>) {
        let owner: anyrt_smol::Owned = launch(two_threads());
        let place = Shared::with_fresh(AnyNet::new(owner.handle()), || {
            fresh_any::<anyrt_smol::Owned>(two_threads())
        });
        (owner, place)
    }
    add(&mut cases, "any(smol)", rules::shared(), any_smol);

    fn async_std() -> (anyrt_async_std::AsyncStd, Shared<anyrt_async_std::AsyncStd>) {
        let rt = anyrt_async_std::AsyncStd::global();
        (rt.clone(), Shared::new(rt))
    }
    add(&mut cases, "async-std", rules::shared(), async_std);
    system!(cases, "async-std", async_std);

    add(
        &mut cases,
        "async-std-local",
        rules::local(),
        local::<anyrt_async_std::Local>,
    );

    fn any_async_std() -> (anyrt_async_std::AsyncStd, Shared<AnyNet>) {
        let rt = anyrt_async_std::AsyncStd::global();
        (rt.clone(), Shared::new(AnyNet::new(rt)))
    }
    add(&mut cases, "any(async-std)", rules::shared(), any_async_std);

    cases
}

//! Events and spans of `tracing` in a simulation.

use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::prelude::*;
use anyrt_sim::tracing::{Recorder, Stamp};
use anyrt_sim::{Check, Sim};
use futures::{AsyncReadExt, AsyncWriteExt};
use tracing::level_filters::LevelFilter;
use tracing::span::Id;
use tracing::subscriber::DefaultGuard;
use tracing::{Subscriber, debug, info, info_span, warn};
use tracing_subscriber::layer::Context;
use tracing_subscriber::prelude::*;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;

const MS: Duration = Duration::from_millis(1);

/// Who records shares it, and who runs without a subscriber has it alone.
///
/// `tracing` notes a place in the code that is met first where nobody listens as of no interest, until somebody makes another
/// subscriber: one that is there already would miss it.
static LISTENING: RwLock<()> = RwLock::new(());

/// Records on this thread until it is dropped.
struct Listens {
    _default: DefaultGuard,
    _shares: RwLockReadGuard<'static, ()>,
}

fn listen(subscriber: impl SubscriberInitExt) -> Listens {
    let shares = LISTENING.read().unwrap_or_else(PoisonError::into_inner);
    Listens {
        _default: subscriber.set_default(),
        _shares: shares,
    }
}

async fn serve<R: NetRuntime>(rt: R) {
    let listener = rt.tcp_listen(([0, 0, 0, 0], 80).into()).unwrap();
    let (mut stream, peer) = listener.accept().await.unwrap();
    let span = info_span!("connection", %peer, user = tracing::field::Empty);
    rt.spawn_named("connection", async move {
        let mut word = [0; 4];
        stream.read_exact(&mut word).await.unwrap();
        let _in = span.enter();
        span.record("user", "ada");
        info!(bytes = word.len(), "heard\nit");
    })
    .await
    .unwrap();
}

async fn talk(sim: &Sim) {
    let server = sim.host("server");
    server.restart(serve).detach();
    sim.sleep(MS).await;
    let client = sim.host("client").handle();
    let mut stream = client.connect_host("server", 80).await.unwrap();
    stream.write_all(b"moin").await.unwrap();
    sim.sleep(100 * MS).await;
}

#[test]
fn an_event_is_in_the_log_with_its_time_host_task_and_spans() {
    let _listens = listen(tracing_subscriber::registry().with(Recorder::new()));
    let rt = Sim::builder().build();
    let sim = rt.handle();
    rt.block_on(talk(&sim));
    let log = sim.network().log();
    let line = log
        .iter()
        .find(|line| line.text().contains("heard"))
        .expect("is in the log");
    assert_eq!(line.host(), Some("server"));
    assert_eq!(line.task().unwrap().number(), 2);
    assert!(line.time() > MS && line.time() < 100 * MS, "{line}");
    let text = line.text();
    assert!(
        text.starts_with("server: #2 connection INFO connection{peer="),
        "{text}"
    );
    assert!(text.ends_with(" user=\"ada\"}: heard it bytes=4"), "{text}");
    // Where it happened: after the message that it is about.
    let at = |part: &str| log.iter().position(|line| line.text().contains(part));
    assert!(at("\"moin\"").unwrap() < at("heard").unwrap());
}

#[test]
fn an_event_changes_no_course_and_no_hash() {
    let _alone = LISTENING.write().unwrap_or_else(PoisonError::into_inner);
    let run = || {
        let rt = Sim::builder().seed(3).build();
        rt.block_on(talk(&rt.handle()));
        (
            rt.handle().hash(),
            rt.handle().elapsed(),
            rt.handle().steps(),
        )
    };
    let silent = run();
    let _guard = tracing_subscriber::registry()
        .with(Recorder::new())
        .set_default();
    assert_eq!(run(), silent);
}

#[test]
fn a_report_and_its_page_show_events_among_the_messages() {
    let _listens = listen(tracing_subscriber::registry().with(Recorder::new()));
    let failure = Check::new().threads(1).find_failure(|sim| async move {
        talk(&sim).await;
        assert_eq!(sim.seed(), u64::MAX, "as meant");
    });
    let failure = failure.expect("panics");
    let report = failure.to_string();
    let line = report
        .lines()
        .find(|line| line.contains("heard it"))
        .expect("is shown");
    assert!(
        line.contains("*  #2 connection INFO")
            || line.contains("*                       |  #2 connection INFO"),
        "{line}"
    );
    let page = failure.page().expect("has messages");
    assert!(
        page.contains("class=\"dot\"") && page.contains("heard it"),
        "{page}"
    );
}

#[test]
fn what_a_filter_leaves_out_is_not_in_the_log() {
    let recorder = Recorder::new().with_filter(LevelFilter::WARN);
    let _listens = listen(tracing_subscriber::registry().with(recorder));
    let rt = Sim::builder().build();
    rt.block_on(async {
        info!("in vain");
        warn!("seen");
    });
    let log = rt.handle().network().log();
    let texts: Vec<_> = log.iter().map(|line| line.text()).collect();
    assert_eq!(texts, ["local: #0 root WARN seen"]);
}

type Closed = Vec<(&'static str, Option<Stamp>)>;

/// A layer of somebody's own.
struct Stamps(Arc<Mutex<Closed>>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> tracing_subscriber::Layer<S> for Stamps {
    fn on_close(&self, id: Id, cx: Context<'_, S>) {
        let span = cx.span(&id).unwrap();
        let stamp = span.extensions().get::<Stamp>().cloned();
        self.0.lock().unwrap().push((span.name(), stamp));
    }
}

#[test]
fn a_span_is_stamped_with_its_beginning() {
    let stamps = Arc::default();
    let layer = Stamps(Arc::clone(&stamps));
    let recorder = tracing_subscriber::registry().with(Recorder::new());
    let _listens = listen(recorder.with(layer));
    drop(info_span!("outside"));
    let rt = Sim::builder().build();
    let task = rt.handle().host("db").restart(|rt| async move {
        rt.sleep(5 * MS).await;
        let span = info_span!("query");
        rt.sleep(5 * MS).await;
        drop(span);
    });
    rt.block_on(task).unwrap();
    let stamps = stamps.lock().unwrap();
    let [("outside", None), ("query", Some(stamp))] = &stamps[..] else {
        panic!("{stamps:?}");
    };
    assert_eq!((stamp.time(), stamp.host()), (5 * MS, Some("db")));
    assert_eq!((stamp.name(), stamp.group()), (Some("main"), Some("db")));
    assert_eq!(stamp.task().unwrap().number(), 0);
}

#[test]
fn an_event_between_two_polls_belongs_to_no_task() {
    let _listens = listen(tracing_subscriber::registry().with(Recorder::new()));
    let rt = Sim::builder().build();
    debug!("outside");
    rt.handle().note("between");
    let log = rt.handle().network().log();
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].text(), log[0].task()), ("local: between", None));
}

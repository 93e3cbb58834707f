use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyrt_core::prelude::*;
use anyrt_net::{SignalKind, prelude::*};
use anyrt_sim::{Owned, Sim};
use futures::future::try_join_all;

use crate::hall::{Hall, Settings};
use crate::load::{Crowd, Heard, Latency, Plan};

/// How many users one host is. It has 16 384 ports towards the server.
const PER_HOST: usize = 10_000;
const PORT: u16 = 7000;

/// What a [simulation](simulate) showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// How many lines were to be heard.
    pub expected: usize,
    /// How many were, once and in order.
    pub heard: usize,
    /// How many users were told of the end.
    pub byes: usize,
    /// Half of the lines were on their way for at most so long, in virtual time.
    pub p50: Duration,
    /// 99 of 100.
    pub p99: Duration,
    /// Virtual time from the start to the end.
    pub took: Duration,
}

/// Runs the server and all of its users in this process and on this thread, over a simulated network, until the server gets a
/// simulated ctrl-c. The same seed makes the same run.
///
/// # Errors
///
/// Those of the server, and the first of a user.
pub fn simulate(users: usize, lines: usize, seed: u64) -> io::Result<Simulated> {
    let owner = Sim::builder()
        .seed(seed)
        .step_limit(u64::MAX)
        .spin_limit(u64::MAX)
        .build();
    run(&owner, users, lines)
}

fn run(owner: &Owned, users: usize, lines: usize) -> io::Result<Simulated> {
    let sim = owner.handle();
    owner.block_on(async {
        let server = sim.host("server");
        let addr = SocketAddr::new(server.addr(), PORT);
        let serving = server.restart(serve);
        // The server listens after its first poll.
        sim.sleep(Duration::from_millis(1)).await;
        let hosts = users.div_ceil(PER_HOST);
        let crowds = (0..hosts).map(|number| {
            let host = sim.host(format!("crowd-{number}"));
            let mut plan = Plan::new(addr, (users + hosts - 1 - number) / hosts);
            (plan.from, plan.lines) = (host.addr(), lines);
            plan.rate /= hosts as f64;
            let name = host.name().to_string();
            async move { Crowd::connect(host.handle(), plan, &name).await }
        });
        let mut crowds = try_join_all(crowds).await?;
        try_join_all(crowds.iter_mut().map(Crowd::talk)).await?;
        server.signal(SignalKind::Interrupt);
        let (latency, mut expected) = (Latency::default(), 0);
        let mut heard = Vec::new();
        for crowd in crowds {
            latency.add(&crowd.latency());
            expected += crowd.expected();
            heard.extend(crowd.listen().await);
        }
        serving.await.map_err(io::Error::other)??;
        let lines = |heard: &Heard| if heard.wrong == 0 { heard.lines } else { 0 };
        Ok(Simulated {
            expected,
            heard: heard.iter().map(lines).sum(),
            byes: heard.iter().filter(|heard| heard.bye).count(),
            p50: latency.quantile(0.5),
            p99: latency.quantile(0.99),
            took: sim.elapsed(),
        })
    })
}

/// The program on the server's host: the same that runs on tokio.
async fn serve<R: NetRuntime + Signals>(rt: R) -> io::Result<()> {
    let ctrl_c = rt.ctrl_c();
    let listener = rt.tcp_listen(([0, 0, 0, 0], PORT).into())?;
    let hall = Hall::new("simulated", Settings::default());
    let stop = async { drop(ctrl_c.await) };
    crate::serve(rt, listener, hall, stop).await
}

//! Runs the suite over other layers and writes what comes out: `peers docs/peers.md DATE`, and for the sockets of such layers
//! `peers sockets docs/peers-sockets.md DATE`.

mod agnostic_lite;
mod agnostic_net;
mod async_executors;
mod async_rs;
mod backends;
mod big;
mod limited;
mod missing;
mod notes;
mod page;
mod sleep;
mod task;

use std::process::ExitCode;
use std::time::Duration;
use std::{env, fs};

use anyrt_conformance::{
    Case, Outcome, Runner, Status, Suite, cases, child, count_heap, specification,
};

use page::About;

count_heap!();

fn main() -> ExitCode {
    let (tasks, sockets) = (specification(), anyrt_conformance_net::specification());
    let all = [backends::all(), agnostic_net::all()].concat();
    if let Some(code) = child(&Suite::new([tasks.clone(), sockets.clone()], all)) {
        return code;
    }
    let mut arguments: Vec<_> = env::args().skip(1).collect();
    let about = match arguments.first().is_some_and(|it| it == "sockets") {
        true => About::Sockets,
        false => About::Tasks,
    };
    if about == About::Sockets {
        arguments.remove(0);
    }
    let [path, date] = &arguments[..] else {
        eprintln!("usage: peers [sockets] PATH DATE, as in: peers docs/peers.md 2026-11-21");
        return ExitCode::FAILURE;
    };
    let cases = match about {
        About::Tasks => cases(&backends::all(), &tasks.rules),
        About::Sockets => cases(&agnostic_net::all(), &sockets.rules),
    };
    let runner = Runner {
        limit: Duration::from_secs(20),
        ..Runner::default()
    };
    missing::begin();
    let say = |case: &Case, outcome: &Outcome| {
        eprintln!(
            "{:?} {}/{}",
            outcome.status,
            case.backend.key(),
            case.rule.id()
        );
    };
    let outcomes = runner.run(&cases, say);
    // What is broken is broken every time; the rest may be the machine's doing.
    let mut steady = vec![true; cases.len()];
    let failed = |&at: &usize| outcomes[at].status == Status::Fail;
    let failed: Vec<_> = (0..cases.len()).filter(failed).collect();
    let again: Vec<_> = failed.iter().map(|&at| cases[at].clone()).collect();
    for _ in 0..2 {
        for (outcome, &at) in runner.run(&again, say).iter().zip(&failed) {
            steady[at] &= outcome.status == Status::Fail;
        }
    }
    let page = page::page(about, &cases, &outcomes, &steady, date);
    missing::end();
    match fs::write(path, page) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{path}: {error}");
            ExitCode::FAILURE
        }
    }
}

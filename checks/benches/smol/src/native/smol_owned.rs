use std::future::pending;
use std::hint::black_box;
use std::panic::{AssertUnwindSafe, panic_any};
use std::sync::Arc;

use ::smol::future::FutureExt;
use async_executor::Executor;

use super::executor::on_executor;
use super::smol;
use anyrt_benches_kit::operation::BATCH;
use anyrt_benches_kit::work::{PAYLOAD, Work, count_one, restart_count, until_ran};

/// An executor of the program's own, shared by `Arc`, on threads of the program's own.
#[derive(Clone, Debug)]
pub struct SmolOwned(pub Arc<Executor<'static>>);

on_executor!(Work for SmolOwned);

//! An axum application on smol, as the manual shows it.

use std::time::Duration;

use anyrt_core::{Config, prelude::*};
use anyrt_hyper::Server;
use anyrt_net::prelude::*;
use axum::{Router, routing::get};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let owner = anyrt_smol::Owned::launch(Config::new())?;
    let rt = owner.handle();
    owner.block_on(async {
        let app = Router::new().route("/", get(|| async { "moin" }));
        let listener = rt.tcp_listen(([127, 0, 0, 1], 3000).into())?;
        println!("listening on http://{}", listener.local_addr()?);
        let server = Server::new(rt.clone());
        let (ctrl_c, connections) = (rt.ctrl_c(), server.tracker().clone());
        let serving = rt.spawn(server.serve(listener, app));
        ctrl_c.await?;
        let report = connections.shutdown(&rt, Duration::from_secs(5)).await;
        println!("shut down: {report}");
        serving.await??;
        Ok(())
    })
}

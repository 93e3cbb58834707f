//! One runtime per thread, and one port for all of them: the program of the manual's page.

use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::pin::pin;
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyrt_compio::Local;
use anyrt_core::{Config, prelude::*};
use anyrt_net::{ListenOptions, copy, prelude::*};
use futures::StreamExt;
use futures::future::{Either, select};

const CORES: usize = 2;
const CLIENTS: usize = 64;

#[test]
fn each_core_accepts_on_the_same_port_and_counts_without_a_lock() {
    let options = ListenOptions::new().reuse_port(true);
    let (told, addresses) = mpsc::channel();
    let mut addr = SocketAddr::from(([127, 0, 0, 1], 0));
    let mut cores = Vec::new();
    for _ in 0..CORES {
        let (told, options) = (told.clone(), options.clone());
        let (end, ended) = futures::channel::oneshot::channel::<()>();
        let core = thread::spawn(move || {
            let rt = Local::launch(Config::new()).expect("launches");
            rt.block_on(async {
                let handle = rt.handle();
                let listener = handle.tcp_listen_with(addr, &options).expect("listens");
                told.send(listener.local_addr().expect("has an address"))
                    .expect("the test waits");
                let served = Rc::new(Cell::new(0));
                let serving = pin!(serve(handle.clone(), listener, served.clone()));
                match select(serving, ended).await {
                    Either::Left(_) => unreachable!("the listener lives"),
                    Either::Right(_) => served.get(),
                }
            })
        });
        addr = addresses
            .recv_timeout(Duration::from_secs(30))
            .expect("a core listens");
        cores.push((core, end));
    }
    for number in 0..CLIENTS {
        let mut client = TcpStream::connect(addr).expect("connects");
        let message = format!("client {number}");
        client.write_all(message.as_bytes()).expect("writes");
        client.shutdown(Shutdown::Write).expect("shuts down");
        let mut echo = String::new();
        client.read_to_string(&mut echo).expect("reads");
        assert_eq!(echo, message);
    }
    let served: Vec<usize> = cores
        .into_iter()
        .map(|(core, end)| {
            end.send(()).expect("the core waits");
            core.join().expect("no core panics")
        })
        .collect();
    assert_eq!(served.iter().sum::<usize>(), CLIENTS, "{served:?}");
    // The kernel deals them out by their ports.
    assert!(served.iter().all(|&count| count > 0), "{served:?}");
}

async fn serve<R: LocalNet>(rt: R, listener: R::TcpListener, served: Rc<Cell<usize>>) {
    let mut incoming = pin!(listener.incoming(rt.clone()));
    while let Some(connection) = incoming.next().await {
        let (stream, _) = connection.expect("accepts");
        served.set(served.get() + 1);
        rt.spawn_local_detached(async move {
            let (mut reader, mut writer) = stream.into_split();
            copy(&mut reader, &mut writer).await.expect("echoes");
        });
    }
}

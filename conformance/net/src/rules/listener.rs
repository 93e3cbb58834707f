//! Listeners and those that wait for them.

use std::future::Future;
use std::io::ErrorKind;
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use anyrt_net::{ListenOptions, prelude::*};
use futures::future::{Either, select};
use futures::{AsyncReadExt, StreamExt};

use crate::kit::{MOMENT, any, counting, eventually, local_pair, poll_once};
use crate::rule::rules;

rules! { Any + Net;
    /// An attempt to connect begins with the call, not with the first poll.
    ///
    /// Intent: several attempts go on side by side before anybody awaits them.
    ///
    /// If this fails, check that the call itself starts the connection.
    async fn connect_begins_at_the_call(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let attempt = rt.tcp_connect(listener.local_addr().expect("has an address"));
        let accepted = rt.timeout(Duration::from_secs(10), listener.accept()).await;
        accepted.expect("the attempt has begun").expect("accepts");
        attempt.await.expect("connects");
    }

    /// The stream of a listener's connections shows its listener, and gives it back: it accepts as before.
    ///
    /// Intent: a server that drains its connections goes on with the same port.
    ///
    /// If this fails, check what `Incoming` holds.
    async fn incoming_gives_its_listener_back(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let incoming = listener.incoming(rt.handle());
        assert_eq!(incoming.get_ref().local_addr().expect("has an address"), addr);
        let listener = incoming.into_inner();
        let attempt = rt.tcp_connect(addr);
        let accepted = rt.timeout(Duration::from_secs(10), listener.accept()).await;
        let (_, peer) = accepted.expect("gets the connection").expect("accepts");
        let stream = attempt.await.expect("connects");
        assert_eq!(stream.local_addr().expect("has an address"), peer);
    }

    /// With `reuse_addr` a port that was just in use is listened on again.
    ///
    /// Intent: a server that restarts finds its port held by connections that linger.
    ///
    /// If this fails, check which options of a listener are set before it is bound.
    async fn reused_address_listens_again(rt) {
        let options = ListenOptions::new().reuse_addr(true);
        let listener = rt.tcp_listen_with(any(), &options).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let (client, (server, _)) = {
            let (client, server) = futures::join!(rt.tcp_connect(addr), listener.accept());
            (client.expect("connects"), server.expect("accepts"))
        };
        // The side that closes first lingers.
        drop(server);
        drop(listener);
        let again = rt.tcp_listen_with(addr, &options).expect("listens again");
        assert_eq!(again.local_addr().expect("has an address"), addr);
        drop(client);
    }

    /// Each of many waiting tasks gets a connection.
    ///
    /// Intent: a server accepts in as many tasks as it has processors.
    ///
    /// If this fails, check that every waiter keeps a waker of its own: see `WaitList`.
    async fn many_acceptors(rt) {
        let listener = Arc::new(rt.tcp_listen(any()).expect("listens"));
        let addr = listener.local_addr().expect("has an address");
        let tasks: Vec<_> = (0..16).map(|_| {
            let listener = Arc::clone(&listener);
            rt.spawn(async move { listener.accept().await.map(drop) })
        }).collect();
        rt.sleep(MOMENT).await;
        for _ in 0..16 {
            rt.tcp_connect(addr).await.expect("connects");
        }
        for task in tasks {
            let accepted = rt.timeout(Duration::from_secs(10), task).await;
            accepted.expect("gets a connection").expect("joins").expect("accepts");
        }
    }

    /// Dropping a waiter loses no wake-up.
    ///
    /// Intent: one task gives up as the connection comes, and another must get it.
    ///
    /// If this fails, check that an event wakes every waiter, or that a dropped one passes it on.
    async fn dropped_waiter_passes_on(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let mut attempts = Vec::new();
        for _ in 0..20 {
            let (first, firsts) = counting();
            let (other, others) = counting();
            let mut one = Box::pin(listener.accept());
            let mut two = Box::pin(listener.accept());
            assert!(one.as_mut().poll(&mut Context::from_waker(&first)).is_pending());
            assert!(two.as_mut().poll(&mut Context::from_waker(&other)).is_pending());
            attempts.push(rt.tcp_connect(addr));
            eventually(&*rt, "somebody is woken", || firsts.get() + others.get() > 0).await;
            // Whoever was woken gives up; the other is woken, too, or can accept.
            let (mut rest, wakes) = if firsts.get() > 0 { drop(one); (two, others) } else { drop(two); (one, firsts) };
            eventually(&*rt, "the other waiter is woken", || wakes.get() > 0).await;
            let accepted = rt.timeout(Duration::from_secs(10), rest.as_mut()).await;
            accepted.expect("gets the connection").expect("accepts");
        }
        // A place that was given up between two others is not given twice.
        for _ in 0..2 {
            let mut waiting: Vec<_> = (0..3).map(|_| Box::pin(listener.accept())).collect();
            assert!(waiting.iter_mut().all(|it| poll_once(it.as_mut()).is_pending()));
            drop(waiting.remove(1));
            attempts.push(rt.tcp_connect(addr));
            let [one, other] = &mut waiting[..] else { unreachable!("two are left") };
            let accepted = rt.timeout(Duration::from_secs(10), select(one, other)).await;
            let (Either::Left((accepted, _)) | Either::Right((accepted, _))) = accepted.expect("somebody gets it");
            accepted.expect("accepts");
        }
    }

    /// A waiter that is dropped keeps no task alive.
    ///
    /// Intent: a waker holds its task, and a task holds what it captured.
    ///
    /// If this fails, check that the waker goes with the waiter.
    async fn waiter_keeps_no_task(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let (waker, count) = counting();
        let before = Arc::strong_count(&count);
        {
            let mut accept = pin!(listener.accept());
            assert!(accept.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        eventually(&*rt, "the waker is dropped", || Arc::strong_count(&count) == before).await;
    }

    /// Accepts that are dropped leave nothing behind.
    ///
    /// Intent: a server that drops accepts for a year must not grow.
    ///
    /// If this fails, check that places are used again.
    async fn waiters_are_bounded(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let (waker, count) = counting();
        let before = Arc::strong_count(&count);
        for _ in 0..100_000 {
            let mut accept = pin!(listener.accept());
            assert!(accept.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        eventually(&*rt, "the wakers are dropped", || Arc::strong_count(&count) <= before + 1).await;
        let attempt = rt.tcp_connect(listener.local_addr().expect("has an address"));
        listener.accept().await.expect("accepts");
        attempt.await.expect("connects");
    }

    /// Connections beyond the backlog wait, and are neither refused nor lost.
    ///
    /// Intent: a burst of clients must get through.
    ///
    /// If this fails, check that the backlog reaches the system.
    async fn backlog_full_delays(rt) {
        let options = ListenOptions::new().backlog(1);
        let listener = rt.tcp_listen_with(any(), &options).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let mut attempts: Vec<_> = (0..4).map(|_| rt.tcp_connect(addr)).collect();
        rt.sleep(MOMENT).await;
        let pending = attempts.iter_mut().map(poll_once).filter(std::task::Poll::is_pending).count();
        assert!(pending > 0, "a backlog of 1 took four connections");
        // Those that were ready are gone with their connections; the others come in.
        for _ in 0..4 {
            let accepted = rt.timeout(Duration::from_secs(30), listener.accept()).await;
            accepted.expect("comes in").expect("accepts");
        }
    }

    /// Dropping a listener resets the connections that nobody accepted.
    ///
    /// Intent: clients of a server that ends must not wait for it.
    ///
    /// If this fails, check that the drop closes the socket at once.
    async fn listener_drop_resets_queue(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        // Keeps the port, so that nobody else listens there.
        let _kept = local_pair(&*rt, &listener).await;
        let mut client = rt.tcp_connect(addr).await.expect("connects");
        drop(listener);
        let end = rt.timeout(Duration::from_secs(10), client.read(&mut [0; 1])).await;
        let error = end.expect("hears of it").expect_err("was reset");
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        assert_eq!(rt.tcp_connect(addr).await.expect_err("nobody listens").kind(), ErrorKind::ConnectionRefused);
    }

    /// References and pointers to a listener are listeners.
    ///
    /// Intent: accept loops share one without a type of their own.
    ///
    /// If this fails, check the implementations for pointers.
    async fn listener_through_pointers(rt) {
        let listener = rt.tcp_listen(any()).expect("listens");
        let addr = listener.local_addr().expect("has an address");
        let rc = Rc::new(listener);
        for _ in 0..2 {
            let attempt = rt.tcp_connect(addr);
            let mut incoming = pin!(Rc::clone(&rc).incoming(rt.handle()));
            incoming.next().await.expect("goes on").expect("accepts");
            attempt.await.expect("connects");
        }
        assert!(poll_once((&&*rc).accept()).is_pending());
        let _ = Waker::noop();
    }
}

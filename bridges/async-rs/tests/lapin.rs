//! lapin at work with a broker of a few lines, on every backend with sockets of the system's.

mod broker;

use anyrt_async_rs::Kit;
use anyrt_bridge_testing::{on_each_system_runtime, repeats};
use anyrt_core::BlockOn;
use anyrt_net::prelude::*;
use async_rs::Runtime;
use broker::Broker;
use futures::StreamExt;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions,
    QueueDeclareOptions,
};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};

on_each_system_runtime!(
    messages_are_confirmed_and_delivered,
    a_broker_that_goes_is_noticed
);

async fn connect<R>(rt: &R, broker: &Broker) -> Connection
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    let uri = format!("amqp://guest:guest@{}/%2f", broker.addr);
    let runtime = Runtime::new(Kit::new(rt.clone()));
    let properties = ConnectionProperties::default();
    Connection::connect_with_runtime(&uri, properties, runtime)
        .await
        .unwrap()
}

async fn publish(channel: &Channel, body: &[u8]) {
    let options = BasicPublishOptions::default();
    let properties = BasicProperties::default();
    let published = channel
        .basic_publish("".into(), "words".into(), options, body, properties)
        .await
        .unwrap();
    assert!(published.await.unwrap().is_ack());
}

async fn messages_are_confirmed_and_delivered<R>(rt: R)
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    let broker = Broker::start(&rt);
    let connection = connect(&rt, &broker).await;
    let channel = connection.create_channel().await.unwrap();
    channel
        .queue_declare(
            "words".into(),
            QueueDeclareOptions::default(),
            FieldTable::default(),
        )
        .await
        .unwrap();
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await
        .unwrap();
    let count = repeats(50, 2000);
    for number in 0..count {
        publish(&channel, format!("word {number}").as_bytes()).await;
    }
    let consumer = channel.basic_consume(
        "words".into(),
        "reader".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    );
    let mut deliveries = consumer.await.unwrap();
    for number in 0..count {
        let delivery = deliveries.next().await.unwrap().unwrap();
        assert_eq!(delivery.data, format!("word {number}").as_bytes());
        delivery.ack(BasicAckOptions::default()).await.unwrap();
    }
    connection.close(200, "done".into()).await.unwrap();
    assert_eq!(broker.acknowledged(), count);
}

async fn a_broker_that_goes_is_noticed<R>(rt: R)
where
    R: NetRuntime + OsNet<Registered: Send + 'static> + BlockOn,
{
    let broker = Broker::start(&rt);
    let connection = connect(&rt, &broker).await;
    let channel = connection.create_channel().await.unwrap();
    let consumer = channel.basic_consume(
        "words".into(),
        "reader".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    );
    let mut deliveries = consumer.await.unwrap();
    broker.stop();
    // An error, and the end after it.
    while let Some(delivery) = deliveries.next().await {
        assert!(delivery.is_err());
    }
    assert!(!connection.status().connected());
}

//! The SDK's batch processor on every backend.

use std::time::Duration;

use anyrt_bridge_testing::on_each_runtime;
use anyrt_core::Runtime;
use anyrt_opentelemetry::Opentelemetry;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry_sdk::runtime::{RuntimeChannel, TrySend, TrySendError};
use opentelemetry_sdk::trace::span_processor_with_async_runtime::BatchSpanProcessor;
use opentelemetry_sdk::trace::{BatchConfigBuilder, InMemorySpanExporter, SdkTracerProvider};

on_each_runtime!(
    spans_are_flushed,
    spans_are_exported_by_the_timer,
    a_full_queue_is_told,
);

fn provider<R: Runtime>(
    rt: &R,
    exporter: &InMemorySpanExporter,
    delay: Duration,
) -> SdkTracerProvider {
    let config = BatchConfigBuilder::default()
        .with_max_queue_size(1000)
        .with_max_export_batch_size(500)
        .with_scheduled_delay(delay)
        .build();
    let processor = BatchSpanProcessor::builder(exporter.clone(), Opentelemetry::new(rt.clone()))
        .with_batch_config(config)
        .build();
    SdkTracerProvider::builder()
        .with_span_processor(processor)
        .build()
}

fn make_spans(provider: &SdkTracerProvider, count: usize) {
    let tracer = provider.tracer("test");
    for _ in 0..count {
        tracer.in_span("work", |_| ());
    }
}

const NEVER: Duration = Duration::from_secs(3600);

async fn spans_are_flushed<R: Runtime>(rt: R) {
    let exporter = InMemorySpanExporter::default();
    let provider = provider(&rt, &exporter, NEVER);
    make_spans(&provider, 100);
    // It blocks until the processor's task has answered. The exporter forgets its spans when the provider is dropped.
    let flushed = rt.spawn_blocking(move || {
        provider.force_flush().unwrap();
        exporter.get_finished_spans().unwrap().len()
    });
    assert_eq!(flushed.await.unwrap(), 100);
}

async fn spans_are_exported_by_the_timer<R: Runtime>(rt: R) {
    let exporter = InMemorySpanExporter::default();
    let provider = provider(&rt, &exporter, Duration::from_millis(5));
    make_spans(&provider, 10);
    while exporter.get_finished_spans().unwrap().len() < 10 {
        rt.sleep(Duration::from_millis(1)).await;
    }
    rt.spawn_blocking(move || provider.shutdown())
        .await
        .unwrap()
        .unwrap();
}

async fn a_full_queue_is_told<R: Runtime>(rt: R) {
    let (sender, receiver) = Opentelemetry::new(rt).batch_message_channel(2);
    sender.try_send(1).unwrap();
    sender.try_send(2).unwrap();
    assert!(matches!(sender.try_send(3), Err(TrySendError::ChannelFull)));
    drop(receiver);
    assert!(matches!(
        sender.try_send(4),
        Err(TrySendError::ChannelClosed)
    ));
}

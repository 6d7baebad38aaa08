//! Clients that are tasks of tokio, on several threads, some of which are cancelled.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::Value;
use seriatim_record::Recorder;
use tokio::runtime;
use tokio::time::{sleep, timeout};

#[test]
fn tasks_on_several_threads_are_recorded_and_one_that_is_cancelled_has_no_outcome() {
    let runtime = runtime::Builder::new_multi_thread().worker_threads(3).enable_time().build();
    let recorder = Recorder::memory();
    let register = Arc::new(AtomicU32::new(0));
    runtime.expect("threads can be started").block_on(async {
        let clients = (0..4).map(|process| {
            let (recorder, register) = (recorder.clone(), Arc::clone(&register));
            tokio::spawn(async move {
                let client = recorder.process(process);
                for at in 0..10 {
                    let value = process * 100 + at;
                    let write = client.invoke("write").value(value).start();
                    sleep(Duration::from_micros(200)).await;
                    register.store(value, Ordering::SeqCst);
                    write.done();
                    let read = client.invoke("read").start();
                    read.ok(register.load(Ordering::SeqCst));
                }
                // A request that takes too long.
                let late = async {
                    let write = client.invoke("write").value(process * 100 + 99).start();
                    sleep(Duration::from_secs(60)).await;
                    write.done();
                };
                assert!(timeout(Duration::from_millis(5), late).await.is_err());
                client.invoke("read").start().ok(register.load(Ordering::SeqCst));
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.expect("no client panics");
        }
    });
    recorder.finish().expect("memory takes it");
    let text = recorder.text().expect("it is in memory");
    let records: Vec<Value> =
        // The first line is the head.
        text.lines().skip(1).map(|line| serde_json::from_str(line).expect("it is a record")).collect();
    let of = |kind: &str| records.iter().filter(|record| record["type"] == kind).count();
    assert_eq!((of("invoke"), of("ok"), of("info")), (4 * 22, 4 * 21, 4));
    // Each goes on under a number of its own.
    let processes: BTreeSet<_> = records.iter().filter_map(|record| record["process"].as_i64()).collect();
    assert_eq!(processes.len(), 8);
    let times: Vec<_> = records.iter().map(|record| record["time"].as_i64().expect("a time")).collect();
    assert!(times.is_sorted(), "{times:?}");
}

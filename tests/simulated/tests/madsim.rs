//! A recorder inside madsim's runtime, which answers whoever asks the operating system for the time with its own. The
//! runtime is chosen at build time: `RUSTFLAGS="--cfg madsim"`.
#![cfg(madsim)]

use std::net::SocketAddr;
use std::time::Duration;

use madsim::net::{Endpoint, NetSim};
use madsim::plugin::simulator;
use madsim::runtime::Runtime;
use madsim::time::timeout;
use serde_json::Value;
use seriatim_record::Recorder;

const SERVER: ([u8; 4], u16) = ([10, 0, 0, 1], 1738);
/// Who asks, and where the answer is expected.
const ASKED: u64 = 1;
const ANSWERED: u64 = 2;

/// Asks for the register by 0, and puts whatever else into it.
async fn ask(endpoint: &Endpoint, request: u8) -> std::io::Result<u8> {
    endpoint.send_to(SocketAddr::from(SERVER), ASKED, &[request]).await?;
    let mut answer = [0];
    endpoint.recv_from(ANSWERED, &mut answer).await?;
    Ok(answer[0])
}

/// One run: two writes and a read, with a partition during the second one.
fn run(seed: u64) -> String {
    let runtime = Runtime::with_seed_and_config(seed, madsim::Config::default());
    runtime.block_on(async {
        let handle = madsim::runtime::Handle::current();
        let server = handle.create_node().name("server").ip(SocketAddr::from(SERVER).ip()).build();
        let client = handle.create_node().name("client").ip([10, 0, 0, 2].into()).build();
        server.spawn(async {
            let endpoint = Endpoint::bind(SocketAddr::from(SERVER)).await.expect("the address is free");
            let mut register = 0;
            loop {
                let mut request = [0];
                let (_, from) = endpoint.recv_from(ASKED, &mut request).await.expect("the server goes on");
                if request[0] > 0 {
                    register = request[0];
                }
                endpoint.send_to(from, ANSWERED, &[register]).await.expect("whoever asked is known");
            }
        });
        let (server, asker) = (server.id(), client.id());
        client
            .spawn(async move {
                let endpoint = Endpoint::bind("10.0.0.2:0").await.expect("there is a free port");
                madsim::time::sleep(Duration::from_secs(1)).await;
                let recorder = Recorder::options().model("register").memory();
                let process = recorder.process(0).node("server");
                let write = process.invoke("write").value(1).start();
                ask(&endpoint, 1).await.expect("the server answers");
                write.done();

                let network = simulator::<NetSim>();
                network.clog_link(asker, server);
                let fault = recorder.fault("partition").nodes(["server"]).start();
                let write = process.invoke("write").value(2).start();
                match timeout(Duration::from_secs(30), ask(&endpoint, 2)).await {
                    Ok(Ok(_)) => write.done(),
                    Ok(Err(error)) => write.info(error.to_string()),
                    Err(_) => write.info("timed out"),
                }
                network.unclog_link(asker, server);
                fault.stop();

                let read = process.invoke("read").start();
                let value = ask(&endpoint, 0).await.expect("the server answers");
                read.ok(value);
                recorder.finish().expect("memory takes it");
                recorder.text().expect("it is in memory")
            })
            .await
            .expect("the client ends")
    })
}

#[test]
fn times_are_those_of_the_simulation_though_no_clock_was_given() {
    let text = run(1);
    let records: Vec<Value> =
        text.lines().skip(1).map(|line| serde_json::from_str(line).expect("it is a record")).collect();
    let kinds: Vec<_> = records
        .iter()
        .filter(|record| record["process"].is_u64())
        .map(|record| (record["type"].as_str().unwrap_or_default(), record["f"].as_str().unwrap_or_default()))
        .collect();
    let expected = [
        ("invoke", "write"),
        ("ok", "write"),
        ("invoke", "write"),
        ("info", "write"),
        ("invoke", "read"),
        ("ok", "read"),
    ];
    assert_eq!(kinds, expected, "{text}");
    let times: Vec<u64> = records.iter().filter_map(|record| record["time"].as_u64()).collect();
    assert!(times.is_sorted() && times.len() == records.len(), "{text}");
    // Half a minute, which nobody waited for.
    let lasted = times.last().zip(times.first()).map(|(last, first)| last - first);
    assert!(lasted.is_some_and(|lasted| (30_000_000_000..31_000_000_000).contains(&lasted)), "{text}");
}

#[test]
fn a_seed_is_a_history() {
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8), "latencies are drawn from the seed");
}

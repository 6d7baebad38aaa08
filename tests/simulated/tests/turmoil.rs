//! A recorder in a simulated network, whose clock is the simulation's.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use serde_json::Value;
use seriatim_record::Recorder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;
use turmoil::net::{TcpListener, TcpStream};

const PORT: u16 = 1738;

/// Reads a register whose value is behind a connection: 0 asks for it, whatever else is written.
async fn ask(request: u8) -> std::io::Result<u8> {
    let mut stream = TcpStream::connect(("server", PORT)).await?;
    stream.write_u8(request).await?;
    stream.read_u8().await
}

#[test]
fn times_are_those_of_the_simulation_and_who_waits_in_vain_has_no_outcome() {
    let recorder =
        Recorder::options().model("register").clock(|| turmoil::sim_elapsed().unwrap_or_default()).memory();
    let mut simulation = turmoil::Builder::new().simulation_duration(Duration::from_secs(120)).build();
    simulation.host("server", || async {
        let listener = TcpListener::bind((IpAddr::from(Ipv4Addr::UNSPECIFIED), PORT)).await?;
        let mut register = 0;
        loop {
            let (mut stream, _) = listener.accept().await?;
            let request = stream.read_u8().await?;
            if request > 0 {
                register = request;
            }
            stream.write_u8(register).await?;
        }
    });
    let client = recorder.process(0).node("server");
    let faults = recorder.clone();
    simulation.client("client", async move {
        let write = client.invoke("write").value(1).start();
        ask(1).await?;
        write.done();
        turmoil::hold("client", "server");
        let fault = faults.fault("partition").nodes(["server"]).start();
        let write = client.invoke("write").value(2).start();
        match timeout(Duration::from_secs(30), ask(2)).await {
            Ok(Ok(_)) => write.done(),
            Ok(Err(error)) => write.info(error.to_string()),
            Err(_) => write.info("timed out"),
        }
        turmoil::release("client", "server");
        fault.stop();
        let read = client.invoke("read").start();
        let value = ask(0).await?;
        read.ok(value);
        Ok(())
    });
    simulation.run().expect("the simulation ends");
    recorder.finish().expect("memory takes it");
    let text = recorder.text().expect("it is in memory");
    let records: Vec<Value> =
        text.lines().skip(1).map(|line| serde_json::from_str(line).expect("it is a record")).collect();
    let kinds: Vec<_> = records
        .iter()
        .filter(|record| record["process"].is_u64())
        .map(|record| (record["type"].as_str().unwrap_or_default(), record["f"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("invoke", "write"),
            ("ok", "write"),
            ("invoke", "write"),
            ("info", "write"),
            ("invoke", "read"),
            ("ok", "read")
        ],
        "{text}"
    );
    // The half minute was not waited for, and the log has it.
    let times: Vec<u64> = records.iter().filter_map(|record| record["time"].as_u64()).collect();
    assert!(times.is_sorted() && times.len() == records.len(), "{text}");
    assert!(times.last().is_some_and(|&last| (30_000_000_000..60_000_000_000).contains(&last)), "{text}");
}

use std::collections::BTreeMap;

use anyhow::bail;

use super::*;
use crate::setting::Setting;
use crate::system::Need;
use crate::workload::Workload;

/// A system in memory whose connections behave as its setting says.
struct Pretended;

/// A register of its own for each connection: nothing is shared, so reads are stale.
struct Connected {
    registers: BTreeMap<String, i64>,
    behaviour: &'static str,
}

#[async_trait]
impl System for Pretended {
    fn name(&self) -> &'static str {
        "pretended"
    }

    fn needs(&self) -> &'static [Need] {
        &[]
    }

    fn version(&self) -> Result<String> {
        Ok("pretended 1".to_owned())
    }

    fn role(&self) -> &'static str {
        "nothing"
    }

    async fn start(&self, _cluster: &mut Cluster, _setting: Setting) -> Result<()> {
        Ok(())
    }

    async fn leader(&self, view: &View) -> Option<Node> {
        view.nodes().first().copied()
    }

    async fn connect(
        &self,
        _view: &View,
        node: Node,
        _client: usize,
        setting: Setting,
    ) -> Result<Box<dyn Client>> {
        if setting.is("behaviour", "refuses") && node == Node(1) {
            bail!("refused");
        }
        let behaviour = setting.get("behaviour").unwrap_or_default();
        Ok(Box::new(Connected { registers: BTreeMap::new(), behaviour }))
    }

    async fn settled(&self, _cluster: &Cluster, _setting: Setting) -> Result<()> {
        Ok(())
    }
}

#[async_trait]
impl Client for Connected {
    async fn call(&mut self, request: &Request) -> Reply {
        match (self.behaviour, request) {
            ("hangs", _) => {
                sleep(Duration::from_secs(60)).await;
                Reply::ok(Answer::Done)
            }
            (_, Request::Read { key }) => Reply::ok(Answer::Value(self.registers.get(key).copied())),
            (_, Request::Write { key, value }) => {
                self.registers.insert(key.clone(), *value);
                Reply::ok(Answer::Done)
            }
            (_, other) => panic!("{other:?} is not drawn"),
        }
    }
}

static PRETENDED: Pretended = Pretended;

fn row(behaviour: &'static [(&'static str, &'static str)]) -> Row {
    Row {
        system: "pretended",
        workload: Workload::Register,
        setting: Setting { name: "any", options: behaviour },
        faults: &[],
        nodes: 3,
        promise: "nothing",
        expectation: crate::row::Expectation::May(&[]),
    }
}

fn run<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.expect("threads can be started").block_on(future)
}

fn last<'a>(row: &'a Row, recording: &'a Recording) -> Last<'a> {
    Last { row, system: &PRETENDED, view: View::new(&Node::first(3)), recording, client: 12 }
}

#[test]
fn a_call_that_takes_too_long_is_open_if_it_writes_and_over_if_it_reads() {
    let recording = Recording::memory(Workload::Register);
    let replies = run(async {
        let mut replies = Vec::new();
        for request in
            [Request::Write { key: "k".to_owned(), value: 1 }, Request::Read { key: "k".to_owned() }]
        {
            let mut client = Connected { registers: BTreeMap::new(), behaviour: "hangs" };
            let asked =
                Asked { number: 0, node: Node(1), request: &request, patience: PATIENCE, turn: Try::ONLY };
            replies.push(ask(&mut client, &recording, asked).await);
        }
        replies
    });
    assert_eq!(replies[0].outcome, Outcome::Info("timed out".to_owned()));
    assert_eq!(replies[1].outcome, Outcome::Fail("timed out".to_owned()));
    assert!(replies.iter().all(|reply| reply.is_broken));
}

#[test]
fn the_last_requests_are_asked_of_other_nodes_where_one_refuses() {
    let (row, recording) = (row(&[("behaviour", "refuses")]), Recording::memory(Workload::Register));
    let finale = Finale { reads: vec![Request::Read { key: "k".to_owned() }], ..Finale::default() };
    run(async { timeout(Duration::from_secs(10), last(&row, &recording).ask(&finale)).await })
        .expect("the other nodes answer");
    assert_eq!(recording.counts()["read"].ok, 1);
    assert!(recording.text().contains(r#""node":"n2""#), "{}", recording.text());
}

#[test]
fn last_requests_without_an_answer_are_never_taken_for_answered() {
    let (row, recording) = (row(&[("behaviour", "hangs")]), Recording::memory(Workload::Register));
    let finale = Finale { reads: vec![Request::Read { key: "k".to_owned() }], ..Finale::default() };
    let asked = run(async { timeout(Duration::from_secs(4), last(&row, &recording).ask(&finale)).await });
    assert!(asked.is_err());
    assert_eq!(recording.counts()["read"].ok, 0);
    assert!(recording.counts()["read"].fail > 0);
}

/// Whether a history becomes longer than so many bytes, however busy the machine is.
async fn grows(recording: &Recording, than: usize) -> bool {
    for _ in 0..1_000 {
        if recording.text().len() > than {
            return true;
        }
        sleep(Duration::from_millis(10)).await;
    }
    false
}

/// Whether a history stays as it is for a while, once what was under way has ended.
async fn stands_still(recording: &Recording) -> bool {
    for _ in 0..20 {
        let before = recording.text().len();
        sleep(Duration::from_millis(250)).await;
        if recording.text().len() == before {
            return true;
        }
    }
    false
}

#[test]
fn a_client_that_is_told_to_stop_stops_and_all_it_did_has_an_outcome() {
    let recording = Recording::memory(Workload::Register);
    let (stop, stopped) = watch::channel(false);
    let gates = Gates::new(1);
    let row = row(&[]);
    run(async {
        let worker = Worker {
            client: 0,
            home: Node(1),
            system: &PRETENDED,
            row,
            view: View::new(&Node::first(3)),
            generator: Arc::new(Mutex::new(row.workload.begin(1, 1))),
            recording: recording.clone(),
            gate: gates.of(0),
            stopped,
            dice: Dice::new(1, "client"),
        };
        let worker = tokio::spawn(worker.work());
        assert!(grows(&recording, 2_000).await, "it works");
        gates.shut(&[0]);
        assert!(stands_still(&recording).await, "a client that is paused does nothing");
        gates.open(&[0]);
        assert!(grows(&recording, recording.text().len()).await, "it goes on");
        stop.send_replace(true);
        timeout(Duration::from_secs(5), worker).await.expect("it stops").expect("it does not panic");
    });
    let text = recording.text();
    let count = |kind: &str| text.matches(&format!(r#""type":"{kind}""#)).count();
    assert!(count("invoke") > 10 && count("invoke") == count("ok"), "{text}");
}

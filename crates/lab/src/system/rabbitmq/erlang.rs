//! What is asked of a broker from within: expressions that it evaluates.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::task;
use tokio::time::timeout;

use super::{COOKIE, PORT};
use crate::node::Node;
use crate::shell;

/// Has all queues mirrored to all nodes.
pub(super) const MIRROR: &str = r#"
ok = rabbit_policy:set(<<"/">>, <<"mirrored">>, <<".*">>,
    [{<<"ha-mode">>, <<"all">>}, {<<"ha-sync-mode">>, <<"automatic">>}], 0, <<"queues">>, <<"lab">>),
"done".
"#;

/// The node that leads the queue that has most messages.
pub(super) const LEADER: &str = r#"
Known = [[proplists:get_value(Item, Queue) || Item <- [messages, leader, pid]]
    || Queue <- rabbit_amqqueue:info_all(<<"/">>, [messages, leader, pid])],
case lists:reverse(lists:sort(Known)) of
    [[_, '', Pid] | _] when is_pid(Pid) -> atom_to_list(node(Pid));
    [[_, Leader, _] | _] when Leader =/= '', is_atom(Leader) -> atom_to_list(Leader);
    _ -> "nobody"
end.
"#;

/// Of a broker that has started: how many nodes run it, how many it knows itself to be partitioned from, and how many messages are out.
pub(super) const STATE: &str = r#"
true = rabbit:is_booted(),
Running = length(rabbit_nodes:all_running()),
Apart = length(proplists:get_value(partitions, rabbit_mnesia:status())),
Out = lists:sum([proplists:get_value(messages_unacknowledged, Queue)
    || Queue <- rabbit_amqqueue:info_all(<<"/">>, [messages_unacknowledged])]),
lists:flatten(io_lib:format("~w ~w ~w", [Running, Apart, Out])).
"#;

/// Stops the broker, and its part of the database, and starts them again.
pub(super) const RESTART: &str = r#"
rabbit:stop(), rabbit:start(), "done".
"#;

/// Has a node evaluate something that gives a text.
pub(super) async fn ask(node: Node, expressions: &'static str) -> Result<String> {
    let address = format!("{}:{PORT}", node.address());
    let asked = task::spawn_blocking(move || {
        let argv = ["erl_call", "-timeout", "60", "-r", "-address", &address, "-c", COOKIE, "-e"];
        shell::fed(&argv, expressions)
    });
    let answer = timeout(Duration::from_secs(70), asked).await.context("the node does not answer")???;
    text(&answer).map(str::to_owned)
}

/// The text within what `erl_call` tells of a success.
fn text(answer: &str) -> Result<&str> {
    match answer.trim().strip_prefix("{ok, \"").and_then(|rest| rest.strip_suffix("\"}")) {
        Some(text) => Ok(text),
        None => bail!("the node said {}", answer.trim()),
    }
}

/// Whether a node sees less than half of all nodes run, by what [`STATE`] gives.
pub(super) fn is_alone(state: &str, nodes: usize) -> bool {
    let running = state.split(' ').next().and_then(|number| number.parse::<usize>().ok());
    running.is_some_and(|running| running * 2 < nodes)
}

/// The node whose name a text is.
pub(super) fn node_in(text: &str, nodes: &[Node]) -> Option<Node> {
    let name = text.strip_prefix("rabbit@")?;
    nodes.iter().copied().find(|node| node.to_string() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_taken_out_of_answers_and_errors_are_told() {
        assert_eq!(text("{ok, \"3 0 0\"}").expect("a text"), "3 0 0");
        let error = text("{error, \"*** eval: ...\"}").expect_err("no text");
        assert!(error.to_string().contains("*** eval"), "{error}");
    }

    #[test]
    fn whoever_sees_no_majority_is_alone() {
        assert!(is_alone("1 1 0", 3));
        assert!(!is_alone("2 2 0", 3));
        assert!(!is_alone("", 3), "what does not answer is not judged");
    }

    #[test]
    fn nodes_are_known_by_name() {
        let nodes = Node::first(3);
        assert_eq!(node_in("rabbit@n2", &nodes), Some(Node(2)));
        assert_eq!(node_in("rabbit@n4", &nodes), None);
        assert_eq!(node_in("nobody", &nodes), None);
    }
}

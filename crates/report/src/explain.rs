//! What evidence says, in words: the only place where it becomes a sentence.

use seriatim_anomaly::{Anomaly, AnomalyKind, Because, Edge, Evidence, Role};
use seriatim_history::OpId;

use crate::finding::AnomalyOperation;
use crate::operation::OperationReport;
use crate::part::RefutationReport;

/// The sentence for the evidence of a refutation; `None` where there is none.
pub fn suffices(refutation: &RefutationReport) -> Option<String> {
    match refutation.evidence.len() {
        0 => None,
        1 => Some("it has no place by itself, whatever the others did".to_owned()),
        count => Some(format!("these {count} alone have no order, whatever the others did")),
    }
}

/// The sentence for an anomaly, and the operations that it speaks of with the parts they play in it.
pub fn explain(
    anomaly: &Anomaly,
    operation: impl Fn(OpId) -> OperationReport,
) -> (String, Vec<AnomalyOperation>) {
    let mut cast = Cast { operation: &operation, all: Vec::new() };
    let story = match &anomaly.evidence {
        Evidence::NoWriter { reader, .. } => {
            format!("{}, and nobody put that value in", cast.as_role("read", *reader))
        }
        Evidence::Failed { reader, write, .. } => {
            let function = operation(*write).function;
            let write = cast.as_role("failed", *write);
            let read = cast.as_role("read", *reader);
            format!(
                "{read}, and nobody put that value in but {write}, which failed; legal if nobody knows what became \
                 of that: try `--treat-fail-as-info f={function}`"
            )
        }
        Evidence::Cycle(edges) => cast.cycle(anomaly.kind, edges),
        Evidence::NoOrder(played) => cast.no_order(anomaly.kind, played),
    };
    (story, cast.all)
}

/// What operations show that have no order, as a sentence: in braces stand the parts that they play. The first story that
/// speaks of all of them, and of no others, is told.
const STORIES: &[(AnomalyKind, &str)] = &[
    (
        AnomalyKind::ReadFromTheFuture,
        "{saw} had returned before {put} was called, and nobody else put that in",
    ),
    (
        AnomalyKind::ReadFromTheFuture,
        "{take} had returned before {put} was called, and nobody else put that in",
    ),
    (AnomalyKind::DuplicateElement, "{take} both took out what was put in by {put}"),
    (AnomalyKind::DuplicateElement, "{log read} has it more often than it was put in, by {put}"),
    (AnomalyKind::DuplicateElement, "{saw twice}, which no set shows"),
    (AnomalyKind::DuplicateId, "{given} got the same identifier"),
    (
        AnomalyKind::DoubleGrant,
        "from {first grant} to {last grant} it was granted more often than releases leave room for",
    ),
    (AnomalyKind::DoubleGrant, "{grant} both hold it at one instant: no release can have come between"),
    (
        AnomalyKind::FencingRegression,
        "{grant}: the second was called after the first had returned, and its token is not greater",
    ),
    (AnomalyKind::LostUpdate, "{operation} both replaced a value that cannot have been put in between them"),
    (
        AnomalyKind::StaleRead,
        "{read} was called after {overwrite} had returned, and nobody can have put that in since",
    ),
    (
        AnomalyKind::OwnWriteNotRead,
        "{read} was called after {overwrite} had returned, and nobody can have put that in since",
    ),
    (
        AnomalyKind::NonMonotonicRead,
        "{read} was called after {newer read} had returned, and nobody can have put that in since",
    ),
    (
        AnomalyKind::OrderDisagreement,
        "{read} was called after {newer read} had returned, and nobody can have put that in since",
    ),
    (AnomalyKind::DivergentLogs, "{log read}: neither is a beginning of the other"),
    (AnomalyKind::TornLog, "{torn read} lacks something that stands in {log read} in front of what both saw"),
    (
        AnomalyKind::LostElement,
        "{take} came although {put} had returned before {later put} was called; nobody ever took that out",
    ),
    (
        AnomalyKind::LostElement,
        "{missed} was called after {put} had returned; nobody removed that, and nobody sees it later",
    ),
    (
        AnomalyKind::LostElement,
        "{missed} was called after {saw} had returned; nobody removed that, and nobody sees it later",
    ),
    (AnomalyKind::LateElement, "{missed} was called after {put} had returned; {take} came only after that"),
    (
        AnomalyKind::LateElement,
        "{missed} was called after {put} had returned; nobody removed that, and somebody sees it later",
    ),
    (
        AnomalyKind::LateElement,
        "{missed} was called after {saw} had returned; nobody removed that, and somebody sees it later",
    ),
    (
        AnomalyKind::StaleElement,
        "{missed} was called after {put} had returned; nobody removed that, and somebody sees it later",
    ),
    (
        AnomalyKind::StaleElement,
        "{missed} was called after {saw} had returned; nobody removed that, and somebody sees it later",
    ),
    (AnomalyKind::ZombieElement, "{saw} was called after {remove} had returned, and nobody put it in again"),
    (AnomalyKind::LogGoesBack, "{shorter read} was called after {log read} had returned"),
    (
        AnomalyKind::CounterGoesBack,
        "{lesser sum} was called after {sum} had returned, and nobody takes anything away",
    ),
    (
        AnomalyKind::CounterOutOfBounds,
        "{sum} is not what the changes can come to, whichever of them had happened by then",
    ),
    (
        AnomalyKind::ReorderedElement,
        "{put} and {later put}: {take} had returned before {later take} was called, the contrary of the order they ask for",
    ),
    (
        AnomalyKind::ReorderedElement,
        "{later put} was called after {put} had returned, and stands before it in {log read}",
    ),
];

/// The operations of a story, in the order in which they are told.
struct Cast<'a, F> {
    operation: &'a F,
    all: Vec<AnomalyOperation>,
}

impl<F: Fn(OpId) -> OperationReport> Cast<'_, F> {
    /// What an operation is called; it is told once.
    fn as_role(&mut self, role: &'static str, id: OpId) -> String {
        let operation = (self.operation)(id);
        let name = operation.by_whom();
        if self.all.iter().all(|known| known.operation.id != operation.id) {
            self.all.push(AnomalyOperation { role, operation });
        }
        name
    }

    /// Whoever was given something to put in writes; the others read.
    fn write_or(&self, read: &'static str, id: OpId) -> &'static str {
        let is_given = (self.operation)(id).argument.is_some_and(|argument| !argument.json.is_null());
        if is_given { "write" } else { read }
    }

    /// Operations that have no order, whatever the others did.
    fn no_order(&mut self, kind: AnomalyKind, played: &[(Role, OpId)]) -> String {
        let plays = |word: &str| played.iter().any(|(role, _)| role.word() == word);
        let fits = |story: &str| {
            let roles = || story.split(['{', '}']).skip(1).step_by(2);
            roles().all(plays) && played.iter().all(|(role, _)| roles().any(|word| word == role.word()))
        };
        let fitting = STORIES.iter().find(|&&(told, story)| told == kind && fits(story));
        let Some((_, story)) = fitting else {
            let all: Vec<_> = played.iter().map(|&(role, id)| self.as_role(role.word(), id)).collect();
            return format!("these have no order, whatever the others did: {}", all.join(", "));
        };
        let mut told = String::new();
        for (at, piece) in story.split(['{', '}']).enumerate() {
            if at % 2 == 0 {
                told.push_str(piece);
                continue;
            }
            let of = played.iter().filter(|(role, _)| role.word() == piece);
            let names: Vec<_> = of.map(|&(role, id)| self.as_role(role.word(), id)).collect();
            told.push_str(&names.join(" and "));
        }
        told
    }

    fn cycle(&mut self, kind: AnomalyKind, edges: &[Edge]) -> String {
        for edge in edges {
            match edge.because {
                Because::Older { order } => return self.older(kind, edge, order),
                Because::Saw { .. } if edges.iter().any(|edge| edge.because == Because::RealTime) => {
                    let read = self.as_role("read", edge.to);
                    let write = self.as_role("write", edge.from);
                    return format!(
                        "{read} had returned before {write} was called, without which nobody can have seen that"
                    );
                }
                Because::SwappedAway { .. } => {
                    let [first, second] = [edge.from, edge.to].map(|id| self.as_role("compare-and-set", id));
                    return format!("{first} and {second} both replaced a value that was put in once");
                }
                Because::Saw { .. } | Because::RealTime => {}
            }
        }
        let all: Vec<_> = edges.iter().map(|edge| self.as_role("operation", edge.from)).collect();
        format!("each must come before the next, and the last before the first: {}", all.join(", "))
    }

    /// Somebody saw something old.
    fn older(&mut self, kind: AnomalyKind, edge: &Edge, order: Option<(OpId, OpId)>) -> String {
        if let (AnomalyKind::FlipFlop, Some(order)) = (kind, order) {
            return self.flip_flop(edge, order);
        }
        let is_write =
            matches!(kind, AnomalyKind::StaleRead | AnomalyKind::LostWrite | AnomalyKind::OwnWriteNotRead);
        let why = match order {
            None => "what it saw was there before all that".to_owned(),
            Some((early, late)) => {
                let early = self.as_role(self.write_or("older read", early), early);
                let late = match late {
                    late if late == edge.to => "that one".to_owned(),
                    late => self.as_role(self.write_or("newer read", late), late),
                };
                format!("{early} had returned before {late} was called, and nobody put it in again")
            }
        };
        let newer = self.as_role(if is_write { "overwrite" } else { "newer read" }, edge.to);
        let read = self.as_role("read", edge.from);
        let lost = if kind == AnomalyKind::LostWrite { "; nobody ever saw what that put in" } else { "" };
        format!("{read} was called after {newer} had returned; {why}{lost}")
    }

    /// Somebody saw one thing, then somebody another, and then somebody the first one again.
    fn flip_flop(&mut self, edge: &Edge, (early, late): (OpId, OpId)) -> String {
        // What shows the order of the two values is what was seen before, or what was seen again.
        let [one, other, again] =
            if early == edge.from { [edge.to, edge.from, late] } else { [early, edge.to, edge.from] };
        let one = self.as_role("read", one);
        let other = self.as_role("other read", other);
        let again = self.as_role("read again", again);
        format!(
            "{one}, then {other}, then {again}: each was called after the one before had returned, and nobody put that in again"
        )
    }
}

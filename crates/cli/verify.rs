//! `seriatim verify-certificate`: replays the orders of a certificate, and tries those of the few operations that it
//! names as evidence, or that sound steps leave of a part. Nothing here uses what decided.

use std::path::Path;

use rustc_hash::FxHashMap;
use seriatim_history::{History, OpId, ValueId};
use seriatim_model::catalog::{Visitor, with_any_model};
use seriatim_model::{Choice, Model, Part, Refused, certificate, conflict, part, reduction};
use seriatim_report::words::plural;
use seriatim_report::{Problem, diagnostic};

use crate::args::{Color, VerifyArgs};
use crate::certificate::{Certificate, CertifiedPart, Claim, ClaimedCore, SCHEMA};
use crate::choose::choose;
use crate::doubted::Doubted;
use crate::exit::Exit;
use crate::inputs;
use crate::load::{Loaded, NoHistory, Problems, load};
use crate::output;
use crate::source::{Content, Origin, Texts};

/// Verifies a certificate, says what came of it, and how the process ends.
pub(crate) fn run(args: &VerifyArgs) -> Exit {
    let found = match verify(args) {
        Ok(found) => found,
        Err(problems) => {
            let hidden = problems.total - problems.first.len();
            let mut all = problems.first;
            if hidden > 0 {
                all.push(Problem::error(output::not_shown(hidden)));
            }
            all.iter().for_each(|problem| _ = output::fail(problem, Color::Auto));
            return Exit::Error;
        }
    };
    let path = args.history.display();
    let (text, exit) = match found {
        Finding::Refused(problem) => (
            format!("{path}: the certificate is REFUSED\n{}", diagnostic::draw(&problem, false)),
            Exit::Refused,
        ),
        Finding::Accepted(accepted) => accepted.tell(&path.to_string()),
    };
    output::say(&text);
    exit
}

/// What came of a certificate.
enum Finding {
    Accepted(Accepted),
    Refused(Problem),
}

/// What a certificate shows, as far as it was checked again.
#[derive(Default)]
struct Accepted {
    /// Parts that have a linearization, and how many operations these have.
    proved: usize,
    operations: usize,
    /// Parts that have none, and by how many operations that was shown.
    refuted: usize,
    evidence: usize,
    /// Parts of which sound steps leave operations that have no order, and how many these are.
    reduced: usize,
    cores: usize,
    /// Parts of which the certificate shows nothing.
    unproved: usize,
    /// The functions whose failures count as of unknown outcome.
    doubted: Doubted,
}

impl Accepted {
    fn tell(&self, path: &str) -> (String, Exit) {
        let &Self { proved, operations, refuted, evidence, reduced, cores, unproved, ref doubted } = self;
        let total = proved + refuted + reduced + unproved;
        let (word, exit) = match (refuted + reduced, unproved) {
            (1.., _) => ("INVALID, ", Exit::Invalid),
            (0, 0) => ("VALID, ", Exit::Valid),
            (0, _) => ("", Exit::Unknown),
        };
        let of = |count| plural(count, "operation", "operations");
        let mut text = format!(
            "{path}: {word}{proved} of {total} {} proved linearizable ({operations} {} replayed)\n",
            plural(total, "part", "parts"),
            of(operations)
        );
        match refuted {
            0 => {}
            1 => text.push_str(&format!(
                "1 refuted: no order of {evidence} {} is possible, whatever the others did\n",
                of(evidence)
            )),
            _ => text.push_str(&format!(
                "{refuted} refuted: no order of a few operations of each, {evidence} in all, is possible, whatever the others did\n"
            )),
        }
        if reduced > 0 {
            let these = if reduced == 1 { "it" } else { "them" };
            text.push_str(&format!(
                "{reduced} refuted: sound steps leave {cores} {} of {these}, and no order of these is possible\n",
                of(cores)
            ));
        }
        if unproved > 0 {
            text.push_str(&format!(
                "{unproved} not re-checked: the certificate calls them invalid or unknown, without evidence\n"
            ));
        }
        if !doubted.functions().is_empty() {
            let functions = doubted.shown();
            text.push_str(&format!(
                "under --treat-fail-as-info f={functions}: what failed there counts as of unknown outcome\n"
            ));
        }
        (text, exit)
    }
}

fn verify(args: &VerifyArgs) -> Result<Finding, Problems> {
    let certificate = read_certificate(&args.certificate)?;
    let settings = certificate.settings().map_err(|error| {
        Problem::error(format!("`{}` cannot be used: {error}", args.certificate.display()))
    })?;
    let input = inputs::one(&args.history, "name the one that the certificate is of")?;
    let mut loaded = load(&input, &settings, usize::MAX, usize::MAX).map_err(|none| match none {
        NoHistory::Empty => Problem::error(format!("there is nothing in `{}`", input.path)).into(),
        NoHistory::Other(problem) => problem.into(),
        NoHistory::Large => unreachable!("as much as there is may be held"),
        NoHistory::Malformed(_, problems) => problems,
    })?;
    let chosen = choose(&mut loaded, &settings)?;
    let Loaded { texts, history, .. } = &loaded;
    if history.operations.len() != certificate.history.operations {
        let message = format!(
            "it is of a history of {} {}, and this one has {}",
            certificate.history.operations,
            plural(certificate.history.operations, "operation", "operations"),
            history.operations.len()
        );
        return Ok(Finding::Refused(Problem::error(message)));
    }
    let replay = Replay { texts, history, certificate: &certificate, doubted: &chosen.doubted };
    with_any_model(chosen.model, &chosen.options, &history.values, replay)
        .map_err(|error| Problem::error(error.to_string()))?
}

fn read_certificate(path: &Path) -> Result<Certificate, Problem> {
    let shown = path.display();
    let content = Content::read(&Origin::File(path.to_owned()), usize::MAX)?;
    let help = "a certificate is a file that `seriatim check --certificates DIR` wrote";
    let certificate: Certificate = serde_json::from_slice(&content.unpacked)
        .map_err(|error| Problem::error(format!("`{shown}` is no certificate: {error}")).help(help))?;
    if certificate.schema != SCHEMA {
        let message =
            format!("`{shown}` has the schema `{}`, and only `{SCHEMA}` is known", certificate.schema);
        return Err(Problem::error(message).help(help));
    }
    Ok(certificate)
}

/// Replays the orders of a certificate against a model.
struct Replay<'a> {
    texts: &'a Texts,
    history: &'a History,
    certificate: &'a Certificate,
    doubted: &'a Doubted,
}

impl Visitor for Replay<'_> {
    type Out = Result<Finding, Problems>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let parts = part::split(&model, self.history)
            .map_err(|unreadable| Problems::unreadable(self.texts, self.history, unreadable))?;
        let claims: FxHashMap<&[u32], &CertifiedPart> =
            self.certificate.parts.iter().map(|part| (part.operations.as_slice(), part)).collect();
        if claims.len() != self.certificate.parts.len() {
            return Ok(Finding::Refused(Problem::error("it tells of one part twice")));
        }
        if claims.len() != parts.len() {
            let of = plural(claims.len(), "part", "parts");
            let message = format!("it tells of {} {of}, and the history has {}", claims.len(), parts.len());
            return Ok(Finding::Refused(Problem::error(message)));
        }
        let mut accepted = Accepted { doubted: self.doubted.clone(), ..Accepted::default() };
        for part in &parts {
            let ids: Vec<u32> = part.entries.iter().map(|entry| entry.id.0).collect();
            let Some(claimed) = claims.get(ids.as_slice()) else {
                let message = format!("it does not tell of {} and just its operations", self.name(part));
                return Ok(Finding::Refused(Problem::error(message)));
            };
            match &claimed.claim {
                Claim::Valid { order } => {
                    let order = Claim::linearization(order);
                    if let Err(refused) = certificate::verify(&model, part, &order) {
                        return Ok(Finding::Refused(self.refused(&model, part, &order, &refused)));
                    }
                    accepted.proved += 1;
                    accepted.operations += order.len();
                }
                Claim::Invalid { evidence, .. } if !evidence.is_empty() => {
                    let evidence = Claim::conflict(evidence);
                    if let Err(not_shown) = conflict::verify(&model, part, &evidence) {
                        let message = format!("{}, its evidence: {not_shown}", self.name(part));
                        return Ok(Finding::Refused(Problem::error(message)));
                    }
                    accepted.refuted += 1;
                    accepted.evidence += evidence.ops.len();
                }
                Claim::Invalid { core: Some(core), .. } => match self.core(&model, part, core) {
                    Ok(operations) => {
                        accepted.reduced += 1;
                        accepted.cores += operations;
                    }
                    Err(None) => accepted.unproved += 1,
                    Err(Some(why)) => {
                        let message = format!("{}, its core: {why}", self.name(part));
                        return Ok(Finding::Refused(Problem::error(message)));
                    }
                },
                Claim::Invalid { .. } | Claim::Unknown { .. } => accepted.unproved += 1,
            }
        }
        Ok(Finding::Accepted(accepted))
    }
}

impl Replay<'_> {
    fn name<Op>(&self, part: &Part<Op>) -> String {
        let all = part.key.iter().chain(&part.touched);
        let shown: Vec<_> = all.map(|&id: &ValueId| self.history.values.show(id)).collect();
        if shown.is_empty() { "the whole history".to_owned() } else { format!("key {}", shown.join(", ")) }
    }

    /// How many operations the steps of a core leave, which have no order. Why not, where something is wrong with it.
    fn core<M: Model>(
        &self,
        model: &M,
        part: &Part<M::Op>,
        core: &ClaimedCore,
    ) -> Result<usize, Option<String>> {
        // An element that the history does not know is a value, too, which nothing shows.
        let mut values = self.history.values.clone();
        let core = core.core(&mut values).map_err(Some)?;
        let ids: Vec<OpId> = part.entries.iter().map(|entry| entry.id).collect();
        match reduction::verify(model, self.history, &ids, &core) {
            Ok(()) => Ok(core.ops.len()),
            Err(doubt) if doubt.is_only_too_much() => Err(None),
            Err(doubt) => Err(Some(doubt.to_string())),
        }
    }

    /// Which step is refused, and why.
    fn refused<M: Model>(
        &self,
        model: &M,
        part: &Part<M::Op>,
        order: &[Choice],
        refused: &Refused,
    ) -> Problem {
        let (Refused::Foreign(op) | Refused::Twice(op) | Refused::Missing(op) | Refused::Illegal(op)) =
            *refused
        else {
            let Refused::TooLate { late, .. } = *refused else { return Problem::error(refused.to_string()) };
            return self.step(model, part, order, late, refused);
        };
        self.step(model, part, order, op, refused)
    }

    fn step<M: Model>(
        &self,
        model: &M,
        part: &Part<M::Op>,
        order: &[Choice],
        op: OpId,
        refused: &Refused,
    ) -> Problem {
        let places = order.iter().enumerate().filter(|(_, choice)| choice.op == op).map(|(at, _)| at + 1);
        let place = match refused {
            Refused::Twice(_) => places.into_iter().nth(1),
            _ => places.into_iter().next(),
        };
        let step = place.map_or("no step".to_owned(), |place| format!("step {place} of {}", order.len()));
        let did = part.entries.iter().find(|entry| entry.id == op);
        let did = did
            .map_or(String::new(), |entry| format!(" ({})", model.show_op(&entry.op, &self.history.values)));
        let problem = Problem::error(format!("{}, {step}: {refused}{did}", self.name(part)));
        match self.history.operations.get(op.index()) {
            Some(operation) => problem.at(self.texts.place(operation.end.unwrap_or(operation.call).span)),
            None => problem,
        }
    }
}

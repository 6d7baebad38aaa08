//! `seriatim merge`: one report of several. Complete sets of shards are put together; other reports are listed.
//!
//! All shards of a run read all of its histories alike, so that what is told of a history as a whole is the same in each: that is
//! held against one another, and taken once. Parts and findings are put together by the numbers of their first operations, which
//! are those of the whole history.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use seriatim_anomaly::catalog::CATALOG;
use seriatim_report::document::{
    self, Anomaly, Count, CountedFault, Document, History, SCHEMA, Scope, Share, Text, shown,
};
use seriatim_report::words::plural;
use seriatim_report::{Problem, Verdict};

use crate::args::{Color, MergeArgs};
use crate::exit::Exit;
use crate::gate::{self, Gate};
use crate::output;
use crate::render;
use crate::shard;

/// A report and the file that it was read from.
type Read = (String, Document<'static>);

/// Puts reports together, and ends as the run would have that decided all of it.
pub(crate) fn run(args: &MergeArgs) -> Exit {
    let read = |path: &std::path::PathBuf| Ok((path.display().to_string(), render::document(path)?));
    let read = args.reports.iter().map(read).collect::<Result<Vec<Read>, _>>();
    let both = read.and_then(|read| {
        let of_shards = read.iter().any(|(_, document)| document.shard.is_some());
        let gate = Gate::new(&args.gate)?;
        if of_shards {
            gate.takes_parts()?;
        }
        Ok((merged(read)?, gate))
    });
    let (mut document, gate) = match both {
        Ok(both) => both,
        Err(problem) => return output::fail(&problem, Color::Auto),
    };
    let judged = gate.judge(&mut document.histories, true);
    let is_interrupted = document.exit_code == Exit::Interrupted.code();
    let exit = if is_interrupted { Exit::Interrupted } else { judged.exit };
    document.exit_code = exit.code();
    document.notes.extend(judged.notes.iter().map(|note| note.clone().into()));
    render::show(&document, &args.report, args.output_format, args.size.largest);
    judged.say();
    exit
}

/// One report of several, that nobody has judged.
fn merged(all: Vec<Read>) -> Result<Document<'static>, Problem> {
    let is_interrupted = all.iter().any(|(_, document)| document.exit_code == Exit::Interrupted.code());
    let version = alike(all.iter().map(|(_, document)| document.version.clone())).flatten();
    let command = alike(all.iter().map(|(_, document)| command(document))).unwrap_or_default();
    let mut notes: Vec<Text<'static>> = Vec::new();
    for note in all.iter().flat_map(|(_, document)| &document.notes) {
        // What a gate said, and what a shard has not, is said of what was put together.
        let is_of_one = note.starts_with(gate::SAID) || note.starts_with(shard::SAID);
        if !is_of_one && !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    // Each set stands where its first report does.
    let mut sets: Vec<Vec<Read>> = Vec::new();
    for read in all {
        let is_with = |set: &&mut Vec<Read>| read.1.shard.is_some() && are_of_one_run(&set[0].1, &read.1);
        match sets.iter_mut().find(is_with) {
            Some(set) => set.push(read),
            None => sets.push(vec![read]),
        }
    }
    let mut histories = Vec::new();
    let mut together = 0;
    for set in sets {
        match set[0].1.shard {
            None => histories.extend(set.into_iter().flat_map(|(_, document)| document.histories)),
            Some(_) => {
                together = together.max(set.len());
                histories.extend(one(set)?);
            }
        }
    }
    if together > 1 {
        notes.push(format!("this report was put together from shards: {}", shard::not_looked_for()).into());
    }
    let verdict = histories.iter().map(|history| history.verdict).max().unwrap_or(Verdict::Vacuous);
    let exit_code = if is_interrupted { Exit::Interrupted } else { Exit::Valid }.code();
    Ok(Document {
        schema: SCHEMA.into(),
        version,
        verdict,
        exit_code,
        command,
        histories,
        notes,
        shard: None,
    })
}

/// What is said of all of several; `None` where they differ.
fn alike<T: PartialEq>(mut all: impl Iterator<Item = T>) -> Option<T> {
    let first = all.next()?;
    all.all(|other| other == first).then_some(first)
}

/// The command of a report, without which shard it was to be.
fn command(document: &Document<'static>) -> Vec<Text<'static>> {
    let words = &document.command;
    let is_shard = |at: usize| words.get(at).is_some_and(|word| word == "--shard");
    let is_kept = |&at: &usize| !is_shard(at) && (at == 0 || !is_shard(at - 1));
    (0..words.len()).filter(is_kept).map(|at| words[at].clone()).collect()
}

/// Whether two reports are of shards of one run.
fn are_of_one_run(one: &Document<'_>, other: &Document<'_>) -> bool {
    let (Some(of), Some(with)) = (&one.shard, &other.shard) else { return false };
    let paths = |document: &Document<'_>| -> Vec<String> {
        document.histories.iter().map(|history| history.path.to_string()).collect()
    };
    of.of == with.of && paths(one) == paths(other)
}

/// The histories of a complete set of shards.
fn one(mut set: Vec<Read>) -> Result<Vec<History<'static>>, Problem> {
    let index = |read: &Read| read.1.shard.as_ref().map_or(0, |shard| shard.index);
    set.sort_by_key(index);
    let of = set[0].1.shard.as_ref().map_or(1, |shard| shard.of);
    if let Some([(one, document), (other, _)]) =
        set.array_windows().find(|[one, other]| index(one) == index(other))
    {
        let index = document.shard.as_ref().map_or(0, |shard| shard.index);
        return Err(Problem::error(format!("`{one}` and `{other}` both are shard {index} of {of}")));
    }
    let missing: Vec<_> = (1..=of)
        .filter(|wanted| set.iter().all(|read| index(read) != *wanted))
        .map(|at| at.to_string())
        .collect();
    if !missing.is_empty() {
        let (noun, verb) = if missing.len() == 1 { ("shard", "is") } else { ("shards", "are") };
        let there: Vec<_> = set.iter().map(|(path, _)| format!("`{path}`")).collect();
        let help = "a report of `check --shard` belongs to those with the same histories, named alike, and the same N";
        let why = format!("{noun} {} of {of} {verb} missing beside {}", missing.join(", "), there.join(", "));
        return Err(Problem::error(why).help(help));
    }
    let mut set = set.into_iter();
    let Some((first, document)) = set.next() else { return Ok(Vec::new()) };
    let version = document.version.clone();
    let mut histories = document.histories;
    for (path, document) in set {
        if document.version != version {
            let why = format!("`{first}` and `{path}` were written by different versions of seriatim");
            return Err(Problem::error(why).help("let one version check all shards"));
        }
        for (history, other) in histories.iter_mut().zip(document.histories) {
            if let Some(what) = difference(history, &other) {
                let why = format!("`{first}` and `{path}` do not agree on {what} of `{}`", history.path);
                let help = "all shards are to be of the same bytes, and to be checked with the same options";
                return Err(Problem::error(why).help(help));
            }
            add(history, other);
        }
    }
    for history in &mut histories {
        history.parts.sort_by_key(|part| part.first);
        history.parts.iter_mut().for_each(|part| part.first = None);
        history.anomalies.sort_by_key(|of| CATALOG.iter().position(|row| row.code == of.code));
        history.anomalies.iter_mut().for_each(|anomaly| anomaly.first = None);
        // Where one could not read it in time, or came to no end, its share is not known.
        if let Some(share) = history.share.filter(|share| share.parts != share.of && !history.cut_short) {
            let (path, parts) = (&history.path, plural(share.of, "part", "parts"));
            let why = format!("of `{path}` the shards decided {} of {} {parts}", share.parts, share.of);
            let help = "all shards are to be named alike, and to be of one version of seriatim";
            return Err(Problem::error(why).help(help));
        }
        history.share = None;
        // What came after what goes by what is proved, too.
        history.chains.clear();
    }
    Ok(histories)
}

/// What is not the same of a history in two shards, and is to be. One that a shard could not read in time has nothing of it.
fn difference(one: &History<'_>, other: &History<'_>) -> Option<&'static str> {
    if one.model.is_none() || other.model.is_none() {
        return None;
    }
    [
        ("the bytes", one.files == other.files || one.files.is_empty() || other.files.is_empty()),
        ("the format", one.format == other.format),
        ("the model", (&one.model, &one.model_source) == (&other.model, &other.model_source)),
        ("the options", one.options == other.options || one.options.is_empty() || other.options.is_empty()),
        ("the property", one.property == other.property),
        ("the operations", one.operations == other.operations),
        ("the requirements", one.unmet == other.unmet || one.share.is_none() || other.share.is_none()),
        (
            "how many parts there are",
            match (one.share, other.share) {
                (Some(one), Some(other)) => one.of == other.of,
                _ => true,
            },
        ),
    ]
    .into_iter()
    .find(|(_, is_same)| !is_same)
    .map(|(what, _)| what)
}

/// Adds what another shard says of a history.
fn add(history: &mut History<'static>, mut other: History<'static>) {
    // What one could not read in time another one may have read.
    if history.model.is_none() && other.model.is_some() {
        std::mem::swap(history, &mut other);
    }
    // A shard that did not come to decide anything has parts that nobody tells.
    let is_undecided = |of: &History<'_>| of.verdict == Verdict::Unknown && of.share.is_none();
    history.cut_short |= other.cut_short || is_undecided(history) || is_undecided(&other);
    history.verdict = history.verdict.max(other.verdict);
    history.parts.extend(other.parts);
    history.share = match (history.share, other.share) {
        (Some(one), Some(other)) => Some(Share { parts: one.parts + other.parts, of: one.of }),
        (one, other) => one.or(other),
    };
    for anomaly in other.anomalies {
        match history.anomalies.iter_mut().find(|known| known.code == anomaly.code) {
            None => history.anomalies.push(anomaly),
            Some(known) => both(known, anomaly),
        }
    }
    for note in other.notes {
        if !history.notes.contains(&note) {
            history.notes.push(note);
        }
    }
}

/// Adds the instances of another shard: the first of all is told.
fn both(known: &mut Anomaly<'static>, mut other: Anomaly<'static>) {
    if other.first < known.first {
        std::mem::swap(known, &mut other);
    }
    known.count += other.count;
    known.parts += other.parts;
    if let (Some(lag), Some(with)) = (&mut known.lag, other.lag) {
        lag.longest_ms = lag.longest_ms.max(with.longest_ms);
    }
    let scope = std::mem::take(&mut known.scope);
    known.scope = Scope {
        nodes: counts(scope.nodes, other.scope.nodes),
        keys: counts(scope.keys, other.scope.keys),
        processes: counts(scope.processes, other.scope.processes),
        faults: faults(scope.faults, other.scope.faults),
    };
}

/// Counts of two shards, in the order of a report.
fn counts(one: Vec<Count<'static>>, other: Vec<Count<'static>>) -> Vec<Count<'static>> {
    let mut all: BTreeMap<Option<(usize, String)>, Count<'static>> = BTreeMap::new();
    for of in one.into_iter().chain(other) {
        let name = of.value.as_ref().map(|value| shown(value));
        let known =
            all.entry(name.map(|name| (name.len(), name))).or_insert(Count { count: 0, ..of.clone() });
        known.count += of.count;
    }
    let mut all: Vec<_> = all.into_values().collect();
    all.sort_by_key(|of| Reverse(of.count));
    all
}

fn faults(one: Vec<CountedFault<'static>>, other: Vec<CountedFault<'static>>) -> Vec<CountedFault<'static>> {
    let mut all = one;
    for of in other {
        match all.iter_mut().find(|known| known.fault == of.fault) {
            Some(known) => known.count += of.count,
            None => all.push(of),
        }
    }
    let began =
        |fault: &document::Fault<'_>| fault.from_s.map_or(String::new(), |from| format!("{from:>24.9}"));
    let name = |fault: &document::Fault<'_>| format!("{} {}", fault.name, began(fault));
    all.sort_by_key(|of| (Reverse(of.count), of.fault.as_ref().map(name)));
    all
}

//! What was planted is what is named: of every kind, in small histories and in such of 10^5 operations, docs/PLANTED.md
//! has how often the finder gives it its name and shows the operations of which it is known that they are wrong, and what
//! else it says.
//!
//! The table follows from fixed seeds. `SERIATIM_WRITE_DOCS=1 cargo test -p seriatim-anomaly --test planted` writes it
//! anew.

#![allow(
    clippy::disallowed_methods,
    reason = "the table is in a document, and the environment says whether to write it"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;

use seriatim_anomaly::catalog::{CATALOG, with_code};
use seriatim_anomaly::split::{self, Clues};
use seriatim_anomaly::{Anomaly, AnomalyKind, Failed, SplitBrain, find_while};
use seriatim_history::{History, OpId, ValueId, windows};
use seriatim_model::{Model, ModelName, ModelOptions, Part, Visitor, part, with_any_model};
use seriatim_testkit::planted::divided::{self, Divided, Fault};
use seriatim_testkit::planted::{KINDS, Kind, LARGE, Planted, SMALL, nothing_planted};

/// How many small histories of each kind and model.
const FEW: u64 = 200;

/// How many histories of 10^5 operations of each kind: the models take turns.
const LONG: usize = 2;

/// Finds the anomalies of all parts of a history.
struct Find<'a>(&'a History);

impl Visitor for Find<'_> {
    type Out = Vec<Anomaly>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Vec<Anomaly>
    where
        M::State: Ord,
    {
        let parts = part::split(&model, self.0).expect("operations of the model");
        of_parts(&model, &parts, self.0)
    }
}

fn of_parts<M: Model>(model: &M, parts: &[Part<M::Op>], history: &History) -> Vec<Anomaly> {
    let failed = Failed::default();
    parts.iter().flat_map(|part| find_while(model, part, history, &failed, &|| true)).collect()
}

fn found(model: ModelName, history: &History) -> Vec<Anomaly> {
    let options = ModelOptions::default();
    with_any_model(model, &options, &history.values, Find(history)).expect("a model of the catalogue")
}

/// What a history is called: one cause has one name, that of the kind which explains most.
fn label(anomalies: &[Anomaly]) -> Option<AnomalyKind> {
    anomalies.iter().map(|anomaly| anomaly.kind).min()
}

/// What became of what was planted.
#[derive(Clone, Debug, Default)]
struct Row {
    models: Vec<ModelName>,
    planted: [usize; 2],
    named: [usize; 2],
    /// Named, and some evidence shows all operations that were planted.
    shown: [usize; 2],
    otherwise: BTreeMap<Option<AnomalyKind>, usize>,
    /// All that was found.
    findings: usize,
}

impl Row {
    fn add(&mut self, of: &'static Kind, seed: u64, planted: &Planted, size: usize) {
        let kind = with_code(of.code).expect("a code of the catalogue").kind;
        let anomalies = found(planted.model, &planted.script.history());
        self.planted[size] += 1;
        self.findings += anomalies.len();
        let label = label(&anomalies);
        if label != Some(kind) {
            println!("{} in {}, {seed}: {label:?}", of.code, planted.model.name());
            *self.otherwise.entry(label).or_default() += 1;
            return;
        }
        self.named[size] += 1;
        let wanted = planted.operations();
        let shows = |anomaly: &&Anomaly| {
            let shown = anomaly.evidence.operations();
            wanted.iter().all(|&at| shown.iter().any(|id| id.index() == at))
        };
        if anomalies.iter().filter(|anomaly| anomaly.kind == kind).any(|anomaly| shows(&anomaly)) {
            self.shown[size] += 1;
        } else {
            println!("{} in {}, {seed}: not {wanted:?} but {anomalies:?}", of.code, planted.model.name());
        }
    }
}

fn row(of: &'static Kind) -> Row {
    let mut row = Row { models: of.models().collect(), ..Row::default() };
    let models = row.models.clone();
    for &model in &models {
        for seed in 0..FEW {
            let planted = of.plant(seed, model, SMALL).expect("a small history has a place for it");
            row.add(of, seed, &planted, 0);
        }
    }
    for (seed, &model) in (0..LONG as u64).zip(models.iter().cycle()) {
        let planted = of.plant(seed, model, LARGE).expect("a large history has a place for it");
        row.add(of, seed, &planted, 1);
    }
    row
}

/// Of histories in which nothing was planted: how many, and what was found in them.
fn nothing() -> Row {
    let mut row = Row::default();
    let mut models: Vec<ModelName> = KINDS.iter().flat_map(Kind::models).collect();
    models.sort_by_key(|model| model.name());
    models.dedup();
    for &model in &models {
        for seed in 0..FEW {
            row.look(model, &nothing_planted(seed, model, SMALL).history(), 0);
        }
        row.look(model, &nothing_planted(0, model, LARGE).history(), 1);
    }
    Row { models, ..row }
}

impl Row {
    fn look(&mut self, model: ModelName, history: &History, size: usize) {
        self.planted[size] += 1;
        let label = label(&found(model, history));
        match label {
            None => self.named[size] += 1,
            Some(_) => *self.otherwise.entry(label).or_default() += 1,
        }
    }
}

fn percent(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.1} %", 100.0 * part as f64 / whole as f64) }
}

fn both([small, large]: [usize; 2]) -> String {
    format!("{small} + {large}")
}

fn otherwise(row: &Row) -> String {
    if row.otherwise.is_empty() {
        return "–".to_owned();
    }
    let name = |kind: &Option<AnomalyKind>| kind.map_or("nothing", |kind| kind.row().code);
    let all: Vec<_> = row.otherwise.iter().map(|(kind, count)| format!("{count} {}", name(kind))).collect();
    all.join(", ")
}

fn table(rows: &[(AnomalyKind, Row)], nothing: &Row) -> String {
    let mut text = String::from(
        "| kind | code | models | planted | named so | with these operations | named otherwise | findings each | recall | precision |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for (kind, row) in rows {
        let (named, planted) = (row.named.iter().sum(), row.planted.iter().sum());
        let said = |other: &Row| other.otherwise.get(&Some(*kind)).copied().unwrap_or(0);
        let wrongly = rows.iter().map(|(_, other)| said(other)).sum::<usize>() + said(nothing);
        let models: Vec<_> = row.models.iter().map(|model| model.name()).collect();
        let catalog = kind.row();
        writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {} | {:.1} | {} | {} |",
            catalog.name,
            catalog.code,
            models.join(", "),
            both(row.planted),
            both(row.named),
            both(row.shown),
            otherwise(row),
            row.findings as f64 / planted as f64,
            percent(named, planted),
            percent(named, named + wrongly),
        )
        .expect("texts can be written to");
    }
    let (planted, named) = (both(nothing.planted), both(nothing.named));
    writeln!(
        text,
        "| nothing | – | all of these | {planted} | {named} | – | {} | – | – | – |",
        otherwise(nothing)
    )
    .expect("texts can be written to");
    text
}

/// Whoever writes a table has the document for itself.
static DOCUMENT: Mutex<()> = Mutex::new(());

/// Looks whether the document has this table, which begins so, or writes it there.
fn in_document(begins: &str, table: &str) {
    let _alone = DOCUMENT.lock();
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/PLANTED.md");
    let document = fs::read_to_string(&path).expect("the document can be read");
    let begin = document.find(begins).expect("the document has a table");
    let rest = &document[begin..];
    let end = rest.find("\n\n").map_or(rest.len(), |end| end + 1);
    let wanted = format!("{}{table}{}", &document[..begin], &rest[end..]);
    if std::env::var("SERIATIM_WRITE_DOCS").is_ok_and(|write| write == "1") {
        fs::write(&path, wanted).expect("the document can be written");
        return;
    }
    assert!(document == wanted, "docs/PLANTED.md has another table than this:\n{table}");
}

#[test]
fn what_is_planted_is_named() {
    let kinds: Vec<AnomalyKind> = KINDS.iter().filter_map(|of| Some(with_code(of.code)?.kind)).collect();
    let is_planted = |kind: &AnomalyKind| *kind != AnomalyKind::UnclassifiedCore && !kind.is_symptom();
    let all = CATALOG.iter().map(|row| row.kind).filter(is_planted);
    assert_eq!(kinds, all.collect::<Vec<_>>(), "every kind is planted");
    let (rows, nothing) = std::thread::scope(|scope| {
        let (first, second) = KINDS.split_at(KINDS.len() / 2);
        let rows = |of: &'static [Kind]| of.iter().map(row).collect::<Vec<_>>();
        let first = scope.spawn(move || rows(first));
        let mut second = rows(second);
        let nothing = nothing();
        let mut all = first.join().expect("every kind can be planted");
        all.append(&mut second);
        (all, nothing)
    });
    let rows: Vec<_> = kinds.into_iter().zip(rows).collect();
    let table = table(&rows, &nothing);
    println!("{table}");
    in_document("| kind |", &table);
}

/// Finds where two sides of a history were apart, as the command line does.
struct FindSides<'a>(&'a History);

impl Visitor for FindSides<'_> {
    type Out = Vec<SplitBrain>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Vec<SplitBrain>
    where
        M::State: Ord,
    {
        let Self(history) = self;
        let parts = part::split(&model, history).expect("operations of the model");
        let anomalies = of_parts(&model, &parts, history);
        let is_lost =
            |anomaly: &&Anomaly| matches!(anomaly.kind, AnomalyKind::LostWrite | AnomalyKind::LostElement);
        let lost: Vec<OpId> = anomalies.iter().filter(is_lost).map(Anomaly::subject).collect();
        let clues = Clues { lost: &lost };
        split::find(&model, &parts, history, &windows(history), clues, &|| true)
    }
}

/// What was told of histories in which nodes were divided.
#[derive(Clone, Copy, Debug, Default)]
struct Apart {
    planted: [usize; 2],
    /// How many of the small ones lag alone does not explain, and how many of these are told.
    sure: usize,
    sure_and_told: usize,
    told: [usize; 2],
    /// Told with those sides, and no others.
    with_sides: [usize; 2],
    /// And which side lost what it had acknowledged.
    with_loser: [usize; 2],
}

fn apart(model: ModelName, fault: Fault) -> Apart {
    let mut all = Apart::default();
    for (seed, operations) in (0..FEW).map(|seed| (seed, SMALL)).chain([(0, LARGE), (1, LARGE)]) {
        let size = usize::from(operations == LARGE);
        let divided = Divided::new(seed, model, fault, operations);
        let history = divided.script.history();
        let options = ModelOptions::default();
        let found =
            with_any_model(model, &options, &history.values, FindSides(&history)).expect("a known model");
        let names = |side: &[ValueId]| {
            let mut names: Vec<_> = side.iter().filter_map(|&name| history.values.as_text(name)).collect();
            names.sort_unstable();
            names
        };
        let sides: Vec<[Vec<&str>; 2]> =
            found.iter().map(|split| split.sides.each_ref().map(|side| names(side))).collect();
        let [right, wrong] = [divided.right, 1 - divided.right].map(|at| divided.sides[at].to_vec());
        // Who did nothing meanwhile is told on neither side.
        let is_of = |told: &[&str], side: &[&str]| told.iter().all(|name| side.contains(name));
        let is_these = |[one, other]: &[Vec<&str>; 2]| {
            is_of(one, &wrong) && is_of(other, &right) || is_of(one, &right) && is_of(other, &wrong)
        };
        let loses = |split: &SplitBrain| split.lost.is_some() && is_of(&names(&split.sides[0]), &wrong);
        all.planted[size] += 1;
        all.told[size] += usize::from(!found.is_empty());
        let is_sure = operations == SMALL && !divided.is_explained_by_lag();
        all.sure += usize::from(is_sure);
        all.sure_and_told += usize::from(is_sure && !found.is_empty());
        let is_right = !found.is_empty() && sides.iter().all(is_these);
        all.with_sides[size] += usize::from(is_right);
        all.with_loser[size] += usize::from(is_right && found.iter().any(loses));
        assert!(fault == Fault::SplitBrain || found.is_empty(), "{} {seed}: {found:?}", model.name());
        if (fault == Fault::SplitBrain) != is_right {
            let is_sure = if is_sure { ", which lag does not explain" } else { "" };
            println!("{} {fault:?} {seed} of {operations}{is_sure}: {sides:?}", model.name());
        }
    }
    all
}

/// Both sides of a cut went on by themselves, or one of them only answered: docs/PLANTED.md has how often that is told apart.
#[test]
fn divided_nodes_are_told() {
    let mut text = String::from(
        "| divided | model | planted | told as split brain | with these sides | and who lost | not explained by lag | of these told |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for fault in [Fault::SplitBrain, Fault::StaleReplica] {
        for model in divided::MODELS {
            let Apart { planted, sure, sure_and_told, told, with_sides, with_loser } = apart(model, fault);
            let name = match fault {
                Fault::SplitBrain => "split brain",
                Fault::StaleReplica => "stale replica",
            };
            let [planted, told, sides, loser] = [planted, told, with_sides, with_loser].map(both);
            let model = model.name();
            writeln!(
                text,
                "| {name} | {model} | {planted} | {told} | {sides} | {loser} | {sure} | {sure_and_told} |"
            )
            .expect("texts can be written to");
        }
    }
    println!("{text}");
    in_document("| divided |", &text);
}

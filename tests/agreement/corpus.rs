//! Every file of `histories/`: the path is the expectation.
//!
//! What is valid or invalid gets that verdict however it is decided: by each strategy, with and without each reduction,
//! split and whole, in one thread and in two; small ones by the oracle too. What is malformed is refused with the
//! words of the snapshot beside it: `SERIATIM_BLESS=1 cargo test --test agreement malformed` writes the snapshots
//! anew, and whoever does that reads them.

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use rayon::ThreadPool;
use rustc_hash::{FxHashMap, FxHashSet};
use seriatim_checker::{Decision, Limits, Memory, Options, Stop, Verdict, check_parts};
use seriatim_history::build::Overrides;
use seriatim_history::format::csv::ColumnMap;
use seriatim_history::format::detect::{Detected, detect};
use seriatim_history::{EventId, History, HistoryBuilder, OpId, Source, SourceId, format, independent};
use seriatim_model::catalog::{MODELS, ModelName, ModelOptions, Visitor, with_any_model};
use seriatim_model::{Model, Part, part};
use seriatim_testkit::corpus::{Case, Expectation, walk};

use crate::judge;

/// Histories of more operations are decided by the automatic choice only, in one thread and in two: forced upon a
/// recording of thousands of operations, a search without its reductions takes longer than anybody waits.
const SMALL: usize = 2_000;

/// So are those below folders of this name, whatever their size: a few hundred operations of a real cluster are enough for that.
const RECORDED: &str = "lab";

/// Parts of more operations are not for the oracle, which tries all orders.
const ORACLE: usize = 9;

/// How many hand-made histories of each expectation every model has at the least.
const HAND_MADE: usize = 3;

/// Folders whose histories `--model auto` takes for another model than the folder's, or finds to be of several, and why.
const INFERRED_OTHERWISE: &[(&str, Option<&str>, &str)] = &[
    ("owner-mutex", Some("mutex"), "nothing in a history says that only the holder may release"),
    ("reentrant-mutex", Some("mutex"), "nothing in a history says that the holder may acquire again"),
    ("fenced-mutex", Some("mutex"), "a token is a value of an acquire, and an anonymous lock ignores it"),
    ("set/invalid/both-removes-found-it", None, "bags and queues have an add and a remove too"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn cases(wanted: impl Fn(Expectation) -> bool) -> Vec<Case> {
    let all = walk(&root().join("histories")).expect("every file of histories/ has an expectation");
    all.into_iter().filter(|case| wanted(case.expectation)).collect()
}

/// The path as the program is given it: from the root of the repository, with slashes.
fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("below the root");
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The bytes of a file and its name, without a compression that they have.
fn contents(path: &Path) -> (Vec<u8>, String) {
    let bytes = std::fs::read(path).expect("a file that was just listed");
    let name = path.file_name().expect("a file has a name").to_string_lossy().into_owned();
    if let Some(name) = name.strip_suffix(".zst") {
        return (zstd::decode_all(&*bytes).expect("zstd"), name.to_owned());
    }
    if let Some(name) = name.strip_suffix(".gz") {
        let mut whole = Vec::new();
        flate2::read::MultiGzDecoder::new(&*bytes).read_to_end(&mut whole).expect("gzip");
        return (whole, name.to_owned());
    }
    (bytes, name)
}

/// The history of a file, read as `model`.
fn read(path: &Path, model: ModelName) -> Result<History, String> {
    let (bytes, name) = contents(path);
    let Detected::Format(format) = detect(&bytes, Some(&name)) else {
        return Err("its format is not known".to_owned());
    };
    let text = String::from_utf8(bytes).map_err(|error| error.to_string())?;
    let mut builder = HistoryBuilder::new(format);
    format::read(format, Source { id: SourceId(0), text: &text }, &ColumnMap::default(), &mut builder);
    let mut history = builder.finish(Overrides::default()).map_err(|errors| format!("{errors:?}"))?;
    if independent::is_certain(&history, |function| model.entry().takes_no_argument(function)) {
        independent::split(&mut history).map_err(|errors| format!("{errors:?}"))?;
    }
    Ok(history)
}

/// What ends the shortest bad prefix of a part that has one: the operation, its return, and the operations called by then.
type Bad = Option<(OpId, EventId, usize)>;

/// What was decided about a history.
struct Decided {
    /// For each part, the same in every way to decide it.
    bad: Vec<Bad>,
    operations: usize,
    /// Whether it was decided by the automatic choice only.
    is_large: bool,
    /// In how many ways it was decided.
    ways: usize,
    by_oracle: bool,
    /// Whether none of its parts needed the search; looked at where the oracle judges.
    exact: bool,
}

/// Decides a history in every way that its size allows.
struct EveryWay<'a> {
    history: &'a History,
    pools: &'a [ThreadPool],
    /// Whether a cluster has been recorded.
    is_recorded: bool,
}

impl EveryWay<'_> {
    fn decide<M: Model>(
        &self,
        model: &M,
        parts: &[Part<M::Op>],
        options: Options,
        pool: &ThreadPool,
    ) -> Vec<Decision> {
        let (stop, memory) = (Stop::new(), Memory::new(4 << 30));
        let limits = Limits { configurations: 50_000_000, stop: &stop, memory: &memory };
        pool.install(|| check_parts(model, parts, &limits, options, &()))
    }
}

fn refutations(name: &str, decisions: &[Decision]) -> Result<Vec<Bad>, String> {
    let refutation = |decision: &Decision| match &decision.verdict {
        Verdict::Linearizable(_) => Ok(None),
        Verdict::NotLinearizable(why) => Ok(Some((why.op, why.ret, why.prefix))),
        Verdict::Unknown(cause) => Err(format!("{name}: unknown: {cause:?}")),
    };
    decisions.iter().map(refutation).collect()
}

impl Visitor for EveryWay<'_> {
    type Out = Result<Decided, String>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let parts = part::split(&model, self.history).map_err(|errors| format!("{errors:?}"))?;
        let operations = parts.iter().map(|part| part.entries.len()).sum();
        let all = judge::ways();
        let is_large = operations > SMALL || self.is_recorded;
        let ways = if is_large { &all[..1] } else { &all[..] };
        let mut first = None;
        for (name, options) in ways {
            for pool in self.pools {
                let name = format!("{name}, {} threads", pool.current_num_threads());
                let bad = refutations(&name, &self.decide(&model, &parts, *options, pool))?;
                match &first {
                    None => first = Some(bad),
                    Some(first) if *first == bad => {}
                    Some(first) => return Err(format!("{name}: {bad:?}, but the first way said {first:?}")),
                }
            }
        }
        let bad = first.expect("there are ways and pools");
        let by_oracle = !is_large && parts.iter().all(|part| part.entries.len() <= ORACLE);
        let mut exact = false;
        if by_oracle {
            let several = self.pools.last().expect("there are pools");
            let agreed = judge::judge(&model, self.history, &all, several).map_err(|why| why.to_string())?;
            let earliest = bad.iter().flatten().map(|&(_, ret, _)| ret).min();
            if (agreed.bad, agreed.parts, agreed.operations) != (earliest, parts.len(), operations) {
                return Err(format!("the oracle says {:?}, the checker {earliest:?}", agreed.bad));
            }
            exact = agreed.exact;
        }
        Ok(Decided { bad, operations, is_large, ways: ways.len() * self.pools.len(), by_oracle, exact })
    }
}

fn decide(case: &Case, pools: &[ThreadPool]) -> Result<Decided, String> {
    let model = ModelName::from_name(&case.model).ok_or("the folder is not named after a model")?;
    let history = read(&case.path, model)?;
    let (declared, row) = (&history.declared, history.format.row());
    if declared.model.as_ref().is_some_and(|declared| *declared != case.model) {
        return Err(format!("it declares the model {:?}", declared.model));
    }
    let options = ModelOptions {
        initial: declared.initial,
        nil_read: declared.nil_read.unwrap_or(row.nil_read),
        failed_cas: declared.failed_cas.unwrap_or(row.failed_cas),
    };
    let is_recorded = case.path.parent().is_some_and(|folder| folder.ends_with(RECORDED));
    with_any_model(model, &options, &history.values, EveryWay { history: &history, pools, is_recorded })
        .map_err(|error| error.to_string())?
}

#[test]
fn every_history_gets_its_verdict_however_it_is_decided() {
    let pools = [judge::pool(1), judge::pool(2)];
    let (mut wrong, mut count) = (String::new(), FxHashMap::<(String, Expectation), usize>::default());
    let (mut files, mut ways, mut by_oracle, mut exact, mut large) = (0, 0, 0, 0, 0);
    for case in cases(|expectation| expectation != Expectation::Malformed) {
        let path = relative(&case.path);
        match decide(&case, &pools) {
            Err(why) => writeln!(wrong, "{path}: {why}").expect("a string"),
            Ok(decided) if decided.operations == 0 => {
                writeln!(wrong, "{path}: says nothing about the object").expect("a string");
            }
            Ok(decided) => {
                let is_valid = decided.bad.iter().all(Option::is_none);
                if is_valid != (case.expectation == Expectation::Valid) {
                    writeln!(wrong, "{path}: found {}", if is_valid { "valid" } else { "invalid" })
                        .expect("a string");
                }
                if decided.is_large {
                    println!("{path}: {} operations: the automatic choice only", decided.operations);
                    large += 1;
                } else {
                    *count.entry((case.model.clone(), case.expectation)).or_default() += 1;
                }
                files += 1;
                ways += decided.ways;
                by_oracle += usize::from(decided.by_oracle);
                exact += usize::from(decided.exact);
            }
        }
    }
    println!("{files} histories, decided in {ways} ways; {large} large ones");
    println!("{by_oracle} are judged by the oracle too; {exact} of these need no search");
    for entry in MODELS {
        for expectation in [Expectation::Valid, Expectation::Invalid] {
            let there = count.get(&(entry.word.to_owned(), expectation)).copied().unwrap_or(0);
            if there < HAND_MADE {
                writeln!(wrong, "{}/{}: only {there} histories", entry.word, expectation.folder())
                    .expect("a string");
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn seriatim() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seriatim"));
    command.current_dir(root()).env_remove("CLICOLOR_FORCE").args(["check", "--color", "never"]);
    command
}

#[test]
fn the_functions_tell_the_model() {
    let cases = cases(|expectation| expectation != Expectation::Malformed);
    let mut command = seriatim();
    command.args(["--output-format", "json"]).args(cases.iter().map(|case| relative(&case.path)));
    let output = command.output().expect("the program starts");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let histories = report["histories"].as_array().expect("a list of histories");
    assert_eq!(histories.len(), cases.len(), "one history for each file");
    let (mut wrong, mut met, mut declared) = (String::new(), FxHashSet::default(), 0);
    for (case, history) in cases.iter().zip(histories) {
        let path = relative(&case.path);
        assert_eq!(history["path"], *path, "histories stand in the order of the arguments");
        let model = history["model"].as_str();
        let is_declared = model.is_some() && history["model_inferred"] == false;
        let exception = INFERRED_OTHERWISE
            .iter()
            .find(|(start, _, _)| path.starts_with(&format!("histories/{start}")))
            .filter(|_| !is_declared);
        declared += usize::from(is_declared);
        let expected = match exception {
            Some(&(start, model, _)) => {
                met.insert(start);
                model
            }
            None => Some(&*case.model),
        };
        if model != expected {
            writeln!(wrong, "{path}: taken for {model:?}, expected {expected:?}").expect("a string");
        } else if exception.is_none() && history["verdict"] != *case.expectation.folder() {
            writeln!(wrong, "{path}: {}", history["verdict"]).expect("a string");
        }
    }
    for (start, _, reason) in INFERRED_OTHERWISE {
        if met.contains(start) {
            println!("{start}: inferred otherwise: {reason}");
        } else {
            writeln!(wrong, "{start} is no exception any more").expect("a string");
        }
    }
    println!("{} histories, {declared} of which declare their model", cases.len());
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn malformed_files_are_refused_with_the_words_of_their_snapshots() {
    let bless = std::env::var_os("SERIATIM_BLESS").is_some();
    let (mut wrong, mut count) = (String::new(), 0);
    for case in cases(|expectation| expectation == Expectation::Malformed) {
        let path = relative(&case.path);
        let output = seriatim().args(["--model", &case.model, &path]).output().expect("the program starts");
        count += 1;
        if output.status.code() != Some(2) {
            writeln!(wrong, "{path}: exit code {:?} and not 2", output.status.code()).expect("a string");
        }
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).expect("messages are UTF-8");
        let snapshot = PathBuf::from(format!("{}.stderr", case.path.display()));
        if bless {
            std::fs::write(&snapshot, &said).expect("snapshots can be written");
        } else {
            // Where a checkout turns line breaks into those of its system, that is no difference.
            let known = std::fs::read_to_string(&snapshot).unwrap_or_default().replace("\r\n", "\n");
            if known != said {
                writeln!(wrong, "{path}: the snapshot is another:\n{known}--- was said:\n{said}")
                    .expect("a string");
            }
        }
    }
    println!("{count} malformed files");
    assert!(wrong.is_empty(), "\n{wrong}\nSERIATIM_BLESS=1 writes the snapshots anew; read them");
    assert!(count >= 90, "only {count} malformed files");
}

/// A snapshot whose file has gone would stand there for ever.
#[test]
fn every_snapshot_has_its_file() {
    let mut folders = vec![root().join("histories")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "stderr") {
                assert!(path.with_extension("").is_file(), "{} is left over", relative(&path));
            }
        }
    }
}

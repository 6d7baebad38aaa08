//! How often what is there is told, and what is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::Range;

use seriatim_symptom::catalog::{CATALOG, Row};
use seriatim_symptom::{Symptom, Thresholds, find};

use crate::case::{Case, Role, cases};

/// These are found by others, and tested there.
const ELSEWHERE: [&str; 3] = ["SYM08", "SYM09", "COV01"];

/// What became of the runs of a case.
struct Outcome {
    case: &'static Case,
    runs: usize,
    /// In how many runs a code is told.
    told: BTreeMap<&'static str, usize>,
    /// How many notes there are in all.
    notes: usize,
    /// What was told of which seed, where that was wrong, or what was missing.
    complaints: Vec<String>,
}

/// What became of all runs.
pub(crate) struct Score(Vec<Outcome>);

/// What became of a code.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Count {
    /// In how many runs it was planted.
    pub(crate) planted: usize,
    /// In how many of them it was told.
    pub(crate) found: usize,
    /// How many runs look like it.
    likes: usize,
    /// In how many of them it was told.
    taken_in: usize,
    /// In how many runs it was told, of all others in which it is not.
    elsewhere: usize,
}

impl Count {
    /// How much of what was planted was told.
    pub(crate) fn recall(&self) -> f64 {
        share(self.found, self.planted)
    }

    /// In how many runs it was told and is not.
    pub(crate) fn falsely(&self) -> usize {
        self.taken_in + self.elsewhere
    }

    /// How much of what was told was planted.
    pub(crate) fn precision(&self) -> f64 {
        share(self.found, self.found + self.falsely())
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

impl Score {
    /// Of these seeds of all cases.
    pub(crate) fn of(seeds: Range<u64>) -> Self {
        let all: Vec<_> = cases().collect();
        let (first, second): (Vec<_>, Vec<_>) = (0..all.len()).partition(|at| at % 2 == 0);
        let judged = |part: Vec<usize>| -> Vec<_> {
            part.into_iter().map(|at| (at, judged(all[at], seeds.clone()))).collect()
        };
        let mut outcomes = std::thread::scope(|scope| {
            let first = scope.spawn(|| judged(first));
            let mut outcomes = judged(second);
            outcomes.extend(first.join().expect("every case can be judged"));
            outcomes
        });
        outcomes.sort_by_key(|&(at, _)| at);
        Self(outcomes.into_iter().map(|(_, outcome)| outcome).collect())
    }

    /// What was wrong or missing, a line each.
    pub(crate) fn complaints(&self) -> impl Iterator<Item = &String> {
        self.0.iter().flat_map(|outcome| &outcome.complaints)
    }

    /// The counts of each code.
    pub(crate) fn codes(&self) -> impl Iterator<Item = (&'static str, Count)> {
        rows().map(|row| (row.code, self.count(row.code)))
    }

    fn count(&self, code: &str) -> Count {
        let mut count = Count::default();
        for outcome in &self.0 {
            let told = outcome.told.get(code).copied().unwrap_or(0);
            match outcome.case.role {
                Role::Plant(planted) if planted == code => {
                    count.planted += outcome.runs;
                    count.found += told;
                }
                Role::Like(of, _) if of == code => {
                    count.likes += outcome.runs;
                    count.taken_in += told;
                }
                _ if outcome.case.may_have(code) => {}
                _ => count.elsewhere += told,
            }
        }
        count
    }

    fn clean(&self) -> impl Iterator<Item = &Outcome> {
        self.0.iter().filter(|outcome| outcome.case.role == Role::Clean)
    }

    /// How many runs there are in which nothing is wrong.
    pub(crate) fn clean_runs(&self) -> usize {
        self.clean().map(|outcome| outcome.runs).sum()
    }

    /// How many notes were made of these, over all codes.
    pub(crate) fn clean_notes(&self) -> usize {
        self.clean().map(|outcome| outcome.notes).sum()
    }

    /// The tables of the document.
    pub(crate) fn tables(&self) -> String {
        let mut text = "## Each code\n\n| code | name | planted | found | recall | look-alikes | taken for it | told elsewhere | \
                        precision |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n"
            .to_owned();
        for row in rows() {
            let count = self.count(row.code);
            let Count { planted, found, likes, taken_in, elsewhere } = count;
            let (recall, precision) = (100.0 * count.recall(), 100.0 * count.precision());
            let (code, name) = (row.code, row.name);
            _ = writeln!(
                text,
                "| {code} | {name} | {planted} | {found} | {recall:.1} % | {likes} | {taken_in} | {elsewhere} | {precision:.1} % |"
            );
        }
        _ = writeln!(text, "\nClean runs: {}, with {} notes in all.", self.clean_runs(), self.clean_notes());
        text.push_str("\n## Each case\n\n| code | what happens | runs | told so | told beside it |\n");
        text.push_str("| --- | --- | --- | --- | --- |\n");
        for outcome in &self.0 {
            let (case, runs) = (outcome.case, outcome.runs);
            let (code, of) = match case.role {
                Role::Plant(code) => (code.to_owned(), Some(code)),
                Role::Like(code, None) => (format!("not {code}"), Some(code)),
                Role::Like(code, Some(right)) => (format!("not {code} but {right}"), Some(code)),
                Role::Clean => ("nothing".to_owned(), None),
            };
            let so = of.map_or(0, |code| outcome.told.get(code).copied().unwrap_or(0));
            let beside = outcome.told.iter().filter(|(code, _)| Some(**code) != of);
            let beside: Vec<_> = beside.map(|(code, count)| format!("{code}: {count}")).collect();
            let beside = if beside.is_empty() { "–".to_owned() } else { beside.join(", ") };
            _ = writeln!(text, "| {code} | {} | {runs} | {so} | {beside} |", case.name);
        }
        text
    }
}

fn rows() -> impl Iterator<Item = &'static Row> {
    CATALOG.iter().filter(|row| !ELSEWHERE.contains(&row.code))
}

fn code(symptom: &Symptom) -> &'static str {
    symptom.kind.row().code
}

/// What is told of a case.
fn judged(case: &'static Case, seeds: Range<u64>) -> Outcome {
    let mut outcome = Outcome { case, runs: 0, told: BTreeMap::new(), notes: 0, complaints: Vec::new() };
    for seed in seeds {
        let recorded = case.recorded(seed);
        let symptoms = find(&recorded.observed(), &recorded.joined, &Thresholds::default());
        outcome.runs += 1;
        outcome.notes += symptoms.len();
        let codes: BTreeSet<_> = symptoms.iter().map(code).collect();
        for symptom in symptoms.iter().filter(|symptom| !case.may_have(code(symptom))) {
            outcome.complaints.push(format!("{}: {}", place(case, seed), shown(symptom, &recorded.values)));
        }
        if let Role::Plant(planted) = case.role
            && !codes.contains(planted)
        {
            outcome.complaints.push(format!("{}: missing, told are {codes:?}", place(case, seed)));
        }
        for code in codes {
            *outcome.told.entry(code).or_default() += 1;
        }
    }
    outcome
}

fn place(case: &Case, seed: u64) -> String {
    format!("{:?} \"{}\", seed {seed}", case.role, case.name)
}

fn shown(symptom: &Symptom, values: &seriatim_history::Values) -> String {
    let (from, to) = symptom.window;
    let numbers = symptom.numbers.iter().map(|number| {
        let usual = number.usual.map_or(String::new(), |usual| format!(" (usually {usual:.4})"));
        format!("{} {:.4}{usual}", number.name, number.value)
    });
    let numbers: Vec<_> = numbers.collect();
    let scope = &symptom.scope;
    let of =
        [&scope.nodes, &scope.processes, &scope.functions].map(|ids| values.show_all(ids.iter().copied()));
    format!(
        "falsely {} at {:.2} s to {:.2} s, nodes [{}] clients [{}] functions [{}]: {}",
        code(symptom),
        from as f64 / 1e9,
        to as f64 / 1e9,
        of[0],
        of[1],
        of[2],
        numbers.join(", ")
    )
}

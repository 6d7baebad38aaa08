//! What a history must have exercised for its verdict to be worth something: `--require ok.read@during>=10`.

use seriatim_history::{Coverage, History, Outcomes, Phase, Window, windows};
use seriatim_report::document::Unmet;
use seriatim_report::words::plural;

use crate::suggest::nearest;

/// Something that a history is to have exercised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Requirement {
    what: What,
    least: usize,
    /// As it was given.
    text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    /// Stretches of time in which something was done to the system.
    Faults,
    Operations {
        outcome: Outcome,
        /// None: any.
        function: Option<String>,
        /// None: at any time.
        phase: Option<When>,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Ok,
    Fail,
    Info,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum When {
    Before,
    /// While the faults of any name lasted, those of each by itself.
    During,
    Between,
    After,
    /// While the faults of one name lasted.
    Fault(String),
}

const OUTCOMES: &[(&str, Outcome)] = &[("ok", Outcome::Ok), ("fail", Outcome::Fail), ("info", Outcome::Info)];

const PHASES: &[(&str, When)] =
    &[("before", When::Before), ("during", When::During), ("between", When::Between), ("after", When::After)];

impl Requirement {
    /// Reads what the command line says: `OUTCOME[.FUNCTION][@PHASE]>=N`, or `faults>=N`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let wrong = |at: usize, what: &str| {
            let column = text[..at].chars().count() + 1;
            format!(
                "at character {column}: {what}; expected for example `ok.read>=100`, `ok.read@during>=10` or `faults>=1`"
            )
        };
        let Some(sign) = text.find(">=") else {
            let at = text.find(['<', '>', '=']).unwrap_or(text.len());
            return Err(wrong(at, "`>=` and a number are missing"));
        };
        let (head, number) = (&text[..sign], &text[sign + 2..]);
        let least = match number.parse::<usize>() {
            Ok(0) => return Err(wrong(sign + 2, "0 asks for nothing")),
            Ok(least) if number.bytes().all(|byte| byte.is_ascii_digit()) => least,
            _ => return Err(wrong(sign + 2, &format!("`{number}` is no number"))),
        };
        let (head, phase) = match head.split_once('@') {
            None => (head, None),
            Some((head, "")) => {
                return Err(wrong(head.len() + 1, "the name of a phase or a fault is missing"));
            }
            Some((head, phase)) => {
                let known = PHASES.iter().find(|(word, _)| *word == phase).map(|(_, when)| when.clone());
                (head, Some(known.unwrap_or_else(|| When::Fault(phase.to_owned()))))
            }
        };
        let what = if head == "faults" {
            if phase.is_some() {
                return Err(wrong(head.len(), "`faults` has no phases"));
            }
            What::Faults
        } else {
            let (outcome, function) = match head.split_once('.') {
                None => (head, None),
                Some((outcome, "")) => {
                    return Err(wrong(outcome.len() + 1, "the name of a function is missing"));
                }
                Some((outcome, function)) => (outcome, Some(function.to_owned())),
            };
            let Some(&(_, outcome)) = OUTCOMES.iter().find(|(word, _)| *word == outcome) else {
                return Err(wrong(0, &format!("`{outcome}` is none of `ok`, `fail`, `info` and `faults`")));
            };
            What::Operations { outcome, function, phase }
        };
        Ok(Self { what, least, text: text.to_owned() })
    }
}

impl Outcome {
    fn of(self, outcomes: &Outcomes) -> usize {
        match self {
            Self::Ok => outcomes.ok,
            Self::Fail => outcomes.fail,
            Self::Info => outcomes.info,
        }
    }

    fn word(self) -> &'static str {
        OUTCOMES.iter().find(|(_, outcome)| *outcome == self).map_or("", |(word, _)| word)
    }
}

/// What a history exercised, as far as it was looked at.
#[derive(Debug, Default)]
pub(crate) struct Covered {
    /// The phases, those of faults with their names.
    phases: Vec<(Phase, String)>,
    /// For each function what became of its operations, in all and by phase.
    functions: Vec<(String, Outcomes, Vec<Outcomes>)>,
    faults: usize,
}

impl Covered {
    /// That of a history as a whole.
    pub(crate) fn of(history: &History) -> Self {
        let mut covered = Self::default();
        covered.add(history, &windows(history));
        covered
    }

    /// Adds the operations of a history with these faults.
    fn add(&mut self, history: &History, windows: &[Window]) {
        let values = &history.values;
        let coverage = Coverage::of(history, windows);
        let name = |id| values.as_text(id).map_or_else(|| values.show(id), str::to_owned);
        let phase = |&phase: &Phase| match phase {
            Phase::During(fault) => (phase, name(fault)),
            _ => (phase, String::new()),
        };
        self.faults = windows.len();
        self.phases = coverage.phases.iter().map(phase).collect();
        for (function, outcomes) in coverage.functions {
            let function = name(function);
            let at = self.place(function);
            let known = &mut self.functions[at].2;
            known.resize(outcomes.len(), Outcomes::default());
            for (known, more) in known.iter_mut().zip(&outcomes) {
                known.ok += more.ok;
                known.fail += more.fail;
                known.info += more.info;
            }
        }
        // What was under way in several phases is one operation.
        for operation in &history.operations {
            let function = history.function(operation);
            if let Some((_, total, _)) = self.functions.iter_mut().find(|(known, ..)| known == function) {
                total.count(operation.completion);
            }
        }
    }

    /// Adds some operations of a history that is not held as a whole.
    pub(crate) fn add_some(&mut self, history: &History) {
        self.add(history, &windows(history));
    }

    fn place(&mut self, function: String) -> usize {
        let known = self.functions.iter().position(|(known, ..)| *known == function);
        known.unwrap_or_else(|| {
            self.functions.push((function, Outcomes::default(), Vec::new()));
            self.functions.len() - 1
        })
    }

    /// What is not met.
    pub(crate) fn unmet(&self, requirements: &[Requirement]) -> Vec<Unmet> {
        requirements.iter().filter_map(|requirement| self.lacks(requirement)).collect()
    }

    fn lacks(&self, requirement: &Requirement) -> Option<Unmet> {
        let Requirement { what, least, text } = requirement;
        let why = match what {
            What::Faults => (self.faults < *least).then(|| {
                let faults = plural(*least, "fault", "faults");
                format!("{} of {least} {faults} whose beginning is known", self.faults)
            })?,
            What::Operations { outcome, function, phase } => {
                let few = self.few(*outcome, function.as_deref(), phase.as_ref(), *least);
                if few.is_empty() {
                    return None;
                }
                few.join("; ")
            }
        };
        Some(Unmet { requirement: text.clone(), message: format!("{text} is not met: {why}") })
    }

    /// Where there are fewer than `least` operations.
    fn few(
        &self,
        outcome: Outcome,
        function: Option<&str>,
        phase: Option<&When>,
        least: usize,
    ) -> Vec<String> {
        let of = |fits: &dyn Fn(&Outcomes, &[Outcomes]) -> usize| -> usize {
            let is_meant = |name: &str| function.is_none_or(|function| function == name);
            self.functions.iter().filter(|(name, ..)| is_meant(name)).map(|(_, all, by)| fits(all, by)).sum()
        };
        let mut by = function.map_or(String::new(), |function| format!(" of `{function}`"));
        if let Some(function) = function
            && self.functions.iter().all(|(name, ..)| name != function)
        {
            let names = || self.functions.iter().map(|(name, ..)| name.as_str());
            let known: Vec<_> = names().map(|name| format!("`{name}`")).collect();
            let meant =
                nearest(function, names()).map_or(String::new(), |name| format!("did you mean `{name}`? "));
            by = format!("{by} ({meant}there are {})", known.join(", "));
        }
        let told = |count: usize, when: &str| {
            (count < least).then(|| format!("{count} of {least} `{}`{by}{when}", outcome.word()))
        };
        let Some(phase) = phase else {
            return told(of(&|all, _| outcome.of(all)), "").into_iter().collect();
        };
        let faults = || self.phases.iter().filter(|(phase, _)| matches!(phase, Phase::During(_)));
        let is_meant = |of: &Phase, fault: &str| match phase {
            When::Before => *of == Phase::Before,
            When::Between => *of == Phase::Between,
            When::After => *of == Phase::After,
            When::During => matches!(of, Phase::During(_)),
            When::Fault(name) => is_called(fault, name),
        };
        let when = match phase {
            When::Before => " before the first fault",
            When::Between => " between faults",
            When::After => " after the last fault",
            When::During | When::Fault(_) => "",
        };
        let met: Vec<_> =
            self.phases.iter().enumerate().filter(|(_, (phase, fault))| is_meant(phase, fault)).collect();
        if met.is_empty() {
            let names: Vec<_> = faults().map(|(_, name)| format!("`{name}`")).collect();
            return vec![match phase {
                When::Fault(name) if !names.is_empty() => {
                    let near = nearest(name, faults().map(|(_, name)| name.as_str()));
                    let near = near.map_or(String::new(), |name| format!("did you mean `{name}`? "));
                    format!("there was no fault `{name}`; {near}there are {}", names.join(", "))
                }
                _ => "there was no fault whose beginning is known".to_owned(),
            }];
        }
        let each = met.into_iter().filter_map(|(at, (_, fault))| {
            let count = of(&|_, by| by.get(at).map_or(0, |outcomes| outcome.of(outcomes)));
            let during = if fault.is_empty() { when.to_owned() } else { format!(" during `{fault}`") };
            told(count, &during)
        });
        each.collect()
    }
}

/// Whether somebody who says `name` means a fault: `partition` is begun by `start-partition`.
fn is_called(fault: &str, name: &str) -> bool {
    !fault.is_empty() && (fault == name || fault.strip_prefix("start-") == Some(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(count: usize) -> Outcomes {
        Outcomes { ok: count, fail: count * 10, info: count * 100 }
    }

    /// Two faults; the numbers are those before, during both, between and after.
    fn covered() -> Covered {
        use seriatim_history::ValueId;
        let faults = [Phase::During(ValueId::at(7)), Phase::During(ValueId::at(8))];
        let phases = [Phase::Before, faults[0], faults[1], Phase::Between, Phase::After];
        let names = ["", "start-partition", "kill", "", ""].map(str::to_owned);
        let by = |counts: [usize; 5]| counts.map(of).to_vec();
        Covered {
            phases: phases.into_iter().zip(names).collect(),
            functions: vec![
                ("read".to_owned(), of(20), by([5, 3, 0, 4, 8])),
                ("write".to_owned(), of(9), by([1, 2, 3, 2, 1])),
            ],
            faults: 3,
        }
    }

    #[test]
    fn what_is_lacking_is_told_with_how_much_of_it_there_is_and_where() {
        let told = |text: &str| {
            let requirement = Requirement::parse(text).expect(text);
            let unmet = covered().unmet(&[requirement]);
            unmet.first().map(|unmet| unmet.message.replace(&format!("{text} is not met: "), ""))
        };
        for met in [
            "faults>=3",
            "ok>=29",
            "ok.read>=20",
            "fail.read>=200",
            "info.write>=900",
            "ok.write@during>=2",
            "ok@during>=3",
            "ok.read@partition>=3",
            "ok.read@start-partition>=3",
            "ok.write@kill>=3",
            "ok.read@before>=5",
            "ok@after>=9",
            "ok@between>=6",
        ] {
            assert_eq!(told(met), None, "{met}");
        }
        for (unmet, why) in [
            ("faults>=4", "3 of 4 faults whose beginning is known"),
            ("ok>=30", "29 of 30 `ok`"),
            ("ok.read>=21", "20 of 21 `ok` of `read`"),
            ("fail.write>=91", "90 of 91 `fail` of `write`"),
            ("info.write>=901", "900 of 901 `info` of `write`"),
            ("ok.read@during>=1", "0 of 1 `ok` of `read` during `kill`"),
            (
                "ok.read@during>=4",
                "3 of 4 `ok` of `read` during `start-partition`; 0 of 4 `ok` of `read` during `kill`",
            ),
            ("ok@partition>=6", "5 of 6 `ok` during `start-partition`"),
            ("ok.read@after>=9", "8 of 9 `ok` of `read` after the last fault"),
            ("ok@before>=7", "6 of 7 `ok` before the first fault"),
            ("ok@between>=7", "6 of 7 `ok` between faults"),
            ("ok.raed>=1", "0 of 1 `ok` of `raed` (did you mean `read`? there are `read`, `write`)"),
            ("ok@parition>=1", "there was no fault `parition`; there are `start-partition`, `kill`"),
        ] {
            assert_eq!(told(unmet).as_deref(), Some(why), "{unmet}");
        }
        let quiet = Covered { phases: vec![(Phase::All, String::new())], ..covered() };
        for text in ["ok@during>=1", "ok@after>=1", "ok@kill>=1"] {
            let requirement = Requirement::parse(text).expect(text);
            assert!(
                quiet.lacks(&requirement).is_some_and(|unmet| unmet.message.contains("there was no fault"))
            );
        }
    }

    #[test]
    fn what_is_read_piece_by_piece_adds_up() {
        use seriatim_history::build::Overrides;
        use seriatim_history::format::{self, csv::ColumnMap};
        use seriatim_history::{Format, Source, SourceId};
        const KINDS: [&str; 3] = ["ok", "fail", "info"];
        let fault = |name| format!("{{\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"{name}\"}}\n");
        let event = |process: usize, kind: &str| {
            format!("{{\"process\":{process},\"type\":\"{kind}\",\"f\":\"write\",\"value\":1}}\n")
        };
        let operation = |(process, kind): (usize, &&str)| event(process, "invoke") + &event(process, kind);
        let operations: String = KINDS.iter().enumerate().map(operation).collect();
        let text = fault("start-kill") + &operations + &fault("stop-kill");
        let source = Source { id: SourceId(0), text: &text };
        let history = format::history(Format::Jsonl, &[source], &ColumnMap::default(), Overrides::default())
            .unwrap_or_else(|errors| panic!("{text}: {:?}", errors.first()));
        let mut covered = Covered::default();
        for pieces in 1..3 {
            covered.add_some(&history);
            for outcome in KINDS {
                for what in [outcome.to_owned(), format!("{outcome}.write@kill")] {
                    let lacks = |least: usize| {
                        let requirement = Requirement::parse(&format!("{what}>={least}")).expect("it is one");
                        covered.lacks(&requirement).is_some()
                    };
                    assert!(!lacks(pieces) && lacks(pieces + 1), "{what} after {pieces}");
                }
            }
            let faults = |least| Requirement::parse(&format!("faults>={least}")).expect("it is one");
            assert!(covered.lacks(&faults(1)).is_none() && covered.lacks(&faults(2)).is_some());
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_with_its_place() {
        for (wrong, at, what) in [
            ("", 1, "`>=` and a number"),
            ("ok.read", 8, "`>=` and a number"),
            ("ok.read>100", 8, "`>=` and a number"),
            ("ok.read>=", 10, "`` is no number"),
            ("ok.read>=ten", 10, "`ten` is no number"),
            ("ok.read>=+1", 10, "`+1` is no number"),
            ("ok.read>=0", 10, "0 asks for nothing"),
            ("good.read>=1", 1, "`good` is none of"),
            ("ok.>=1", 4, "the name of a function"),
            ("ök.read@>=1", 9, "the name of a phase"),
            ("faults@during>=1", 7, "`faults` has no phases"),
        ] {
            let told = Requirement::parse(wrong).expect_err(wrong);
            assert!(
                told.starts_with(&format!("at character {at}: ")) && told.contains(what),
                "{wrong}: {told}"
            );
        }
    }
}

//! What may be the case where a part stops being linearizable, as plain data and in words.

use std::fmt::Write as _;

use crate::operation::OperationReport;
use crate::words::{count, plural};

/// What may be the case just before a return that no order reaches.
#[derive(Clone, Debug, PartialEq)]
pub struct FrontierReport {
    /// The operation that returns there.
    pub operation: OperationReport,
    /// Whether other observers of the part are left aside, since the part stops being linearizable at one of them.
    pub is_alone: bool,
    /// What a state must have for it to happen, where the model says so.
    pub needs: Option<String>,
    /// The last steps of one order of what had returned: each operation, and the state after it.
    pub steps: Vec<(OperationReport, String)>,
    /// What may be the case instead; or why that is not determined.
    pub surviving: Result<SurvivingReport, String>,
}

/// All configurations, some of them told.
#[derive(Clone, Debug, PartialEq)]
pub struct SurvivingReport {
    /// How many there are: of each state those that took the fewest open operations.
    pub configurations: usize,
    /// In how many states.
    pub states: usize,
    /// The first states; those come first that took the fewest open operations.
    pub standings: Vec<StandingReport>,
    /// The operation at whose return the orders end that have the operation; none where it can nowhere have taken effect.
    pub furthest: Option<OperationReport>,
}

/// A state in which the operation cannot happen.
#[derive(Clone, Debug, PartialEq)]
pub struct StandingReport {
    /// The state.
    pub state: String,
    /// How many configurations are in it.
    pub configurations: usize,
    /// The open operations that have taken effect in the first of them.
    pub taken: Vec<OperationReport>,
    /// Open operations that have not, in all of them.
    pub left: Vec<LeftReport>,
    /// How many more.
    pub left_more: usize,
}

/// An open operation that may not have taken effect.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftReport {
    /// The operation.
    pub operation: OperationReport,
    /// The states that it leads to, in none of which the other one can happen; none where it is itself impossible.
    pub leads: Vec<String>,
}

/// How many states are told, and of each how many open operations, and how much of a text.
const STATES: usize = 4;
const OPEN: usize = 3;
const TEXT: usize = 60;

/// What is said where other observers do not count.
pub(crate) const ASIDE: &str = ", other observers left aside,";

/// All that may be the case, in sentences: a line for each state where there are several.
pub(crate) fn told(frontier: &FrontierReport) -> String {
    let operation = &frontier.operation;
    let what = format!("{} (line {})", operation.by_whom(), operation.last_line());
    let needs = match &frontier.needs {
        Some(needs) => format!("{what} needs {}", short(needs)),
        None => format!("{what} needs another state"),
    };
    let surviving = match &frontier.surviving {
        Ok(surviving) => surviving,
        Err(why) => return format!("not determined: {why}"),
    };
    let furthest = surviving.furthest.as_ref().map_or(String::new(), |furthest| {
        let (line, did) = (furthest.last_line(), furthest.by_whom());
        format!(". Orders in which it came earlier end before line {line}, where {did} returned")
    });
    let aside = if frontier.is_alone { ASIDE } else { "" };
    match surviving.standings.as_slice() {
        [only] if only.taken.is_empty() && only.left.is_empty() => {
            let state = short(&only.state);
            format!("{needs}; every order of what had returned{aside} leads to {state}{furthest}")
        }
        standings => {
            let mut told = format!(
                "{needs}; the orders of what had returned, and of what was open{aside}, lead to {} {}:",
                count(surviving.configurations),
                plural(surviving.configurations, "configuration", "configurations"),
            );
            for standing in standings.iter().take(STATES) {
                let _ = write!(told, "\n- {}", self::standing(standing));
            }
            let more = surviving.states - standings.len().min(STATES);
            if more > 0 {
                let _ = write!(told, "\n- and {} more {}", count(more), plural(more, "state", "states"));
            }
            if let Some(furthest) = furthest.strip_prefix(". ") {
                let _ = write!(told, "\n{furthest}");
            }
            told
        }
    }
}

fn standing(standing: &StandingReport) -> String {
    let mut told = short(&standing.state);
    if standing.configurations > 1 {
        let _ = write!(told, " in {} configurations, first", count(standing.configurations));
    }
    let named = |of: &OperationReport| format!("{} (line {})", short(&of.shown), of.last_line());
    if !standing.taken.is_empty() {
        let taken = listed(standing.taken.iter().map(named).collect(), 0);
        let _ = write!(told, " after {taken}");
    }
    // What leads nowhere else says nothing of where it could help.
    let left = standing.left.iter().map(|left| {
        let leads: Vec<String> = left.leads.iter().map(|state| short(state)).collect();
        match leads.as_slice() {
            [] => format!("open {} is impossible", named(&left.operation)),
            [only] if left.leads[0] == standing.state => {
                format!("open {} leaves it {only}", named(&left.operation))
            }
            _ => format!("open {} leads to {}", named(&left.operation), listed(leads, 0)),
        }
    });
    let left: Vec<String> = left.collect();
    if !left.is_empty() {
        let _ = write!(told, "; {}", listed(left, standing.left_more));
    }
    told
}

/// The first of several, and how many more there are.
fn listed(mut all: Vec<String>, more: usize) -> String {
    let more = more + all.len().saturating_sub(OPEN);
    all.truncate(OPEN);
    let more = if more > 0 { format!(" and {} more", count(more)) } else { String::new() };
    format!("{}{more}", all.join(", "))
}

/// The beginning and the end of what is too long for a line.
pub(crate) fn short(text: &str) -> String {
    let length = text.chars().count();
    if length <= TEXT {
        return text.to_owned();
    }
    let beginning: String = text.chars().take(TEXT / 2).collect();
    let end: String = text.chars().skip(length - TEXT / 2).collect();
    format!("{beginning} … {end}")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::operation::Outcome;
    use crate::place::Place;
    use crate::shown::Shown;
    use seriatim_history::{LineIndex, SourceId, Span};

    pub(crate) fn operation(shown: &str, line: usize) -> OperationReport {
        let text = "\n".repeat(line);
        let span = Span::new(SourceId(0), line - 1, line - 1);
        let place = Place::new("a.jsonl", &text, &LineIndex::new(text.as_bytes()), span);
        OperationReport {
            outcome: Outcome::Ok,
            times: (None, None),
            raw: (None, None),
            id: 0,
            process: Shown { text: "7".to_owned(), json: 7.into() },
            function: String::new(),
            argument: None,
            value: None,
            node: None,
            shown: shown.to_owned(),
            call: place,
            end: None,
        }
    }

    fn stood(state: &str, taken: &[usize], left: &[(usize, &[&str])]) -> StandingReport {
        let left = left.iter().map(|&(line, leads)| LeftReport {
            operation: operation("write", line),
            leads: leads.iter().map(|&state| state.to_owned()).collect(),
        });
        StandingReport {
            state: state.to_owned(),
            configurations: 1,
            taken: taken.iter().map(|&line| operation("write", line)).collect(),
            left: left.collect(),
            left_more: 0,
        }
    }

    fn report(standings: Vec<StandingReport>, furthest: Option<usize>) -> FrontierReport {
        let configurations = standings.iter().map(|of| of.configurations).sum();
        FrontierReport {
            operation: operation("read 1", 9),
            is_alone: false,
            steps: Vec::new(),
            needs: Some("1".to_owned()),
            surviving: Ok(SurvivingReport {
                configurations,
                states: standings.len(),
                standings,
                furthest: furthest.map(|line| operation("read 2", line)),
            }),
        }
    }

    #[test]
    fn one_state_is_told_in_one_sentence() {
        let one = |furthest| told(&report(vec![stood("2", &[], &[])], furthest));
        let expected = "read 1 by process 7 (line 9) needs 1; every order of what had returned leads to 2";
        assert_eq!(one(None), expected);
        let earlier =
            ". Orders in which it came earlier end before line 4, where read 2 by process 7 returned";
        assert_eq!(one(Some(4)), format!("{expected}{earlier}"));
    }

    #[test]
    fn several_states_have_a_line_each_and_the_rest_is_counted() {
        let mut many = vec![stood("2", &[], &[(3, &["3"]), (4, &[]), (5, &["2"])]), stood("3", &[3], &[])];
        many[1].configurations = 2;
        let lines = told(&report(many.clone(), None));
        assert_eq!(
            lines,
            "read 1 by process 7 (line 9) needs 1; the orders of what had returned, and of what was open, lead to 3 \
             configurations:\n\
             - 2; open write (line 3) leads to 3, open write (line 4) is impossible, open write (line 5) leaves it 2\n\
             - 3 in 2 configurations, first after write (line 3)"
        );
        many.extend((4..9).map(|state| stood(&state.to_string(), &[4], &[])));
        let lines = told(&report(many.clone(), Some(4)));
        assert!(lines.contains("- 5 after write (line 4)\n- and 3 more states\nOrders in which"), "{lines}");
        many.truncate(1);
        many[0].left_more = 2;
        let lines = told(&report(many, None));
        assert!(lines.ends_with("lead to 1 configuration:\n- 2; open write (line 3) leads to 3, open write (line 4) is impossible, open write (line 5) leaves it 2 and 2 more"), "{lines}");
    }

    #[test]
    fn what_is_not_determined_says_why() {
        let alone = FrontierReport { is_alone: true, ..report(vec![stood("2", &[], &[])], None) };
        assert!(
            told(&alone).contains("had returned, other observers left aside, leads to 2"),
            "{}",
            told(&alone)
        );
        let unknown = FrontierReport { surviving: Err("it is large".to_owned()), ..report(Vec::new(), None) };
        assert_eq!(told(&unknown), "not determined: it is large");
    }
}

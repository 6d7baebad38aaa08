//! Where operations could stand in the order that leads to where a part stops being linearizable, as plain data and in words.
//!
//! The steps that are told are numbered from 1. A gap between two of them is told by the steps that it comes after and
//! before; gaps next to each other of which the same is to be said are told as one.

use crate::frontier::short;
use crate::operation::OperationReport;

/// Where the operations of a finding could stand.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacementsReport {
    /// How many steps of the order come before those that are told. No operation is tried among them.
    pub earlier: usize,
    /// The operations that are of the part, in the order of their calls.
    pub operations: Vec<PlacementReport<OperationReport>>,
    /// How many more there are that were not tried.
    pub more: usize,
}

/// Where an operation could stand.
#[derive(Clone, Debug, PartialEq)]
pub struct PlacementReport<Of> {
    /// The operation.
    pub operation: Of,
    /// Where it stands.
    pub stands: Stands,
    /// All gaps, from the first to the last.
    pub spans: Vec<SpanReport<Of>>,
}

/// Where an operation stands in an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// It is the step with this number.
    At(usize),
    /// Before the steps that are told.
    Before,
    /// The order ends with it, since it is impossible there.
    End,
    /// Nowhere: it had not returned by then.
    Nowhere,
}

/// Gaps next to each other of which the same is to be said.
#[derive(Clone, Debug, PartialEq)]
pub struct SpanReport<Of> {
    /// The number of the step that they come after; none where they come before all that are told.
    pub after: Option<usize>,
    /// The number of the step that they come before; none where they come after all.
    pub before: Option<usize>,
    /// Why the operation cannot stand there; none where it can.
    pub bar: Option<Bar<Of>>,
}

/// Why an operation cannot stand somewhere.
#[derive(Clone, Debug, PartialEq)]
pub enum Bar<Of> {
    /// Another one, which would come later, had returned before it was called.
    Early(Of, Stands),
    /// Another one, which would come before, was called after it had returned.
    Late(Of, Stands),
    /// It cannot happen there.
    Impossible {
        /// What a state must have for it to happen.
        needs: Option<String>,
        /// The states that are there.
        states: Listed<String>,
    },
    /// It can happen, but then a later step cannot.
    Breaks(Listed<BrokenReport<Of>>),
    /// The one in some of the gaps, and the other in the others.
    Mixed {
        /// What a state must have for it to happen.
        needs: Option<String>,
        /// The states in which it cannot.
        states: Listed<String>,
        /// The steps that cannot where it can.
        steps: Listed<BrokenReport<Of>>,
    },
    /// That was not found out, since it takes too many steps.
    NotTried,
}

/// A step that cannot happen any more.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokenReport<Of> {
    /// Its operation.
    pub operation: Of,
    /// Where it stands.
    pub stands: Stands,
    /// What a state must have for it to happen.
    pub needs: Option<String>,
    /// The state that is there.
    pub state: String,
}

/// The first of several, each once, and how many more there are.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed<T> {
    /// The first.
    pub first: Vec<T>,
    /// How many more.
    pub more: usize,
}

/// So many are told one by one.
const FIRST: usize = 3;

impl<T: PartialEq> Listed<T> {
    /// The first of these, each once. What comes again later than that is counted anew.
    pub fn new(all: impl IntoIterator<Item = T>) -> Self {
        let mut listed = Self { first: Vec::new(), more: 0 };
        all.into_iter().for_each(|one| listed.add(one));
        listed
    }

    /// These and others.
    pub fn and(mut self, other: Self) -> Self {
        other.first.into_iter().for_each(|one| self.add(one));
        self.more += other.more;
        self
    }

    fn add(&mut self, one: T) {
        if self.first.contains(&one) {
        } else if self.first.len() < FIRST {
            self.first.push(one);
        } else {
            self.more += 1;
        }
    }
}

impl<Of: PartialEq> Bar<Of> {
    /// What to say of the gaps of both, if it is the same.
    ///
    /// # Errors
    /// It is not; both are given back.
    #[expect(clippy::result_large_err, reason = "both are given back to whoever cannot put them together")]
    pub fn joined(self, other: Self) -> Result<Self, (Self, Self)> {
        match (self, other) {
            (one, other) if one == other => Ok(one),
            (Self::Impossible { needs, states }, Self::Impossible { states: more, .. }) => {
                Ok(Self::Impossible { needs, states: states.and(more) })
            }
            (Self::Breaks(steps), Self::Breaks(more)) => Ok(Self::Breaks(steps.and(more))),
            different => Err(different),
        }
    }

    /// What to say of the gaps of both, if the model bars all of them.
    ///
    /// # Errors
    /// It does not; both are given back.
    #[expect(clippy::result_large_err, reason = "both are given back to whoever cannot put them together")]
    pub fn mixed(self, other: Self) -> Result<Self, (Self, Self)> {
        let is_of_model =
            |bar: &Self| matches!(bar, Self::Impossible { .. } | Self::Breaks(_) | Self::Mixed { .. });
        if !is_of_model(&self) || !is_of_model(&other) {
            return Err((self, other));
        }
        let ((needs, states, steps), (other, more, others)) = (self.of_model(), other.of_model());
        Ok(Self::Mixed { needs: needs.or(other), states: states.and(more), steps: steps.and(others) })
    }

    fn of_model(self) -> (Option<String>, Listed<String>, Listed<BrokenReport<Of>>) {
        match self {
            Self::Impossible { needs, states } => (needs, states, Listed::new([])),
            Self::Breaks(steps) => (None, Listed::new([]), steps),
            Self::Mixed { needs, states, steps } => (needs, states, steps),
            Self::Early(..) | Self::Late(..) | Self::NotTried => (None, Listed::new([]), Listed::new([])),
        }
    }
}

impl<Of> PlacementReport<Of> {
    /// The same with other words for operations.
    pub fn map<To>(self, of: &impl Fn(Of) -> To) -> PlacementReport<To> {
        let Self { operation, stands, spans } = self;
        let spans = spans.into_iter().map(|SpanReport { after, before, bar }| SpanReport {
            after,
            before,
            bar: bar.map(|bar| bar.map(of)),
        });
        PlacementReport { spans: spans.collect(), operation: of(operation), stands }
    }
}

impl<Of> Bar<Of> {
    fn map<To>(self, of: &impl Fn(Of) -> To) -> Bar<To> {
        match self {
            Self::Early(other, stands) => Bar::Early(of(other), stands),
            Self::Late(other, stands) => Bar::Late(of(other), stands),
            Self::Impossible { needs, states } => Bar::Impossible { needs, states },
            Self::Breaks(steps) => Bar::Breaks(steps.map(of)),
            Self::Mixed { needs, states, steps } => Bar::Mixed { needs, states, steps: steps.map(of) },
            Self::NotTried => Bar::NotTried,
        }
    }

    /// A word for programs.
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Early(..) => "too early",
            Self::Late(..) => "too late",
            Self::Impossible { .. } => "impossible",
            Self::Breaks(_) => "breaks a step",
            Self::Mixed { .. } => "impossible or breaks a step",
            Self::NotTried => "not tried",
        }
    }
}

impl<Of> Listed<BrokenReport<Of>> {
    fn map<To>(self, of: &impl Fn(Of) -> To) -> Listed<BrokenReport<To>> {
        let step = |BrokenReport { operation, stands, needs, state }| BrokenReport {
            operation: of(operation),
            stands,
            needs,
            state,
        };
        Listed { first: self.first.into_iter().map(step).collect(), more: self.more }
    }
}

impl Bar<OperationReport> {
    /// The other operation that it speaks of, the first of several, and where that stands.
    pub(crate) fn other(&self) -> Option<(&OperationReport, Stands)> {
        match self {
            Self::Early(of, stands) | Self::Late(of, stands) => Some((of, *stands)),
            Self::Breaks(steps) | Self::Mixed { steps, .. } => {
                steps.first.first().map(|step| (&step.operation, step.stands))
            }
            Self::Impossible { .. } | Self::NotTried => None,
        }
    }

    fn told(&self) -> String {
        match self {
            Self::Early(of, stands) => {
                format!("too early: it was called only after {}{} had returned", named(of), which(*stands))
            }
            Self::Late(of, stands) => {
                format!("too late: it had returned before {}{} was called", named(of), which(*stands))
            }
            Self::Impossible { needs, states } => impossible(needs.as_deref(), states),
            Self::Breaks(steps) => format!("but then {}", broken(steps)),
            Self::Mixed { needs, states, steps } => {
                format!(
                    "{}; or, where it can happen, then {}",
                    impossible(needs.as_deref(), states),
                    broken(steps)
                )
            }
            Self::NotTried => "not found out: it takes too many steps".to_owned(),
        }
    }
}

impl SpanReport<OperationReport> {
    /// What is to be said of an operation that stands there.
    pub(crate) fn told(&self, stands: Stands) -> String {
        let place = match (self.after, self.before) {
            (None, None) => "anywhere".to_owned(),
            (None, Some(before)) => format!("before {before}"),
            (Some(after), None) => format!("after {after}"),
            (Some(after), Some(before)) => format!("between {after} and {before}"),
        };
        let Some(bar) = &self.bar else {
            let is_in = matches!(stands, Stands::At(at)
                if self.after.is_none_or(|after| after < at) && self.before.is_none_or(|before| at < before));
            return format!("{place}: allowed{}", if is_in { ", where it stands" } else { "" });
        };
        format!("{place}: {}", bar.told())
    }
}

fn named(of: &OperationReport) -> String {
    format!("{} (line {})", short(&of.by_whom()), of.last_line())
}

/// Where another operation stands, as an apposition.
fn which(stands: Stands) -> String {
    match stands {
        Stands::At(number) => format!(", step {number},"),
        Stands::Before => ", which stands before 1,".to_owned(),
        Stands::End => ", with which this order ends,".to_owned(),
        Stands::Nowhere => String::new(),
    }
}

fn impossible(needs: Option<&str>, states: &Listed<String>) -> String {
    let states = either(&states.first, states.more);
    match needs {
        Some(needs) => format!("it needs {}, and finds {states}", short(needs)),
        None => format!("it cannot happen where the state is {states}"),
    }
}

fn broken(steps: &Listed<BrokenReport<OperationReport>>) -> String {
    let step = |step: &BrokenReport<OperationReport>| {
        let needs = step.needs.as_ref();
        let needs = needs.map_or(String::new(), |needs| format!("needs {} and ", short(needs)));
        format!("{}{} {needs}would find {}", named(&step.operation), which(step.stands), short(&step.state))
    };
    let all: Vec<String> = steps.first.iter().map(step).collect();
    format!("{}{}", all.join("; or "), if steps.more > 0 { ", and so on" } else { "" })
}

fn either(states: &[String], more: usize) -> String {
    let mut all: Vec<String> = states.iter().map(|state| short(state)).collect();
    if more > 0 {
        all.push("others".to_owned());
    }
    all.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frontier::tests::operation;

    fn span(after: Option<usize>, before: Option<usize>, bar: Option<Bar<OperationReport>>) -> String {
        SpanReport { after, before, bar }.told(Stands::At(2))
    }

    #[test]
    fn each_bar_is_a_sentence() {
        let other = || operation("write 17", 4);
        let early = Bar::Early(other(), Stands::At(2));
        let told = span(None, Some(3), Some(early));
        assert_eq!(
            told,
            "before 3: too early: it was called only after write 17 by process 7 (line 4), step 2, had returned"
        );
        let late = Bar::Late(other(), Stands::Before);
        let told = span(None, None, Some(late));
        assert_eq!(
            told,
            "anywhere: too late: it had returned before write 17 by process 7 (line 4), which stands before 1, was called"
        );
        let impossible = |needs: Option<&str>, states: &[&str]| Bar::Impossible {
            needs: needs.map(str::to_owned),
            states: Listed::new(states.iter().map(|&state| state.to_owned())),
        };
        let told = span(Some(3), None, Some(impossible(Some("17"), &["18", "19", "18"])));
        assert_eq!(told, "after 3: it needs 17, and finds 18 or 19");
        let told = span(Some(3), None, Some(impossible(None, &["1", "2", "3", "4"])));
        assert_eq!(told, "after 3: it cannot happen where the state is 1 or 2 or 3 or others");
        let step = |needs: Option<&str>| BrokenReport {
            operation: other(),
            stands: Stands::At(5),
            needs: needs.map(str::to_owned),
            state: "16".to_owned(),
        };
        let told = span(Some(3), Some(4), Some(Bar::Breaks(Listed::new([step(Some("17")), step(None)]))));
        assert_eq!(
            told,
            "between 3 and 4: but then write 17 by process 7 (line 4), step 5, needs 17 and would find 16; or \
             write 17 by process 7 (line 4), step 5, would find 16"
        );
        let both = impossible(Some("free"), &["held"]).mixed(Bar::Breaks(Listed::new([step(None)])));
        let told = span(None, None, Some(both.expect("both are of the model")));
        assert_eq!(
            told,
            "anywhere: it needs free, and finds held; or, where it can happen, then write 17 by process 7 (line 4), step 5, \
             would find 16"
        );
    }

    #[test]
    fn where_it_stands_is_said() {
        assert_eq!(span(Some(1), Some(3), None), "between 1 and 3: allowed, where it stands");
        assert_eq!(span(Some(3), Some(4), None), "between 3 and 4: allowed");
        assert_eq!(span(None, Some(2), None), "before 2: allowed");
    }

    #[test]
    fn what_is_the_same_is_told_once() {
        let early = |line| Bar::Early(line, Stands::Before);
        assert_eq!(early(1).joined(early(1)), Ok(early(1)));
        assert_eq!(early(1).joined(early(2)), Err((early(1), early(2))));
        let of = |states: &[&str]| -> Bar<u8> {
            let states = Listed::new(states.iter().map(|&state| state.to_owned()));
            Bar::Impossible { needs: None, states }
        };
        assert_eq!(of(&["1"]).joined(of(&["2", "1"])), Ok(of(&["1", "2"])));
        let Ok(Bar::Impossible { states, .. }) = of(&["1", "2", "3"]).joined(of(&["4", "3"])) else {
            panic!("both are impossible")
        };
        assert_eq!((states.first.len(), states.more), (3, 1));
    }
}

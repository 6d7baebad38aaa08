//! What there is to learn of each symptom: the table behind `seriatim explain SYMnn` and docs/failure-modes.md.

mod availability;
mod clients;
mod clocks;
mod coverage;
mod data;
mod nodes;
mod overload;

use crate::kind::SymptomKind;

/// What there is to learn of a kind of symptom.
#[derive(Clone, Copy, Debug)]
pub struct Lesson {
    /// The kind.
    pub kind: SymptomKind,
    /// What it is, in one or two sentences.
    pub definition: &'static str,
    /// What sets it off.
    pub trigger: &'static str,
    /// What keeps it going when the trigger is gone; that nothing does, where nothing does.
    pub sustaining: &'static str,
    /// What it leaves in a client's history.
    pub trace: &'static str,
    /// The rule, in words; what it goes by stands in braces, as `{sym01.gap}`.
    pub rule: &'static str,
    /// A picture in text: a line for each node or client, time from left to right; at most 76 columns.
    pub picture: &'static str,
    /// What looks like it, and how to tell it apart; the code of another symptom where it is one.
    pub look_alikes: &'static [(&'static str, &'static str)],
    /// What to look at.
    pub look_at: &'static str,
    /// The standard defences, each by itself.
    pub defences: &'static [&'static str],
    /// Where name and rule are from, each with its section.
    pub sources: &'static [&'static str],
}

/// What there is to learn of each kind, in the order of the kinds.
pub static LESSONS: &[Lesson] = &[
    availability::AVAILABILITY_GAP,
    availability::SLOW_RECOVERY,
    overload::METASTABLE_FAILURE,
    availability::BROWN_OUT,
    nodes::GRAY_FAILURE,
    nodes::FAIL_SLOW_NODE,
    nodes::PARTIAL_PARTITION,
    nodes::SPLIT_BRAIN,
    nodes::STUCK_REPLICA,
    data::SILENT_WRONG_DATA,
    overload::RETRY_AMPLIFICATION,
    data::DUPLICATE_EFFECT,
    overload::THUNDERING_HERD,
    overload::CASCADING_FAILURE,
    clocks::RECORDER_CLOCK_FAULT,
    clocks::SERVER_CLOCK_SKEW,
    data::DURABILITY_LOSS,
    data::RESURRECTION,
    clocks::PROCESS_PAUSE,
    clients::TIMEOUT_CLIFF,
    availability::PARTIAL_SERVICE,
    coverage::NOT_COVERED,
];

/// Kinds that are about one thing.
#[derive(Clone, Copy, Debug)]
pub struct Theme {
    /// What they are about.
    pub title: &'static str,
    /// The question that they answer.
    pub question: &'static str,
    /// The kinds.
    pub kinds: &'static [SymptomKind],
}

/// All kinds by what they are about, each once.
pub static THEMES: &[Theme] = &[
    Theme {
        title: "Availability",
        question: "Was anything done, all of it, and soon again?",
        kinds: &[
            SymptomKind::AvailabilityGap,
            SymptomKind::SlowRecovery,
            SymptomKind::BrownOut,
            SymptomKind::PartialService,
        ],
    },
    Theme {
        title: "Overload",
        question: "Did load make more load, and go on when its reason was gone?",
        kinds: &[
            SymptomKind::MetastableFailure,
            SymptomKind::RetryAmplification,
            SymptomKind::ThunderingHerd,
            SymptomKind::CascadingFailure,
        ],
    },
    Theme {
        title: "Nodes and links",
        question: "Was a node neither well nor dead, or did nodes not agree on who is there?",
        kinds: &[
            SymptomKind::GrayFailure,
            SymptomKind::FailSlowNode,
            SymptomKind::PartialPartition,
            SymptomKind::SplitBrain,
            SymptomKind::StuckReplica,
        ],
    },
    Theme {
        title: "Data",
        question: "Was what was answered right, and did it stay?",
        kinds: &[
            SymptomKind::SilentWrongData,
            SymptomKind::DuplicateEffect,
            SymptomKind::DurabilityLoss,
            SymptomKind::Resurrection,
        ],
    },
    Theme {
        title: "Clocks and pauses",
        question: "Did somebody go by a time that was not so?",
        kinds: &[SymptomKind::RecorderClockFault, SymptomKind::ServerClockSkew, SymptomKind::ProcessPause],
    },
    Theme {
        title: "Clients",
        question: "Was it the system that was measured?",
        kinds: &[SymptomKind::TimeoutCliff],
    },
    Theme {
        title: "Coverage",
        question: "Was anything asked while it mattered?",
        kinds: &[SymptomKind::NotCovered],
    },
];

impl SymptomKind {
    /// What there is to learn of it.
    pub fn lesson(self) -> &'static Lesson {
        LESSONS.iter().find(|lesson| lesson.kind == self).expect("every kind has a lesson")
    }
}

impl Lesson {
    /// What it is, in one sentence: the first of its definition.
    pub fn gist(&self) -> &'static str {
        let end = self.definition.find(". ").map_or(self.definition.len(), |dot| dot + 1);
        &self.definition[..end]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{CATALOG, settings, with_code};

    /// All that a lesson says in sentences.
    fn texts(lesson: &Lesson) -> impl Iterator<Item = &'static str> {
        let Lesson { definition, trigger, sustaining, trace, rule, look_at, .. } = *lesson;
        [definition, trigger, sustaining, trace, rule, look_at]
            .into_iter()
            .chain(lesson.defences.iter().copied())
            .chain(lesson.look_alikes.iter().map(|&(_, apart)| apart))
    }

    #[test]
    fn every_kind_has_one_lesson_and_one_theme() {
        let kinds: Vec<_> = LESSONS.iter().map(|lesson| lesson.kind).collect();
        assert_eq!(kinds, SymptomKind::ALL);
        let mut themed: Vec<_> = THEMES.iter().flat_map(|theme| theme.kinds).copied().collect();
        themed.sort_unstable();
        assert_eq!(themed, SymptomKind::ALL);
        for row in CATALOG {
            assert_eq!(row.kind.lesson().kind, row.kind);
        }
    }

    #[test]
    fn every_lesson_is_whole() {
        for lesson in LESSONS {
            let kind = lesson.kind;
            for text in texts(lesson) {
                assert!(text.ends_with('.') && !text.contains("  "), "{kind:?}: {text}");
                let first = text.chars().next().expect("a text has a first letter");
                assert!(!first.is_lowercase() || text.starts_with("fsync"), "{kind:?}: {text}");
            }
            let (alike, defences, sources) =
                (lesson.look_alikes.len(), lesson.defences.len(), lesson.sources.len());
            assert!(alike >= 3 && defences >= 5 && sources >= 3, "{kind:?}: {alike} {defences} {sources}");
            assert!(lesson.look_alikes.iter().all(|(what, _)| !what.is_empty() && !what.ends_with('.')));
            assert!(lesson.sources.iter().all(|source| !source.is_empty() && !source.ends_with('.')));
            assert!((30..=160).contains(&lesson.gist().chars().count()), "{kind:?}: {}", lesson.gist());
        }
    }

    #[test]
    fn rules_name_all_that_they_go_by_and_no_more() {
        for row in CATALOG {
            let rule = row.kind.lesson().rule;
            for setting in row.settings {
                assert!(rule.contains(&format!("{{{}}}", setting.name)), "{}: {}", row.code, setting.name);
            }
            for name in rule.split('{').skip(1) {
                let (name, _) = name.split_once('}').expect("it is closed");
                assert!(settings().any(|setting| setting.name == name), "{}: {name}", row.code);
            }
        }
    }

    #[test]
    fn pictures_fit() {
        for lesson in LESSONS {
            let lines: Vec<_> = lesson.picture.lines().collect();
            assert!((2..=10).contains(&lines.len()), "{:?} has {} lines", lesson.kind, lines.len());
            for line in lines {
                assert!(line.chars().count() <= 76 && line == line.trim_end(), "{:?}: {line}", lesson.kind);
            }
        }
    }

    #[test]
    fn look_alikes_are_other_kinds_that_exist() {
        for lesson in LESSONS {
            let mut said = Vec::new();
            for (what, _) in lesson.look_alikes {
                assert!(!said.contains(what), "{:?} says {what} twice", lesson.kind);
                said.push(what);
                if what.starts_with("SYM") || what.starts_with("COV") {
                    let row = with_code(what).unwrap_or_else(|| panic!("{:?}: {what}", lesson.kind));
                    assert_ne!(row.kind, lesson.kind, "a kind looks like itself");
                }
            }
            assert!(said.iter().any(|what| with_code(what).is_some()), "{:?} stands alone", lesson.kind);
        }
    }
}

//! What a history keeps to that is not linearizable.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Text;
use super::finding::milliseconds;
use crate::finding::{GuaranteeAnswer, KeptReport};

/// What a history keeps to that is not linearizable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Kept<'a> {
    /// The guarantees that hold and that no other one that holds implies.
    pub strongest: Vec<Text<'a>>,
    /// Each guarantee for all of the history, from the strongest to the weakest.
    pub whole: Vec<Guarantee<'a>>,
    /// Of how many refuted parts each guarantee holds.
    pub violated_parts: Vec<OfParts<'a>>,
    /// By how much the clocks would have to differ for that many parts to be linearizable.
    pub delta_ms: Option<f64>,
    /// For how many parts that is known.
    pub delta_parts: usize,
    /// The most versions that an answer is behind.
    pub versions_behind: u32,
}

/// Whether a guarantee holds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Guarantee<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// Whether it holds; none where that is not determined.
    pub holds: Option<bool>,
    /// The lines of the operations that break it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<usize>>,
    /// Why it is not determined.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_determined: Option<Text<'a>>,
}

/// In how many refuted parts a guarantee holds, is broken, and is not determined.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OfParts<'a> {
    /// Its name.
    pub name: Text<'a>,
    /// In how many it holds.
    pub holds: usize,
    /// In how many it is broken.
    pub broken: usize,
    /// In how many that is not determined.
    pub not_determined: usize,
}

impl<'a> Kept<'a> {
    pub(super) fn new(kept: &'a KeptReport) -> Self {
        let whole = kept.whole.iter().map(|of| {
            let (holds, lines, not_determined) = match &of.answer {
                GuaranteeAnswer::Holds => (Some(true), None, None),
                GuaranteeAnswer::Broken(lines) => (Some(false), Some(lines.clone()), None),
                GuaranteeAnswer::NotDetermined(why) => (None, None, Some((*why).into())),
            };
            Guarantee { name: of.name.into(), holds, lines, not_determined }
        });
        let parts = kept.parts.iter().map(|&(name, [holds, broken, not_determined])| OfParts {
            name: name.into(),
            holds,
            broken,
            not_determined,
        });
        let strongest = kept.whole.iter().filter(|of| of.is_strongest);
        Self {
            strongest: strongest.map(|of| of.name.into()).collect(),
            whole: whole.collect(),
            violated_parts: parts.collect(),
            delta_ms: kept.delta.map(|(delta, _)| milliseconds(delta)),
            delta_parts: kept.delta.map_or(0, |(_, of)| of),
            versions_behind: kept.versions,
        }
    }
}

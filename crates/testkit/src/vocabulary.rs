//! The values that the clients of a simulation write: few, so that they collide, or each once.

use crate::rng::Rng;
use crate::script::Datum;

/// The values of one simulation.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    few: Option<i64>,
    next: i64,
}

/// Values from here on are never written.
pub const NEVER_WRITTEN: i64 = 1_000_000_000;

impl Vocabulary {
    /// `values` different ones, or, where that is 0, a new one every time.
    pub fn new(values: usize) -> Self {
        let few = (values > 0).then_some(values.try_into().unwrap_or(i64::MAX));
        Self { few, next: 1 }
    }

    /// Whether a value may be written more than once.
    pub fn repeats(&self) -> bool {
        self.few.is_some()
    }

    /// A value to write.
    pub fn fresh(&mut self, rng: &mut Rng) -> i64 {
        match self.few {
            Some(few) => 1 + rng.below(few as usize) as i64,
            None => {
                self.next += 1;
                self.next - 1
            }
        }
    }

    /// A value that was written, that will perhaps be written, or that nobody ever writes.
    pub fn any(&self, rng: &mut Rng) -> i64 {
        if rng.chance(0.1) {
            return NEVER_WRITTEN + rng.below(2) as i64;
        }
        match self.few {
            Some(few) => 1 + rng.below(few as usize) as i64,
            // The last two were not written yet.
            None => 1 + rng.below(self.next as usize + 1) as i64,
        }
    }

    /// As [`Vocabulary::any`], or nil.
    pub fn any_or_nil(&self, rng: &mut Rng) -> Datum {
        if rng.chance(0.2) { Datum::Nil } else { Datum::Int(self.any(rng)) }
    }
}

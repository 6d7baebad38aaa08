//! What is planted, and what only looks like it.

use seriatim_testkit::Rng;

use crate::recorded::{Recorded, record};
use crate::world::World;

/// What a case is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// The symptom of this code is there.
    Plant(&'static str),
    /// It is not, though it looks so; what is there instead, if that has a code.
    Like(&'static str, Option<&'static str>),
    /// Nothing is there.
    Clean,
}

/// A kind of run.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    /// What it is there for.
    pub(crate) role: Role,
    /// What happens in it, in few words.
    pub(crate) name: &'static str,
    /// What else is there by definition, since one follows from the other; it need not be told.
    pub(crate) also: &'static [&'static str],
    /// Makes one.
    pub(crate) make: fn(&mut Rng) -> Recorded,
}

/// A case in which a symptom is there.
pub(crate) const fn plant(
    code: &'static str,
    name: &'static str,
    also: &'static [&'static str],
    make: fn(&mut Rng) -> Recorded,
) -> Case {
    Case { role: Role::Plant(code), name, also, make }
}

/// A case in which it is not.
pub(crate) const fn like(
    code: &'static str,
    name: &'static str,
    right: Option<&'static str>,
    also: &'static [&'static str],
    make: fn(&mut Rng) -> Recorded,
) -> Case {
    Case { role: Role::Like(code, right), name, also, make }
}

/// A case in which nothing is.
pub(crate) const fn clean(name: &'static str, make: fn(&mut Rng) -> Recorded) -> Case {
    Case { role: Role::Clean, name, also: &[], make }
}

impl Case {
    /// Whether a code may be told of it.
    pub(crate) fn may_have(&self, code: &str) -> bool {
        let is_there = match self.role {
            Role::Plant(planted) => planted == code,
            Role::Like(_, right) => right == Some(code),
            Role::Clean => false,
        };
        is_there || self.also.contains(&code)
    }

    /// The recording of a seed.
    pub(crate) fn recorded(&self, seed: u64) -> Recorded {
        (self.make)(&mut Rng::new(seed))
    }
}

/// Records a world.
pub(crate) fn of(world: World, rng: &mut Rng) -> Recorded {
    record(&world, rng.bits())
}

/// All cases.
pub(crate) fn cases() -> impl Iterator<Item = &'static Case> {
    let all: [&'static [Case]; 6] = [
        crate::gaps::CASES,
        crate::nodes::CASES,
        crate::load::CASES,
        crate::kinds::CASES,
        crate::proved::CASES,
        crate::clean::CASES,
    ];
    all.into_iter().flatten()
}

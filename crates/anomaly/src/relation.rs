//! Why one operation comes before another: the labels of a graph of operations (Adya 1999; elle, Kingsbury & Alvaro
//! 2020), and sets of them.

/// Why one operation comes before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// It had returned when the other was called.
    RealTime,
    /// The same session did it earlier.
    Process,
    /// The other saw what it put in.
    WriteRead,
    /// It put in what was there before what the other put in.
    WriteWrite,
    /// It saw what was there before what the other put in.
    ReadWrite,
}

impl Relation {
    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Some relations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Relations(u8);

impl Relations {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self(0b1_1111);

    /// These and one more.
    #[must_use]
    pub fn with(self, relation: Relation) -> Self {
        Self(self.0 | relation.bit())
    }

    /// These but one.
    #[must_use]
    pub fn without(self, relation: Relation) -> Self {
        Self(self.0 & !relation.bit())
    }

    /// Whether it is one of them.
    pub fn contains(self, relation: Relation) -> bool {
        self.0 & relation.bit() != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_relations() {
        let all = [
            Relation::RealTime,
            Relation::Process,
            Relation::WriteRead,
            Relation::WriteWrite,
            Relation::ReadWrite,
        ];
        for one in all {
            assert!(Relations::ALL.contains(one) && !Relations::NONE.contains(one), "{one:?}");
            let rest = Relations::ALL.without(one);
            assert!(all.iter().all(|&other| rest.contains(other) == (other != one)), "{one:?}");
            assert_eq!(rest.with(one), Relations::ALL, "{one:?}");
        }
    }
}

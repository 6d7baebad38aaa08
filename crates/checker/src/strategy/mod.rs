//! Which algorithm decides a part.

/// The algorithm that decides a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strategy {
    /// Blocks of a register's values (Gibbons & Korach 1997): distinct writes, with chains of compare-and-set.
    Blocks,
    /// Levels of a set that only grows and is read whole.
    Levels,
    /// Identifiers that must differ.
    Distinct,
    /// The window search: any model.
    Search,
}

impl Strategy {
    /// The strategy's name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Levels => "levels",
            Self::Distinct => "distinct",
            Self::Search => "search",
        }
    }
}

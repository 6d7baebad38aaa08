//! The table of anomalies.

/// A kind of violation that has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum AnomalyKind {
    /// A value was seen that nobody put in.
    ValueFromNowhere,
    /// A value was seen before it was put in.
    ReadFromTheFuture,
    /// A value was seen that had been overwritten before anybody looked.
    StaleRead,
}

/// What is known of a kind.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The kind.
    pub kind: AnomalyKind,
    /// Its stable code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The rule that finds it; a ⟶ b says that a returned before b was called.
    pub rule: &'static str,
    /// Where the name or the rule is from.
    pub source: &'static str,
}

/// Every kind, the one that explains more first.
pub const CATALOG: &[Row] = &[
    Row {
        kind: AnomalyKind::ValueFromNowhere,
        code: "LIN003",
        name: "value from nowhere",
        rule: "an operation saw a value that is not the initial one and that no operation puts in",
        source: "Adya 1999 (thin air); elle",
    },
    Row {
        kind: AnomalyKind::ReadFromTheFuture,
        code: "LIN005",
        name: "read from the future",
        rule: "r saw v, only w puts v in, and r ⟶ w",
        source: "Gibbons & Korach 1997",
    },
    Row {
        kind: AnomalyKind::StaleRead,
        code: "LIN001",
        name: "stale read",
        rule: "r saw v, only w puts v in (or it is the initial value), and w ⟶ w' ⟶ r for a w' that puts in another value",
        source: "Gibbons & Korach 1997; Golab, Li & Shah 2011",
    },
];

impl AnomalyKind {
    /// The kind's row in [`CATALOG`].
    pub fn row(self) -> &'static Row {
        CATALOG.iter().find(|row| row.kind == self).expect("every kind has a row")
    }
}

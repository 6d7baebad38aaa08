//! What makes PostgreSQL safe or unsafe: the options of a setting, read once.

use anyhow::{Result, bail};

use crate::setting::Setting;

/// Where reads go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    /// To the primary that the client knows.
    Primary,
    /// To the server of the client's own node.
    Own,
    /// To the first standby, whichever node the client is on.
    Standby,
}

/// How those who want the same rows of a table, which serves as a queue or as a log, are kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rows {
    /// Whoever comes second waits for the first.
    Wait,
    /// Whoever comes second takes the next row.
    Skip,
    /// The object is locked as a whole, so that nobody comes second.
    Alone,
}

/// What a client does about a commit that takes long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Patience {
    /// It waits.
    Waits,
    /// It asks the server to cancel, and believes what the server then says.
    Cancels,
    /// It asks the server to cancel, and heeds the warning that may come with the answer.
    Heeds,
}

/// What the clients of a setting do. Options that are not there are as PostgreSQL has them by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ways {
    /// Option `reads`.
    pub(crate) reads: Reads,
    /// Option `isolation`: that of transactions that read and then write. Where there is none, one statement does both.
    pub(crate) isolation: Option<&'static str>,
    /// Option `rows`.
    pub(crate) rows: Rows,
    /// Option `jobs`: whether what is taken from a queue is worked on before the commit, which now and then fails.
    pub(crate) works: bool,
    /// Option `patience`.
    pub(crate) patience: Patience,
}

impl Ways {
    /// What a setting says.
    pub(crate) fn of(setting: Setting) -> Result<Self> {
        Ok(Self {
            reads: one_of(
                setting,
                "reads",
                &[("primary", Reads::Primary), ("own node", Reads::Own), ("standby", Reads::Standby)],
            )?,
            isolation: setting.get("isolation"),
            rows: one_of(
                setting,
                "rows",
                &[
                    ("for update", Rows::Wait),
                    ("for update skip locked", Rows::Skip),
                    ("advisory lock", Rows::Alone),
                ],
            )?,
            works: one_of(setting, "jobs", &[("none", false), ("2 ms, one of ten fails", true)])?,
            patience: one_of(
                setting,
                "patience",
                &[
                    ("waits", Patience::Waits),
                    ("cancels", Patience::Cancels),
                    ("cancels, heeds warnings", Patience::Heeds),
                ],
            )?,
        })
    }
}

/// The meaning of an option; the first is that of one that is not there.
fn one_of<T: Copy>(setting: Setting, option: &str, meanings: &[(&str, T)]) -> Result<T> {
    let Some(value) = setting.get(option) else { return Ok(meanings[0].1) };
    match meanings.iter().find(|(word, _)| *word == value) {
        Some((_, meaning)) => Ok(*meaning),
        None => bail!("option `{option}` of setting `{}` cannot be `{value}`", setting.name),
    }
}

//! What makes Galera safe or unsafe: the options of a setting, read once.

use anyhow::{Result, bail};

use crate::setting::Setting;

/// How a counter is added to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counting {
    /// By one statement.
    OneStatement,
    /// Read, then written, in one transaction.
    ReadThenWrite,
    /// Read `for update`, then written, in one transaction.
    ForUpdate,
}

/// What the clients of a setting do. Options that are not there are as MariaDB has them by default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ways {
    setting: Setting,
    /// Option `counts`.
    pub(crate) counting: Counting,
}

impl Ways {
    /// What a setting says.
    pub(crate) fn of(setting: Setting) -> Result<Self> {
        let counting = match setting.get("counts") {
            None | Some("one statement") => Counting::OneStatement,
            Some("select, update") => Counting::ReadThenWrite,
            Some("select for update, update") => Counting::ForUpdate,
            Some(other) => bail!("option `counts` of setting `{}` cannot be `{other}`", setting.name),
        };
        Ok(Self { setting, counting })
    }

    /// The variables of a session that the setting has: those of MariaDB, by their names.
    pub(crate) fn session(self) -> Vec<String> {
        ["wsrep_sync_wait", "wsrep_dirty_reads", "innodb_snapshot_isolation"]
            .iter()
            .filter_map(|name| Some(format!("set session {name} = {}", self.setting.get(name)?)))
            .collect()
    }

    /// What the setting adds to the options of the replication.
    pub(crate) fn provider(self) -> String {
        self.setting
            .get("pc.ignore_quorum")
            .map(|value| format!(";pc.ignore_quorum={value}"))
            .unwrap_or_default()
    }
}

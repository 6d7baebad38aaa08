//! What makes the same system safe or unsafe.

use serde::{Serialize, Serializer};

/// A configuration of servers and clients, by a name and as options that the system looks up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// What rows call it.
    pub(crate) name: &'static str,
    /// Option and value. What an option means is the system's to say.
    pub(crate) options: &'static [(&'static str, &'static str)],
}

impl Setting {
    /// The value of an option.
    pub(crate) fn get(&self, option: &str) -> Option<&'static str> {
        self.options.iter().find(|(known, _)| *known == option).map(|(_, value)| *value)
    }

    /// Whether an option has a value.
    pub(crate) fn is(&self, option: &str, value: &str) -> bool {
        self.get(option) == Some(value)
    }

    /// An option that is a number.
    pub(crate) fn number(&self, option: &str) -> Option<u64> {
        self.get(option).and_then(|value| value.parse().ok())
    }
}

impl Serialize for Setting {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.options.iter().copied())
    }
}

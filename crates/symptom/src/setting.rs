//! What a rule goes by, and may be told otherwise.

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nanoseconds; people write seconds.
    Time,
    /// Operations, clients, nodes.
    Count,
    /// Operations a second.
    Rate,
    /// A share of one.
    Share,
    /// How many times as much.
    Factor,
}

/// A threshold of a rule.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// How it is called where it is configured: the code of the symptom, a dot, a word; as `sym01.attempts`.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// What it is where nobody says anything; of a time, in seconds.
    pub default: f64,
    /// What it does, in a sentence.
    pub about: &'static str,
}

/// What was configured; all else is as the rules have it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Thresholds(Vec<(&'static str, f64)>);

impl Thresholds {
    /// Sets a threshold; of a time, in seconds.
    pub fn set(&mut self, setting: &Setting, value: f64) {
        self.0.retain(|(name, _)| *name != setting.name);
        self.0.push((setting.name, value));
    }

    /// A threshold; of a time, in seconds.
    pub fn of(&self, setting: &Setting) -> f64 {
        self.0.iter().find(|(name, _)| *name == setting.name).map_or(setting.default, |&(_, value)| value)
    }

    /// A threshold that is a time, in nanoseconds.
    pub fn nanoseconds(&self, setting: &Setting) -> i64 {
        (self.of(setting) * 1e9) as i64
    }
}

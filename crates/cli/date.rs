//! Days, as baselines name them.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::NaiveDate;
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A day: `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date(NaiveDate);

impl Date {
    /// Reads a day.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let digits = |part: &str, length: usize| {
            let is_number = part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
            if is_number { part.parse::<u32>().ok() } else { None }
        };
        let parts: Vec<_> = text.split('-').collect();
        let number = match parts[..] {
            [year, month, day] => digits(year, 4).zip(digits(month, 2)).zip(digits(day, 2)),
            _ => None,
        };
        let Some(((year, month), day)) = number else {
            return Err(format!("`{text}` is no date; expected YYYY-MM-DD"));
        };
        let date = i32::try_from(year).ok().and_then(|year| NaiveDate::from_ymd_opt(year, month, day));
        date.map(Self).ok_or_else(|| format!("there is no day `{text}`"))
    }

    /// The day that it is now, in UTC.
    pub(crate) fn today() -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::after(since.as_secs())
    }

    /// The day that it is so many seconds after 1970 began.
    fn after(seconds: u64) -> Self {
        /// The number of the first day of 1970, from the first of the year 1.
        const FIRST: i64 = 719_163;
        let days = i64::try_from(seconds / 86_400).unwrap_or_default();
        let date = i32::try_from(FIRST + days).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
        Self(date.unwrap_or(NaiveDate::MAX))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Within a visitor, so that an error is at the end of the text and not behind what follows it.
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Date;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a date, YYYY-MM-DD")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Date, E> {
                Date::parse(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_they_are_written() {
        for text in ["2026-11-26", "2024-02-29", "0001-01-01"] {
            assert_eq!(Date::parse(text).map(|date| date.to_string()), Ok(text.to_owned()));
        }
        for wrong in
            ["", "2026-11", "2026-1-02", "2026-02-29", "2026-13-01", "26-11-26", "2026-11-26 ", "+026-11-26"]
        {
            assert!(Date::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Date::parse("2026-11-26") < Date::parse("2027-01-01"));
        assert!(Date::parse("2026-11-25").is_ok_and(|known| known <= Date::today()));
    }

    #[test]
    fn a_day_begins_at_midnight() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_868_799, "2000-02-29"),
            (951_868_800, "2000-03-01"),
        ] {
            assert_eq!(Date::after(seconds).to_string(), day);
        }
    }
}

//! What rules of symptoms go by, as the command line and `seriatim.toml` write it: `sym01.gap=2s`.

use seriatim_symptom::catalog::{settings, with_code};
use seriatim_symptom::{Setting, Thresholds, Unit};

use crate::quantity;
use crate::suggest::nearest;

/// A threshold that somebody sets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Threshold {
    setting: &'static Setting,
    value: f64,
}

impl Threshold {
    /// Reads `NAME=VALUE`; a time is a number of seconds, or has a unit.
    ///
    /// # Errors
    /// There is no such threshold, or the value is none of it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let Some((name, value)) = text.split_once('=') else {
            return Err("expected NAME=VALUE, as `sym01.gap=2s`".to_owned());
        };
        let Some(setting) = settings().find(|setting| setting.name.eq_ignore_ascii_case(name)) else {
            let near = nearest(name, settings().map(|setting| setting.name));
            let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
            let code = name.split_once('.').map_or(name, |(code, _)| code);
            let lists = match with_code(code) {
                Some(row) if row.settings.is_empty() => format!("{} has none", row.code),
                _ => format!("`seriatim explain {}` lists those of a symptom", code.to_uppercase()),
            };
            return Err(format!("there is no threshold `{name}`; {near}{lists}"));
        };
        let number = value.parse::<f64>().ok().filter(|number| number.is_finite() && *number > 0.0);
        let time =
            || quantity::time(value).ok().flatten().map(|time| time.as_secs_f64()).filter(|time| *time > 0.0);
        let value_of = match setting.unit {
            Unit::Time => number.or_else(time),
            Unit::Share => percent(value).or(number).filter(|share| *share <= 1.0),
            Unit::Count => number.filter(|count| count.fract() == 0.0),
            Unit::Rate | Unit::Factor => number,
        };
        let expected = match setting.unit {
            Unit::Time => "a time, as `2s` or `500ms`",
            Unit::Share => "a share, as `5%` or `0.05`, up to 1",
            Unit::Count => "a whole number from 1 on",
            Unit::Rate | Unit::Factor => "a number above 0",
        };
        let value = value_of.ok_or_else(|| format!("`{name}` takes {expected}, found `{value}`"))?;
        Ok(Self { setting, value })
    }

    /// All that are set; of one that is set twice, the last.
    pub(crate) fn all(set: &[Self]) -> Thresholds {
        let mut all = Thresholds::default();
        set.iter().for_each(|of| all.set(of.setting, of.value));
        all
    }
}

/// A share that is written as `5%`, or as `5 %`.
fn percent(value: &str) -> Option<f64> {
    let number: f64 = value.strip_suffix('%')?.trim_end().parse().ok()?;
    (number.is_finite() && number > 0.0).then_some(number / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_read_and_what_is_none_is_told() {
        let of = |unit| settings().find(|setting| setting.unit == unit).expect("there is one of each unit");
        let (time, share, count) = (of(Unit::Time), of(Unit::Share), of(Unit::Count));
        let read = |text: String| Threshold::parse(&text).map(|read| read.value);
        assert_eq!(read(format!("{}=2", time.name)), Ok(2.0));
        assert_eq!(read(format!("{}=500ms", time.name.to_uppercase())), Ok(0.5));
        assert_eq!(read(format!("{}=7", count.name)), Ok(7.0));
        assert_eq!(read(format!("{}=5 %", share.name)), Ok(0.05));
        for (text, told) in [
            (format!("{}=1.5", share.name), "a share, as `5%`"),
            (format!("{}=101%", share.name), "a share, as `5%`"),
            (format!("{}=0", time.name), "a time, as"),
            (format!("{}=2.5", count.name), "a whole number from 1 on"),
            (format!("{}=-1", count.name), "a whole number from 1 on"),
            (format!("{}=soon", time.name), "a time, as"),
            (format!("{}=nan", time.name), "a time, as"),
            (format!("{}s=1", time.name), &format!("did you mean `{}`?", time.name)),
            ("sym01".to_owned(), "expected NAME=VALUE"),
            ("sym99.x=1".to_owned(), "`seriatim explain SYM99` lists"),
        ] {
            let error = read(text.clone()).expect_err(&text);
            assert!(error.contains(told), "{text}: {error}");
        }
        let set = [Threshold { setting: count, value: 1.0 }, Threshold { setting: count, value: 2.0 }];
        assert_eq!((Threshold::all(&set).of(count), Threshold::all(&set).of(time)), (2.0, time.default));
    }
}

//! Integers and times out of the digits of a number.

use crate::convention::TimeUnit;

/// The integer that `number` writes, if it is short: what nearly all numbers of histories are.
pub(super) fn small_integer(number: &str) -> Option<i64> {
    let (is_negative, digits) = match number.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut value: i64 = 0;
    for &byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i64::from(byte - b'0');
    }
    Some(if is_negative { -value } else { value })
}

/// The integer that `number` writes, if it fits.
pub(in crate::format) fn integer(number: &str) -> Option<i64> {
    small_integer(number).or_else(|| number.parse().ok())
}

/// A time in nanoseconds, from the digits of a number in `unit`. Halves are rounded away from zero; nothing goes
/// through floating point. `None` where it is no number or beyond 64 bits.
pub(in crate::format) fn nanoseconds(number: &str, unit: TimeUnit) -> Option<i64> {
    if let Some(integer) = integer(number) {
        return integer.checked_mul(unit.nanoseconds());
    }
    let (is_negative, rest) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], rest[at + 1..].parse::<i64>().ok()?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let scale = i64::from(unit.nanoseconds().ilog10());
    // The value is `digits` times ten to this power.
    let power = exponent.checked_add(scale)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let kept = i64::try_from(digits.len()).ok()?.checked_add(power)?;
    if kept > 19 {
        return None;
    }
    let kept = match usize::try_from(kept) {
        Ok(kept) => kept,
        Err(_) => return Some(0),
    };
    let mut value: i128 = 0;
    for at in 0..kept {
        let digit = digits.as_bytes().get(at).map_or(0, |byte| byte - b'0');
        value = value * 10 + i128::from(digit);
    }
    value += i128::from(digits.as_bytes().get(kept).is_some_and(|&byte| byte >= b'5'));
    i64::try_from(if is_negative { -value } else { value }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_rounded_to_nanoseconds() {
        use TimeUnit::*;
        for (text, unit, time) in [
            ("12", Nanoseconds, Some(12)),
            ("-1", Milliseconds, Some(-1_000_000)),
            ("1.651553871982E12", Milliseconds, Some(1_651_553_871_982_000_000)),
            ("0.1234567895", Seconds, Some(123_456_790)),
            ("-1.5", Nanoseconds, Some(-2)),
            ("1.4", Nanoseconds, Some(1)),
            ("0.04", Nanoseconds, Some(0)),
            ("0.5", Nanoseconds, Some(1)),
            ("1e-30", Seconds, Some(0)),
            ("9223372036854775807", Nanoseconds, Some(i64::MAX)),
            ("9223372036854775807", Seconds, None),
            ("1e19", Nanoseconds, None),
            ("1e400000000000000000000", Nanoseconds, None),
            ("0e0", Seconds, Some(0)),
        ] {
            assert_eq!(nanoseconds(text, unit), time, "{text}");
        }
    }
}

//! Times and sizes as people write them.

use std::time::Duration;

/// Reads `500ms`, `60s`, `5m`, `1h`, a plain number of seconds, or `none` for no limit.
pub(crate) fn time(text: &str) -> Result<Option<Duration>, String> {
    if text == "none" {
        return Ok(None);
    }
    let expected = "expected a time such as `500ms`, `60s`, `5m` or `1h`, or `none`";
    let (number, unit) = number_and_unit(text).ok_or(expected)?;
    let seconds = match unit {
        "ms" => number / 1e3,
        "" | "s" => number,
        "m" | "min" => number * 60.0,
        "h" => number * 3600.0,
        _ => return Err(expected.to_owned()),
    };
    Duration::try_from_secs_f64(seconds)
        .map(Some)
        .map_err(|_| "that is too long; `none` sets no limit".to_owned())
}

/// Reads `512MiB`, `2GB`, `4g`, or a plain number of bytes. `KiB` is 1024 bytes and `kB` 1000; a single letter
/// stands for the larger.
pub(crate) fn bytes(text: &str) -> Result<usize, String> {
    let expected = "expected a size such as `512MiB`, `2GB` or `4GiB`";
    let (number, unit) = number_and_unit(text).ok_or(expected)?;
    let scale: f64 = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "tb" => 1e12,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024f64.powi(2),
        "g" | "gib" => 1024f64.powi(3),
        "t" | "tib" => 1024f64.powi(4),
        _ => return Err(expected.to_owned()),
    };
    let bytes = number * scale;
    if bytes < 1.0 {
        return Err("the limit must be at least one byte".to_owned());
    }
    // A cast of a float saturates: what is too large is as good as no limit.
    Ok(bytes as usize)
}

fn number_and_unit(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, milliseconds) in [
            ("500ms", 500),
            ("60s", 60_000),
            ("60", 60_000),
            ("1.5s", 1_500),
            ("5m", 300_000),
            ("1h", 3_600_000),
            ("0s", 0),
        ] {
            assert_eq!(time(text), Ok(Some(Duration::from_millis(milliseconds))), "{text}");
        }
        assert_eq!(time("none"), Ok(None));
        for bad in ["", "s", "-1s", "5x", "1.2.3s", "1e400h", "99999999999999999999h", "NaN", "inf"] {
            assert!(time(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes() {
        for (text, size) in [
            ("1", 1),
            ("512MiB", 512 << 20),
            ("2GB", 2_000_000_000),
            ("4GiB", 4 << 30),
            ("4g", 4 << 30),
            ("1.5 KiB", 1536),
            ("10kB", 10_000),
        ] {
            assert_eq!(bytes(text), Ok(size), "{text}");
        }
        assert_eq!(bytes("99999999999999999999TiB"), Ok(usize::MAX));
        for bad in ["", "GiB", "-1", "0", "4XB", "4 GiB x"] {
            assert!(bytes(bad).is_err(), "{bad}");
        }
    }
}

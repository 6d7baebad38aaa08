//! Numbers and characters of EDN: what one token writes.

/// The number that a token writes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Number<'a> {
    /// An integer, in whatever notation.
    Int(i128),
    /// A number with a fraction or an exponent, or an integer of more than 127 bits, as written.
    Decimal(&'a str),
    /// A ratio in lowest terms: no decimal number is equal to it.
    Ratio(String),
}

/// Whether a token that begins with `first` and goes on with `second` is a number.
pub(super) fn is_number(first: u8, second: Option<u8>) -> bool {
    first.is_ascii_digit()
        || matches!(first, b'+' | b'-') && second.is_some_and(|second| second.is_ascii_digit())
}

/// Reads a number in one of Clojure's notations: `-7`, `7N`, `017`, `0x1F`, `16r1F`, `1/3`, `1.5e3`, `1.5M`.
///
/// # Errors
/// What is wrong with it.
pub(super) fn number(token: &str) -> Result<Number<'_>, String> {
    let (negative, digits) = match token.as_bytes().first() {
        Some(b'-') => (true, &token[1..]),
        Some(b'+') => (false, &token[1..]),
        _ => (false, token),
    };
    let signed = |int: i128| Number::Int(if negative { -int } else { int });
    let bytes = digits.as_bytes();
    // Nearly every number is short and plain.
    if (1..=18).contains(&bytes.len()) && (bytes[0] != b'0' || bytes.len() == 1) {
        let mut int = 0_i64;
        if bytes.iter().all(|byte| {
            int = int * 10 + i64::from(byte.wrapping_sub(b'0'));
            byte.is_ascii_digit()
        }) {
            return Ok(signed(i128::from(int)));
        }
    }
    let in_radix = |digits: &str, radix: u32| {
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
            return Err(format!("is not made of digits to the base {radix}"));
        }
        let int = i128::from_str_radix(digits, radix).map_err(|_| "has more than 127 bits".to_owned())?;
        Ok(signed(int))
    };
    if let Some(hex) = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        return in_radix(hex.strip_suffix('N').unwrap_or(hex), 16);
    }
    if let Some((numerator, denominator)) = digits.split_once('/') {
        return ratio(negative, numerator, denominator);
    }
    let whole = digits.strip_suffix('N').unwrap_or(digits);
    if !whole.is_empty() && whole.bytes().all(|byte| byte.is_ascii_digit()) {
        if whole.len() > 1 && whole.starts_with('0') {
            return in_radix(whole, 8);
        }
        return Ok(match whole.parse::<i128>() {
            Ok(int) => signed(int),
            Err(_) => Number::Decimal(token.strip_suffix('N').unwrap_or(token)),
        });
    }
    if let Some((radix, digits)) = digits.split_once(['r', 'R'])
        && let Ok(radix @ 2..=36) = radix.parse()
    {
        return in_radix(digits, radix);
    }
    if !is_decimal(digits) {
        return Err("is no number".to_owned());
    }
    // Exponents are kept as 64-bit integers, and corrected by the length of the fraction.
    let exponent = digits.trim_end_matches('M').rsplit_once(['e', 'E']).map_or("", |(_, exponent)| exponent);
    if exponent.trim_start_matches(['+', '-']).trim_start_matches('0').len() > 18 {
        return Err("has too large an exponent".to_owned());
    }
    Ok(Number::Decimal(token))
}

fn ratio<'a>(negative: bool, numerator: &str, denominator: &str) -> Result<Number<'a>, String> {
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_plain(numerator) || !is_plain(denominator) {
        return Err("is no ratio of two integers".to_owned());
    }
    let sign = if negative { "-" } else { "" };
    let (Ok(above), Ok(below)) = (numerator.parse::<i128>(), denominator.parse::<i128>()) else {
        return Ok(Number::Ratio(format!("{sign}{numerator}/{denominator}")));
    };
    if below == 0 {
        return Err("divides by zero".to_owned());
    }
    let (mut divisor, mut rest) = (above, below);
    while rest != 0 {
        (divisor, rest) = (rest, divisor % rest);
    }
    let (above, below) = (above / divisor, below / divisor);
    Ok(match below {
        1 => Number::Int(if negative { -above } else { above }),
        _ => Number::Ratio(format!("{sign}{above}/{below}")),
    })
}

/// Digits, then a fraction or none, then an exponent or none, then `M` or nothing.
fn is_decimal(text: &str) -> bool {
    let digits_from =
        |at: usize| text.as_bytes()[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let byte = |at: usize| text.as_bytes().get(at).copied();
    let mut at = digits_from(0);
    if at == 0 {
        return false;
    }
    if byte(at) == Some(b'.') {
        at += 1;
        at += digits_from(at);
    }
    if matches!(byte(at), Some(b'e' | b'E')) {
        at += 1;
        at += usize::from(matches!(byte(at), Some(b'+' | b'-')));
        let digits = digits_from(at);
        if digits == 0 {
            return false;
        }
        at += digits;
    }
    at += usize::from(byte(at) == Some(b'M'));
    at == text.len()
}

/// The character that `\token` writes, where it writes one.
pub(super) fn character(token: &str) -> Option<char> {
    let mut chars = token.chars();
    let first = chars.next()?;
    if chars.as_str().is_empty() {
        return Some(first);
    }
    match token {
        "newline" => Some('\n'),
        "space" => Some(' '),
        "tab" => Some('\t'),
        "return" => Some('\r'),
        "backspace" => Some('\u{8}'),
        "formfeed" => Some('\u{c}'),
        _ => match first {
            'u' => char::from_u32(hex_unit(chars.as_str())?.into()),
            'o' => {
                let digits = chars.as_str();
                let is_octal = digits.len() <= 3 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
                let code = if is_octal { u32::from_str_radix(digits, 8).ok()? } else { return None };
                char::from_u32(code).filter(|_| code <= 0o377)
            }
            _ => None,
        },
    }
}

/// The four hexadecimal digits of `\uXXXX`.
fn hex_unit(digits: &str) -> Option<u16> {
    let is_hex = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hex { u16::from_str_radix(digits, 16).ok() } else { None }
}

/// The character of the escape that `text`, the rest of a string, begins with, and the escape's length in bytes.
///
/// # Errors
/// The length of what is wrong, and what is wrong with it.
pub(super) fn escape(text: &str) -> Result<(char, usize), (usize, &'static str)> {
    let bytes = text.as_bytes();
    let plain = match bytes.get(1) {
        Some(b'n') => '\n',
        Some(b't') => '\t',
        Some(b'r') => '\r',
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'u') => return unicode_escape(text),
        Some(b'0'..=b'7') => {
            let digits = bytes[1..].iter().take(3).take_while(|byte| matches!(byte, b'0'..=b'7'));
            let (code, count) = digits
                .fold((0_u32, 0), |(code, count), digit| (code * 8 + u32::from(digit - b'0'), count + 1));
            return match char::from_u32(code).filter(|_| code <= 0o377) {
                Some(char) => Ok((char, 1 + count)),
                None => Err((1 + count, "is larger than `\\377`")),
            };
        }
        Some(_) => {
            let length = text[1..].chars().next().map_or(0, char::len_utf8);
            return Err((1 + length, "is no escape that strings have"));
        }
        None => return Err((1, "is cut off")),
    };
    Ok((plain, 2))
}

/// `\uXXXX`, or two of them that make one character beyond the basic plane.
fn unicode_escape(text: &str) -> Result<(char, usize), (usize, &'static str)> {
    let unit = |at: usize| {
        let is_escape = text.as_bytes().get(at..at + 2) == Some(b"\\u");
        if is_escape { text.get(at + 2..at + 6).and_then(hex_unit) } else { None }
    };
    let Some(first) = unit(0) else {
        let digits = text.bytes().skip(2).take(4).take_while(u8::is_ascii_hexdigit).count();
        return Err((2 + digits, "needs four hexadecimal digits"));
    };
    if let Some(char) = char::from_u32(first.into()) {
        return Ok((char, 6));
    }
    let pair = [first, unit(6).unwrap_or(0)];
    match char::decode_utf16(pair).next() {
        Some(Ok(char)) => Ok((char, 12)),
        // The other half may be cut off.
        _ if text.len() < 12 && b"\\u".starts_with(&text.as_bytes()[6..text.len().min(8)]) => {
            Err((text.len(), "is cut off"))
        }
        _ => Err((6, "is half of a surrogate pair")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_in_every_notation() {
        let check = |token: &str, expect: i128| assert_eq!(number(token), Ok(Number::Int(expect)), "{token}");
        check("0", 0);
        check("-0", 0);
        check("+7", 7);
        check("-7", -7);
        check("7N", 7);
        check("017", 15);
        check("-017N", -15);
        check("00", 0);
        check("0x4892d85e", 0x4892_d85e);
        check("-0XfFN", -255);
        check("16rFF", 255);
        check("2R11", 3);
        check("36rZz", 35 * 36 + 35);
        check("6/3", 2);
        check("-0/5", 0);
        check("999999999999999999", 999_999_999_999_999_999);
        check("18446744073709551615", u64::MAX.into());
        check("-170141183460469231731687303715884105727", -i128::MAX);
    }

    #[test]
    fn other_numbers_are_kept_as_written() {
        for token in ["1.5", "1e5", "1.", "1E-5", "-0.095533108M", "5M", "0.5", "00.5", "1.5e+3M"] {
            assert_eq!(number(token), Ok(Number::Decimal(token)), "{token}");
        }
        let wide = "170141183460469231731687303715884105728";
        assert_eq!(number(&format!("{wide}N")), Ok(Number::Decimal(wide)));
        assert_eq!(number("2/6"), Ok(Number::Ratio("1/3".to_owned())));
        assert_eq!(number("-1/3"), Ok(Number::Ratio("-1/3".to_owned())));
        assert_eq!(number(&format!("1/{wide}")), Ok(Number::Ratio(format!("1/{wide}"))));
    }

    #[test]
    fn what_is_no_number() {
        let check = |token: &str, expect: &str| match number(token) {
            Err(message) => assert!(message.contains(expect), "{token}: {message}"),
            Ok(number) => panic!("{token} is read as {number:?}"),
        };
        check("1a", "is no number");
        check("1.2.3", "is no number");
        check("1e", "is no number");
        check("1.5N", "is no number");
        check("-", "is no number");
        check("", "is no number");
        check("99r1", "is no number");
        check("08", "base 8");
        check("0x", "base 16");
        check("0xg", "base 16");
        check("0x-1", "base 16");
        check("2r2", "base 2");
        check("1/0", "zero");
        check("1/", "ratio");
        check("1/-2", "ratio");
        check("1/2/3", "ratio");
        check("1e9999999999999999999M", "exponent");
        check("0xffffffffffffffffffffffffffffffff", "127 bits");
    }

    #[test]
    fn characters() {
        let check = |token: &str, expect: Option<char>| assert_eq!(character(token), expect, "{token}");
        check("a", Some('a'));
        check("é", Some('é'));
        check("u", Some('u'));
        check("o", Some('o'));
        check("newline", Some('\n'));
        check("space", Some(' '));
        check("tab", Some('\t'));
        check("return", Some('\r'));
        check("backspace", Some('\u{8}'));
        check("formfeed", Some('\u{c}'));
        check("u0041", Some('A'));
        check("o101", Some('A'));
        check("o400", None);
        check("o1010", None);
        check("ud800", None);
        check("u+041", None);
        check("u41", None);
        check("ab", None);
        check("", None);
    }

    #[test]
    fn escapes() {
        let check = |text: &str, expect: Result<(char, usize), usize>| {
            assert_eq!(escape(text).map_err(|(length, _)| length), expect, "{text}");
        };
        check("\\n\"", Ok(('\n', 2)));
        check("\\\"", Ok(('"', 2)));
        check("\\\\", Ok(('\\', 2)));
        check("\\u00e9x", Ok(('é', 6)));
        check("\\ud83d\\ude00x", Ok(('😀', 12)));
        check("\\101x", Ok(('A', 4)));
        check("\\08", Ok(('\0', 2)));
        check("\\777", Err(4));
        check("\\ud83dx", Err(6));
        check("\\ud83d\\u0041", Err(6));
        check("\\ud83d\\", Err(7));
        check("\\ud83d\\ude", Err(10));
        check("\\ud83d€", Err(6));
        check("\\ude00 x", Err(6));
        check("\\u00", Err(4));
        check("\\u00é", Err(4));
        check("\\q", Err(2));
        check("\\é", Err(3));
        check("\\", Err(1));
    }
}

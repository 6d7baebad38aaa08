//! Values and their numbers: every value of a history is kept once.

use std::fmt::Write as _;
use std::num::NonZeroU32;
use std::sync::Arc;

use rustc_hash::FxHashMap;

/// The number of a value among the [`Values`] of a history. Equal values have equal numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ValueId(NonZeroU32);

impl ValueId {
    /// `nil`, `null`.
    pub const NIL: Self = Self::at(0);
    /// `false`.
    pub const FALSE: Self = Self::at(1);
    /// `true`.
    pub const TRUE: Self = Self::at(2);

    /// The value that stands at `index` among all; `index` is below 2^32 - 1.
    pub const fn at(index: u32) -> Self {
        Self(NonZeroU32::new(index + 1).expect("an index plus one is not zero"))
    }

    /// Where the value stands among all.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// A value that a client sent or got.
///
/// Texts, keywords and symbols of all formats are [`Value::Text`]; a number with a fraction or an exponent is never
/// equal to an integer (as in EDN); sets and maps are equal whatever the order of their members.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// Nothing.
    Nil,
    /// A truth value.
    Bool(bool),
    /// An integer of at most 127 bits and a sign.
    Int(i128),
    /// Any other number, exactly, in the form `[-]digits e exponent`.
    Decimal(Box<str>),
    /// A text, a keyword without its colon, a symbol.
    Text(Box<str>),
    /// A sequence.
    List(Arc<[ValueId]>),
    /// A set: sorted by number, without repetition.
    Set(Arc<[ValueId]>),
    /// Keys and values: sorted by the keys' numbers, without repetition.
    Map(Box<[(ValueId, ValueId)]>),
}

/// Integers from 0 up to here find their numbers without hashing: most values, keys and processes are that small. So do
/// larger ones, up to [`EACH`] times as many as there are values: what counts up is met again in about that order, and a
/// table in that order is read where a hash would lead all over the memory.
const SMALL: usize = 1 << 14;

/// How many places there may be among the small integers for each value there is.
const EACH: usize = 4;

/// How many short texts are remembered, a power of two.
const RECENT: usize = 64;

/// All values of a history, each once.
#[derive(Clone, Debug)]
pub struct Values {
    all: Vec<Value>,
    /// The numbers of small integers, by themselves.
    small: Vec<Option<ValueId>>,
    /// The numbers of the integers that are not among the small ones.
    ints: FxHashMap<i64, ValueId>,
    huge: FxHashMap<i128, ValueId>,
    texts: FxHashMap<Box<str>, ValueId>,
    /// Short texts of late: functions, nodes and types come over and over again.
    recent: Vec<Option<(u64, ValueId)>>,
    lists: FxHashMap<Arc<[ValueId]>, ValueId>,
    others: FxHashMap<Value, ValueId>,
    /// The bytes of all texts and lists.
    outside: usize,
}

impl Default for Values {
    fn default() -> Self {
        Self::new()
    }
}

impl Values {
    /// Only the values that have constants: nil, false and true.
    pub fn new() -> Self {
        let all = vec![Value::Nil, Value::Bool(false), Value::Bool(true)];
        Self {
            all,
            small: Vec::new(),
            ints: FxHashMap::default(),
            huge: FxHashMap::default(),
            texts: FxHashMap::default(),
            recent: vec![None; RECENT],
            lists: FxHashMap::default(),
            others: FxHashMap::default(),
            outside: 0,
        }
    }

    /// Forgets all but the values that have constants, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        // A few places are forgotten one by one, where there are many.
        if self.small.len() > SMALL.max(EACH * EACH * self.all.len()) {
            for value in &self.all {
                let Value::Int(value) = value else { continue };
                if let Some(place) = usize::try_from(*value).ok().and_then(|at| self.small.get_mut(at)) {
                    *place = None;
                }
            }
        } else {
            self.small.fill(None);
        }
        self.all.truncate(3);
        self.ints.clear();
        self.huge.clear();
        self.texts.clear();
        self.recent.fill(None);
        self.lists.clear();
        self.others.clear();
        self.outside = 0;
    }

    /// The value with this number.
    pub fn get(&self, id: ValueId) -> &Value {
        &self.all[id.index()]
    }

    #[cfg(test)]
    pub(crate) fn nth(&self, at: usize) -> &Value {
        &self.all[at]
    }

    /// How many different values there are.
    #[allow(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// About how many bytes all values hold.
    pub fn bytes(&self) -> usize {
        // Each value stands once by itself, and once where it is found by what it is.
        2 * self.all.capacity() * size_of::<Value>() + self.outside
    }

    /// The number of an integer.
    pub fn int(&mut self, value: i128) -> ValueId {
        if let Ok(value) = i64::try_from(value) {
            return self.int64(value);
        }
        let next = self.next();
        *self.huge.entry(value).or_insert_with(|| {
            self.all.push(Value::Int(value));
            next
        })
    }

    /// The number of an integer of 64 bits.
    #[inline]
    pub fn int64(&mut self, value: i64) -> ValueId {
        match usize::try_from(value).ok().and_then(|at| self.small.get(at)) {
            Some(&Some(id)) => id,
            _ => self.new_int64(value),
        }
    }

    fn new_int64(&mut self, value: i64) -> ValueId {
        let next = self.next();
        let small = usize::try_from(value).ok().filter(|&at| self.small.len() > at || self.make_room(at));
        let known = match small {
            Some(at) => self.small[at].get_or_insert(next),
            None => self.ints.entry(value).or_insert(next),
        };
        if *known == next {
            self.all.push(Value::Int(value.into()));
        }
        *known
    }

    /// Makes room for an integer among the small ones, if it may be one.
    fn make_room(&mut self, at: usize) -> bool {
        let size = at.saturating_add(1).checked_next_power_of_two().unwrap_or(usize::MAX);
        if size > SMALL.max(EACH * self.all.len()) {
            return false;
        }
        self.small.resize(size, None);
        let small = &mut self.small;
        self.ints.retain(|&value, &mut id| {
            let place = usize::try_from(value).ok().and_then(|at| small.get_mut(at));
            place.map(|place| *place = Some(id)).is_none()
        });
        true
    }

    /// The number of a text.
    #[inline]
    pub fn text(&mut self, value: &str) -> ValueId {
        let Some(packed) = packed(value.as_bytes()) else { return self.any_text(value) };
        // The upper half of a product depends on all of its factor.
        let slot = (packed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize % RECENT;
        match self.recent[slot] {
            Some((known, id)) if known == packed => id,
            _ => {
                let id = self.any_text(value);
                self.recent[slot] = Some((packed, id));
                id
            }
        }
    }

    fn any_text(&mut self, value: &str) -> ValueId {
        if let Some(&id) = self.texts.get(value) {
            return id;
        }
        let id = self.next();
        self.outside += 2 * value.len();
        self.all.push(Value::Text(value.into()));
        self.texts.insert(value.into(), id);
        id
    }

    /// The number of a truth value.
    pub fn bool(&self, value: bool) -> ValueId {
        if value { ValueId::TRUE } else { ValueId::FALSE }
    }

    /// The number of a list.
    pub fn list(&mut self, items: impl AsRef<[ValueId]>) -> ValueId {
        let items = items.as_ref();
        if let Some(&id) = self.lists.get(items) {
            return id;
        }
        let id = self.next();
        let items: Arc<[ValueId]> = items.into();
        self.outside += size_of_val(&*items);
        self.all.push(Value::List(Arc::clone(&items)));
        self.lists.insert(items, id);
        id
    }

    /// The number of a set; the members in any order, repetitions allowed.
    pub fn set(&mut self, mut items: Vec<ValueId>) -> ValueId {
        items.sort_unstable();
        items.dedup();
        self.other(Value::Set(items.into()))
    }

    /// The number of a map; where a key is repeated, its last value counts.
    pub fn map(&mut self, items: Vec<(ValueId, ValueId)>) -> ValueId {
        let mut sorted = items;
        sorted.sort_by_key(|&(key, _)| key);
        sorted.reverse();
        sorted.dedup_by_key(|&mut (key, _)| key);
        sorted.reverse();
        self.other(Value::Map(sorted.into()))
    }

    /// The number of the number that `text` writes: `-1.50e3`, `0.1M`, `7`. `None` where it writes none.
    ///
    /// What has neither a point nor an exponent is an integer, unless it is too large for one.
    pub fn number(&mut self, text: &str) -> Option<ValueId> {
        if let Ok(int) = text.strip_prefix('+').unwrap_or(text).parse::<i128>() {
            return Some(self.int(int));
        }
        let decimal = canonical_decimal(text)?;
        Some(self.other(Value::Decimal(decimal.into())))
    }

    /// The number of any value, built by whoever has it whole.
    pub fn intern(&mut self, value: Value) -> ValueId {
        match value {
            Value::Nil => ValueId::NIL,
            Value::Bool(value) => self.bool(value),
            Value::Int(value) => self.int(value),
            Value::Text(value) => self.text(&value),
            Value::List(items) => self.list(items),
            other => self.other(other),
        }
    }

    /// Takes over the values of `others`, in their order, into `here`: the number here of each number there.
    ///
    /// What was read in pieces is so numbered as though it had been read in one: in the order of first appearance.
    pub(crate) fn take(&mut self, others: &Self, here: &mut Vec<ValueId>) {
        here.clear();
        here.extend([ValueId::NIL, ValueId::FALSE, ValueId::TRUE]);
        let mut members: Vec<ValueId> = Vec::new();
        for value in &others.all[here.len()..] {
            let id = match value {
                Value::Int(value) => self.int(*value),
                Value::Text(text) => self.text(text),
                Value::List(items) => {
                    members.clear();
                    members.extend(items.iter().map(|item| here[item.index()]));
                    self.list(&members)
                }
                // Members are sorted by their numbers, which are others here.
                Value::Set(items) => self.set(items.iter().map(|item| here[item.index()]).collect()),
                Value::Map(items) => {
                    let pairs = items.iter().map(|(key, value)| (here[key.index()], here[value.index()]));
                    self.map(pairs.collect())
                }
                Value::Nil | Value::Bool(_) | Value::Decimal(_) => self.intern(value.clone()),
            };
            here.push(id);
        }
    }

    /// The number that a text already has.
    pub fn find_text(&self, value: &str) -> Option<ValueId> {
        self.texts.get(value).copied()
    }

    /// Every text among the values, in no particular order.
    pub fn texts(&self) -> impl Iterator<Item = (&str, ValueId)> {
        self.texts.iter().map(|(text, &id)| (&**text, id))
    }

    /// The integer that this value is.
    pub fn as_int(&self, id: ValueId) -> Option<i128> {
        if let Value::Int(value) = self.get(id) { Some(*value) } else { None }
    }

    /// The text that this value is.
    pub fn as_text(&self, id: ValueId) -> Option<&str> {
        if let Value::Text(value) = self.get(id) { Some(value) } else { None }
    }

    /// The members of a list.
    pub fn as_list(&self, id: ValueId) -> Option<&[ValueId]> {
        if let Value::List(items) = self.get(id) { Some(items) } else { None }
    }

    /// The members of a list or a set.
    pub fn as_items(&self, id: ValueId) -> Option<&[ValueId]> {
        match self.get(id) {
            Value::List(items) | Value::Set(items) => Some(items),
            _ => None,
        }
    }

    /// The value as a person reads it, JSON-like.
    pub fn show(&self, id: ValueId) -> String {
        self.show_all([id])
    }

    /// Several values, with blanks between them.
    pub fn show_all(&self, ids: impl IntoIterator<Item = ValueId>) -> String {
        let mut out = String::new();
        for (at, id) in ids.into_iter().enumerate() {
            if at > 0 {
                out.push(' ');
            }
            self.show_into(id, &mut out);
        }
        out
    }

    fn show_into(&self, id: ValueId, out: &mut String) {
        let list = |items: &[ValueId], out: &mut String| {
            for (at, &item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(' ');
                }
                self.show_into(item, out);
            }
        };
        match self.get(id) {
            Value::Nil => out.push_str("nil"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            // Numbers of 128 bits take long to write.
            Value::Int(value) => match i64::try_from(*value) {
                Ok(value) => _ = write!(out, "{value}"),
                Err(_) => _ = write!(out, "{value}"),
            },
            Value::Decimal(value) => out.push_str(value),
            Value::Text(value) => out.push_str(&format!("{value:?}")),
            Value::List(items) => {
                out.push('[');
                list(items, out);
                out.push(']');
            }
            Value::Set(items) => {
                out.push_str("#{");
                list(items, out);
                out.push('}');
            }
            Value::Map(items) => {
                out.push('{');
                for (at, &(key, value)) in items.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    self.show_into(key, out);
                    out.push(' ');
                    self.show_into(value, out);
                }
                out.push('}');
            }
        }
    }

    fn other(&mut self, value: Value) -> ValueId {
        if let Some(&id) = self.others.get(&value) {
            return id;
        }
        let id = self.next();
        self.all.push(value.clone());
        self.others.insert(value, id);
        id
    }

    fn next(&self) -> ValueId {
        ValueId::at(u32::try_from(self.all.len()).expect("fewer than 2^32 different values"))
    }
}

/// A text of at most 7 bytes as a number of its own.
#[inline]
fn packed(text: &[u8]) -> Option<u64> {
    let length = text.len();
    let bits = match length {
        // Two reads that may overlap see every byte.
        4..=7 => {
            let four =
                |at: usize| text[at..at + 4].iter().fold(0_u64, |all, &byte| all << 8 | u64::from(byte));
            four(0) << 24 | four(length - 4) & 0xff_ffff
        }
        0..=3 => text.iter().fold(0, |all, &byte| all << 8 | u64::from(byte)),
        _ => return None,
    };
    Some(bits << 8 | length as u64)
}

/// `-1.50e3M` as `-15e2`: equal numbers have equal texts.
fn canonical_decimal(text: &str) -> Option<String> {
    let text = text.strip_suffix(['M', 'N']).unwrap_or(text);
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty()
        || !(whole.bytes().chain(fraction.bytes())).all(|b| b.is_ascii_digit())
    {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    let significant = digits.trim_start_matches('0');
    let trimmed = significant.trim_end_matches('0');
    if trimmed.is_empty() {
        return Some("0e0".to_owned());
    }
    let exponent = exponent.checked_add((significant.len() - trimmed.len()) as i64)?;
    Some(format!("{}{trimmed}e{exponent}", if negative { "-" } else { "" }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_have_equal_numbers() {
        let mut values = Values::new();
        let (one, two) = (values.int(1), values.int(2));
        assert_eq!(values.int(1), one);
        assert_eq!(values.set(vec![two, one, two]), values.set(vec![one, two]));
        assert_ne!(values.list([one, two]), values.list([two, one]));
        assert_ne!(values.list([one, two]), values.set(vec![one, two]));
        assert_eq!(values.map(vec![(one, two), (one, one)]), values.map(vec![(one, one)]));
        assert_eq!(values.text("x"), values.text("x"));
        assert_eq!(values.intern(Value::Bool(true)), ValueId::TRUE);
    }

    #[test]
    fn integers_keep_their_numbers_as_the_small_ones_grow() {
        let mut values = Values::new();
        for _ in 0..2 {
            let far = |at: i64| [i64::MAX - at, -1 - at, 1_000_000 - at, at];
            let ids: Vec<_> = (0..30_000).flat_map(far).map(|value| (value, values.int64(value))).collect();
            assert!(values.small.len() > SMALL, "{}", values.small.len());
            assert!(values.small.len() <= EACH * values.len());
            assert_eq!(values.len(), 3 + ids.len());
            for (value, id) in ids {
                assert_eq!((values.int64(value), values.as_int(id)), (id, Some(value.into())));
            }
            values.clear();
            assert_eq!(values.int64(7).index(), 3);
            values.clear();
            assert_eq!(values.int64(20_000).index(), 3);
            values.clear();
        }
    }

    #[test]
    fn short_texts_have_numbers_of_their_own() {
        let letters = ["", "a", "b", "ab", "\0"];
        let mut texts: Vec<String> = vec![String::new()];
        for _ in 0..6 {
            texts = texts.iter().flat_map(|text| letters.map(|letter| format!("{text}{letter}"))).collect();
            texts.sort();
            texts.dedup();
        }
        let mut values = Values::new();
        let ids: Vec<_> = texts.iter().map(|text| values.text(text)).collect();
        for (text, &id) in texts.iter().zip(&ids) {
            assert_eq!(values.as_text(id), Some(text.as_str()));
            assert_eq!(values.text(text), id);
        }
        let mut all: Vec<_> = texts.iter().filter_map(|text| packed(text.as_bytes())).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn what_is_taken_over_is_numbered_by_first_appearance() {
        let mut values = Values::new();
        let (known, number) = (values.text("known"), values.int(5));
        let mut piece = Values::new();
        let (seven, five, text) = (piece.int(7), piece.int(5), piece.text("known"));
        let set = piece.set(vec![seven, five, text]);
        let map = piece.map(vec![(text, set), (five, seven)]);
        let huge = piece.int(i128::MAX);
        let decimal = piece.number("1.5").expect("a number");
        let list = piece.list([map, huge, decimal, ValueId::TRUE]);
        let mut here = Vec::new();
        values.take(&piece, &mut here);
        assert_eq!((here[text.index()], here[five.index()]), (known, number));
        for id in [set, map, huge, decimal, list] {
            let moved = values.get(here[id.index()]).clone();
            assert_eq!(values.intern(moved), here[id.index()]);
        }
        let seven = values.int(7);
        assert_eq!(values.set(vec![known, seven, number]), here[set.index()]);
        assert_eq!(values.show(here[list.index()]).len(), piece.show(list).len());
        piece.clear();
        assert_eq!(piece.text("other").index(), 3);
    }

    #[test]
    fn numbers_are_exact() {
        let mut values = Values::new();
        let mut same =
            |a: &str, b: &str| values.number(a).expect("a number") == values.number(b).expect("a number");
        assert!(same("1.50", "1.5"));
        assert!(same("1.5e3", "15E2"));
        assert!(same("-0.095533108M", "-0.095533108"));
        assert!(same("+7", "7"));
        assert!(!same("0.1", "0.1000000000000000055"));
        assert!(!same("1.0", "1"));
        assert!(!same("-1.5", "1.5"));
        assert!(same("18446744073709551615", "18446744073709551615"));
        assert!(!same("18446744073709551615", "18446744073709551614"));
        for bad in ["", "-", ".", "1.2.3", "e5", "1e", "0x10", "abc"] {
            assert_eq!(values.number(bad), None, "{bad}");
        }
    }

    #[test]
    fn values_are_shown_as_written() {
        let mut values = Values::new();
        let (one, text) = (values.int(1), values.text("a\"b"));
        let list = values.list([one, text, ValueId::NIL]);
        assert_eq!(values.show(list), r#"[1 "a\"b" nil]"#);
        let map = values.map(vec![(text, list)]);
        assert_eq!(values.show(map), r#"{"a\"b" [1 "a\"b" nil]}"#);
    }
}

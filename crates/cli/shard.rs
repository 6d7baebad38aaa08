//! A share of the parts of every history, for runs that are spread over machines: `--shard K/N`.
//!
//! To which shard a part belongs follows from the path of its history, as it was given, and from its key: neither from the
//! machine nor from the number of threads, nor from what else is checked. A history is read by every shard.

use seriatim_history::Values;
use seriatim_model::Part;

/// The beginning of what a shard says in the notes of a report.
pub(crate) const SAID: &str = "shard ";

/// What takes all parts of a history at once, so that neither a shard nor a report of several shards can have it; of SYM15 they have
/// only what recorded times show by themselves.
pub(crate) const TAKES_ALL_PARTS: &[&str] =
    &["SYM08", "SYM09", "SYM10", "SYM12", "SYM15", "SYM17", "SYM18", "COV02"];

/// What such a report does not have, in words.
pub(crate) fn not_looked_for() -> String {
    format!(
        "what takes all parts at once was not looked for: two sides of a cluster, a node that stood still, what still holds, elements \
         that nobody looked for, and which symptoms go with what is proved ({})",
        TAKES_ALL_PARTS.join(", ")
    )
}

/// Which share of the parts is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    index: u32,
    of: u32,
}

impl Shard {
    /// Reads `K/N`, from `1/N` to `N/N`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let expected = || format!("`{text}` is no shard; expected K/N, such as `1/4`, with K from 1 to N");
        let number = |text: &str| if text.starts_with('+') { None } else { text.parse::<u32>().ok() };
        let (index, of) = text.split_once('/').ok_or_else(expected)?;
        match (number(index), number(of)) {
            (Some(index), Some(of)) if (1..=of).contains(&index) => Ok(Self { index, of }),
            _ => Err(expected()),
        }
    }

    /// For a report.
    pub(crate) fn told(self) -> seriatim_report::document::Shard {
        seriatim_report::document::Shard { index: self.index, of: self.of }
    }

    /// What the report of a shard does not have.
    pub(crate) fn note(self) -> String {
        format!(
            "{SAID}{} of {}: the other parts of each history are not decided here; {}",
            self.index,
            self.of,
            not_looked_for()
        )
    }

    /// Whether a part of the history at `path` is decided here.
    pub(crate) fn has<Op>(self, path: &str, part: &Part<Op>, values: &Values) -> bool {
        let key = part.key.map(|key| values.show(key));
        // No other part of the history touches it.
        let touched = part.touched.iter().map(|&piece| values.show(piece)).min();
        let path = path.replace('\\', "/");
        self.is_of(&[&path, key.as_deref().unwrap_or_default(), touched.as_deref().unwrap_or_default()])
    }

    fn is_of(self, names: &[&str]) -> bool {
        // What spreads well over all bits is divided evenly by any number.
        mixed(hash(names)) % u64::from(self.of) == u64::from(self.index - 1)
    }
}

/// FNV-1a of 64 bits (Fowler, Noll & Vo), with a byte between names that is in no text.
fn hash(names: &[&str]) -> u64 {
    let bytes = names.iter().flat_map(|name| name.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The finalizer of SplitMix64 (Steele, Lea & Flood 2014).
fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_are_read() {
        for text in ["1/1", "1/2", "2/2", "7/100"] {
            let shard = Shard::parse(text).expect(text);
            assert_eq!(format!("{}/{}", shard.index, shard.of), text);
        }
        for wrong in ["", "1", "/", "0/2", "3/2", "1/0", "a/2", "1/+2", "-1/2", "1/2/3"] {
            assert!(Shard::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_part_is_of_one_shard_and_none_has_nothing_to_do() {
        for of in [1, 2, 3, 7] {
            let mut counts = vec![0; of as usize];
            for key in 0..1_000 {
                let key = key.to_string();
                let all = (1..=of).filter(|&index| Shard { index, of }.is_of(&["runs/a.jsonl", &key, ""]));
                let all: Vec<_> = all.collect();
                assert_eq!(all.len(), 1);
                counts[all[0] as usize - 1] += 1;
            }
            let even = 1_000 / of as usize;
            assert!(counts.iter().all(|&count| count > even / 2 && count < even * 2), "{counts:?}");
        }
    }

    #[test]
    fn it_is_the_same_hash_everywhere_and_names_do_not_run_together() {
        assert_eq!(hash(&[]), 0xcbf2_9ce4_8422_2325);
        assert_eq!(mixed(hash(&["h.jsonl", "17", ""])), EXPECTED);
        assert_ne!(hash(&["ab", "c"]), hash(&["a", "bc"]));
    }

    /// As of the first version that had shards: another one would make shards of two versions differ.
    const EXPECTED: u64 = 0x39a1_c36e_c7f8_a813;
}

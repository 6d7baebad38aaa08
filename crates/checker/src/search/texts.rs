//! What cannot have been seen of a text that others are put behind: impossible for a reason that takes no search.
//!
//! In an order, what a get sees is what the last put before it put in, and behind that all that was appended since. So it
//! begins with the text of some put that was called before the get returned, or with what the object started with; no
//! other put lies surely between the two; and it has in it, as they are, all texts that were surely appended between the
//! two. Where this can be said of no put, no order reaches the return of the get. It is a necessary condition only.

use seriatim_model::{Model, Part, TextAccess};

use crate::numbered::{Interval, NEVER, Numbered};

/// How much is compared at the most, in bytes and puts: where that is too little, the search finds out.
const MOST: usize = 1 << 24;

/// The first return, by number, that no order reaches because its operation saw a text that cannot have been there. `None`
/// where there is none, or the object is of another kind.
pub(super) fn first<M: Model>(model: &M, part: &Part<M::Op>, numbered: &Numbered<'_>) -> Option<usize> {
    let access = |&op: &u32| model.text_access(&part.entries[op as usize].op);
    let accesses: Vec<TextAccess<'_>> = numbered.classes.iter().map(access).collect::<Option<_>>()?;
    Texts::new(&accesses, numbered).first_impossible(&accesses, numbered)
}

/// A put or an append. Events are counted from 1, so that what the object starts with can be put in before all.
#[derive(Clone, Copy)]
struct Wrote<'a> {
    call: u32,
    ret: u32,
    text: &'a str,
}

/// What was put in and appended.
struct Texts<'a> {
    /// By call, each with the latest return so far.
    puts: Vec<(Wrote<'a>, u32)>,
    /// The returns of puts in order, each with the latest call so far.
    replaced: Vec<(u32, u32)>,
    /// By call.
    appends: Vec<Wrote<'a>>,
    /// How much may still be compared.
    left: usize,
}

impl<'a> Texts<'a> {
    /// `accesses` stand by class.
    fn new(accesses: &[TextAccess<'a>], numbered: &Numbered<'_>) -> Self {
        // What the object starts with may be any text: every one begins with the empty one.
        let mut puts = vec![(Wrote { call: 0, ret: 0, text: "" }, 0)];
        let mut replaced = vec![(0, 0)];
        let mut appends = Vec::new();
        for op in &numbered.ops {
            let (call, ret) = from_one(op);
            match accesses[op.class as usize] {
                TextAccess::Put(text) => {
                    let latest = puts.last().map_or(0, |&(_, latest)| latest);
                    puts.push((Wrote { call, ret, text }, ret.max(latest)));
                    if ret != NEVER {
                        replaced.push((ret, call));
                    }
                }
                TextAccess::Append(text) => appends.push(Wrote { call, ret, text }),
                TextAccess::Saw(_) => {}
            }
        }
        replaced.sort_unstable();
        for at in 1..replaced.len() {
            replaced[at].1 = replaced[at].1.max(replaced[at - 1].1);
        }
        Self { puts, replaced, appends, left: MOST }
    }

    fn first_impossible(mut self, accesses: &[TextAccess<'_>], numbered: &Numbered<'_>) -> Option<usize> {
        for (at, &op) in numbered.returns.iter().enumerate() {
            if numbered.is_over(at) {
                return None;
            }
            let op = &numbered.ops[op as usize];
            if let TextAccess::Saw(text) = accesses[op.class as usize]
                && !self.may_be_seen(text, from_one(op))?
            {
                return Some(at);
            }
        }
        None
    }

    /// Whether a text may be seen between a call and a return; `None` where too much would have to be compared.
    fn may_be_seen(&mut self, seen: &str, (call, ret): (u32, u32)) -> Option<bool> {
        let replaced = &self.replaced[..self.replaced.partition_point(|&(ret, _)| ret < call)];
        // A put that returned before this was called was surely replaced.
        let surely_put = replaced.last().map_or(0, |&(_, call)| call);
        let begun = self.puts.partition_point(|(put, _)| put.call < ret);
        for &(put, latest) in self.puts[..begun].iter().rev() {
            if latest < surely_put {
                break;
            }
            self.left = self.left.checked_sub(1)?;
            if put.ret < surely_put || !seen.starts_with(put.text) {
                continue;
            }
            let since = &self.appends[self.appends.partition_point(|append| append.call < put.ret)..];
            let between = since.iter().take_while(|append| append.call < call);
            let mut is_whole = true;
            for append in between.filter(|append| append.ret < call) {
                self.left = self.left.checked_sub(seen.len() + 1)?;
                is_whole = seen.contains(append.text);
                if !is_whole {
                    break;
                }
            }
            if is_whole {
                return Some(true);
            }
        }
        Some(false)
    }
}

/// The call and the return of an operation, counted from 1.
fn from_one(op: &Interval) -> (u32, u32) {
    (op.call.saturating_add(1), op.ret.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use TextAccess::{Append, Put, Saw};

    use super::*;
    use crate::limits::Stop;

    /// The place of the first operation that saw what cannot have been there, of some in the order of their calls.
    fn impossible(ops: &[(u32, u32, TextAccess<'_>)]) -> Option<usize> {
        let stop = Stop::new();
        let intervals = (0..).zip(ops).map(|(class, &(call, ret, _))| Interval { call, ret, class });
        let numbered = Numbered::of(intervals.collect(), &stop);
        let accesses: Vec<_> = ops.iter().map(|&(_, _, access)| access).collect();
        let at = Texts::new(&accesses, &numbered).first_impossible(&accesses, &numbered)?;
        Some(numbered.returns[at] as usize)
    }

    #[test]
    fn what_was_surely_appended_is_seen() {
        let a = (0, 1, Append("a"));
        assert_eq!(impossible(&[a, (2, 3, Saw("a"))]), None);
        assert_eq!(impossible(&[a, (2, 3, Saw(""))]), Some(1));
        assert_eq!(impossible(&[a, (2, 3, Saw("ba"))]), None, "it may have started with this");
        // Not yet, or perhaps never.
        assert_eq!(impossible(&[(0, 3, Append("a")), (2, 4, Saw(""))]), None);
        assert_eq!(impossible(&[(0, NEVER, Append("a")), (2, 4, Saw(""))]), None);
        // Before the put or after it.
        assert_eq!(impossible(&[a, (2, 3, Put("b")), (4, 5, Saw("b"))]), None);
        assert_eq!(impossible(&[(0, 1, Put("b")), (2, 3, Append("a")), (4, 5, Saw("b"))]), Some(2));
        assert_eq!(impossible(&[(0, 3, Put("b")), (2, 4, Append("a")), (5, 6, Saw("b"))]), None);
        assert_eq!(impossible(&[(0, NEVER, Put("b")), (2, 3, Append("a")), (5, 6, Saw("b"))]), None);
    }

    #[test]
    fn what_was_put_in_last_is_what_it_begins_with() {
        let (a, b) = ((0, 1, Put("a")), (2, 3, Put("b")));
        assert_eq!(impossible(&[a, b, (4, 5, Saw("b"))]), None);
        assert_eq!(impossible(&[a, b, (4, 5, Saw("ba"))]), None);
        assert_eq!(impossible(&[a, b, (4, 5, Saw("ab"))]), Some(2));
        assert_eq!(impossible(&[a, b, (4, 5, Saw("a"))]), Some(2));
        // Either may be the last, or the second may not have been put in yet, or ever.
        for overlap in
            [[(0, 3, Put("a")), (1, 2, Put("b"))], [a, (2, 7, Put("b"))], [a, (2, NEVER, Put("b"))]]
        {
            for seen in ["a", "b"] {
                assert_eq!(
                    impossible(&[overlap[0], overlap[1], (4, 5, Saw(seen))]),
                    None,
                    "{overlap:?} {seen}"
                );
            }
            assert_eq!(impossible(&[overlap[0], overlap[1], (4, 5, Saw(""))]), Some(2));
        }
        // Nobody had put it in by then.
        assert_eq!(impossible(&[a, (2, 3, Saw("b")), (4, 5, Put("b"))]), Some(1));
        // A long one called early is among the last, whatever else was.
        let long = (0, 20, Put("long"));
        assert_eq!(impossible(&[long, (1, 2, Put("a")), (3, 4, Put("b")), (5, 6, Saw("long"))]), None);
        assert_eq!(impossible(&[long, (1, 2, Put("a")), (3, 4, Put("b")), (5, 6, Saw("a"))]), Some(3));
    }
}

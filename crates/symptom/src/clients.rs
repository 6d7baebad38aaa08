//! Which processes are one client. Whoever does not know what became of an operation goes on under a new number: the old one and
//! how many clients there are (Jepsen's convention), or some other distance that is always the same. Who was told what became of its
//! last operation keeps its number: whoever comes after it is another client.

use rustc_hash::FxHashMap;
use seriatim_history::ValueId;

use crate::cell::Answered;
use crate::grid::Grid;
use crate::observed::Pair;

/// What each process asked last: when, and whether nobody knows what became of it.
#[derive(Debug, Default)]
pub(crate) struct Last(FxHashMap<ValueId, (i64, bool)>);

impl Last {
    /// Looks at an operation of a process, in any order.
    pub(crate) fn take(&mut self, process: ValueId, call: i64, is_unknown: bool) {
        let last = self.0.entry(process).or_insert((call, is_unknown));
        *last = (call, is_unknown).max(*last);
    }

    fn is_unknown(&self, process: ValueId) -> bool {
        self.0.get(&process).is_some_and(|&(_, is_unknown)| is_unknown)
    }
}

/// The pairs and what they were answered, of clients instead of processes: each is named after the first of its processes.
pub(crate) fn folded(
    pairs: Vec<(Pair, usize)>,
    answered: Grid<Answered>,
    last: &Last,
    number: impl Fn(ValueId) -> Option<i64>,
) -> (Vec<(Pair, usize)>, Grid<Answered>) {
    let Some(client) = clients(&pairs, &answered, last, number) else { return (pairs, answered) };
    let mut groups: FxHashMap<Pair, Vec<usize>> = FxHashMap::default();
    for ((process, node), series) in pairs {
        groups.entry((client[&process], node)).or_default().push(series);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_unstable();
    let series: Vec<_> = groups.iter().map(|(_, series)| series.clone()).collect();
    let pairs = groups.into_iter().enumerate().map(|(at, (pair, _))| (pair, at));
    (pairs.collect(), answered.together(&series))
}

/// The first process of the client of each process; nothing where no process takes over from another one.
fn clients(
    pairs: &[(Pair, usize)],
    answered: &Grid<Answered>,
    asked: &Last,
    number: impl Fn(ValueId) -> Option<i64>,
) -> Option<FxHashMap<ValueId, ValueId>> {
    // When each began and ended, by its number.
    let mut lives: FxHashMap<i64, (ValueId, i64, i64)> = FxHashMap::default();
    for ((process, _), series) in pairs {
        let number = number(*process).filter(|&number| number >= 0)?;
        let Some((from, to)) = answered.extent(*series) else { continue };
        let life = lives.entry(number).or_insert((*process, from, to));
        *life = (*process, life.1.min(from), life.2.max(to));
    }
    let mut numbers: Vec<i64> = lives.keys().copied().collect();
    numbers.sort_unstable();
    let last = *numbers.last()?;
    // Whoever has a number that another one has a distance before takes over from that, when it is gone and does not know what
    // became of its last operation.
    let follows = |distance: i64| {
        numbers.iter().all(|number| {
            let before = number - distance;
            let takes_over =
                |&(process, _, to): &(ValueId, i64, i64)| to <= lives[number].1 && asked.is_unknown(process);
            before < 0 || lives.get(&before).is_some_and(takes_over)
        })
    };
    let mut distances: Vec<_> = numbers.iter().map(|number| last - number).filter(|&of| of > 0).collect();
    distances.reverse();
    let distance = distances.into_iter().find(|&distance| follows(distance))?;
    let first = |number: i64| lives[&number.rem_euclid(distance)].0;
    Some(lives.iter().map(|(&number, &(process, ..))| (process, first(number))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is found of processes with these numbers, each with the first and the last stretch in which it did something, the last
    /// of which nobody knows what became of.
    fn of(lives: &[(i64, i64, i64)]) -> Option<Vec<(u32, u32)>> {
        of_ends(lives, |_| true)
    }

    /// The same, where that is known of some numbers.
    fn of_ends(lives: &[(i64, i64, i64)], is_unknown: impl Fn(i64) -> bool) -> Option<Vec<(u32, u32)>> {
        let mut answered = Grid::<Answered>::new(1, 1_000);
        let mut pairs = Vec::new();
        let mut last = Last::default();
        for &(number, from, to) in lives {
            let series = answered.add();
            answered.at(series, from).calls += 1;
            answered.at(series, to).ok += 1;
            let process = ValueId::at(number as u32);
            last.take(process, to, is_unknown(number));
            last.take(process, from, !is_unknown(number));
            pairs.push(((process, None), series));
        }
        let clients = clients(&pairs, &answered, &last, |id| Some(id.index() as i64))?;
        let mut all: Vec<_> =
            clients.iter().map(|(one, other)| (one.index() as u32, other.index() as u32)).collect();
        all.sort_unstable();
        Some(all)
    }

    #[test]
    fn who_comes_after_another_one_at_one_distance_is_the_same() {
        let lives = [(0, 0, 90), (1, 0, 20), (2, 0, 40), (4, 20, 50), (5, 41, 90), (7, 52, 90)];
        assert_eq!(of(&lives), Some(vec![(0, 0), (1, 1), (2, 2), (4, 1), (5, 2), (7, 1)]));
        let far = [(0, 0, 90), (1, 0, 20), (1_000_001, 21, 90)];
        assert_eq!(of(&far), Some(vec![(0, 0), (1, 1), (1_000_001, 1)]));
    }

    #[test]
    fn who_works_at_the_same_time_is_another_one() {
        assert_eq!(of(&[(0, 0, 90), (1, 0, 90), (2, 0, 90)]), None);
        assert_eq!(of(&[(0, 0, 90), (1, 0, 50), (4, 20, 90)]), None);
        assert_eq!(of(&[(3, 0, 90)]), None);
    }

    #[test]
    fn who_knows_what_became_of_all_it_asked_keeps_its_number() {
        // New sessions at one distance from old ones that ended in order.
        let lives = [(0, 0, 90), (1, 0, 20), (2, 0, 40), (4, 21, 90), (5, 41, 90)];
        assert!(of(&lives).is_some());
        assert_eq!(of_ends(&lives, |_| false), None);
        assert_eq!(of_ends(&lives, |number| number != 2), None);
        assert_eq!(of_ends(&lives, |number| [1, 2].contains(&number)), of(&lives));
    }

    #[test]
    fn what_was_answered_goes_together() {
        let mut answered = Grid::<Answered>::new(1, 1_000);
        let series = [answered.add(), answered.add(), answered.add()];
        for (at, place) in [(0, 0), (0, 90), (1, 3), (2, 5)] {
            answered.at(series[at], place).ok += 1;
        }
        let node = Some(ValueId::at(9));
        let pair = |process: u32, at| ((ValueId::at(process), node), series[at]);
        // Process 3 is client 1 once more.
        let mut last = Last::default();
        last.take(ValueId::at(1), 3, true);
        let (pairs, answered) =
            folded(vec![pair(0, 0), pair(1, 1), pair(3, 2)], answered, &last, |id| Some(id.index() as i64));
        let clients: Vec<_> = pairs.iter().map(|((client, _), _)| client.index()).collect();
        assert_eq!(clients, [0, 1]);
        assert_eq!(answered.extent(pairs[1].1), Some((3, 5)));
    }
}

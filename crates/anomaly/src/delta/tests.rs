use seriatim_testkit::Rng;

use super::*;
use crate::small::{self, Did, INITIAL, Raw, Shape};

fn goes_on() -> bool {
    true
}

/// One part, without what a crash leaves open.
fn random(rng: &mut Rng, repeats: f64) -> Vec<Raw> {
    let shape = small::random_shape(rng);
    small::random(rng, &Shape { keys: 1, repeats, ..shape })
}

/// Whether the operations have a linearization if reads are called so much earlier, by definition.
fn suffices(all: &[Raw], by: u64) -> bool {
    // At one time calls that moved come before all else; what did not move keeps its place.
    let call = |raw: &Raw| match raw.did {
        Did::Read(_) if by > 0 => (raw.times.0 - by as i64, 0),
        _ => (raw.times.0, 1 + raw.call),
    };
    small::is_linearizable(all, call, |raw| raw.ret.map(|ret| (raw.times.1, 1 + ret)))
}

#[test]
fn delta_by_definition() {
    let mut rng = Rng::new(11);
    let (mut none, mut some, mut never) = (0, 0, 0);
    for _ in 0..20_000 {
        let all = random(&mut rng, 0.0);
        let (history, model) = small::history(&all);
        let parts = small::parts(&model, &history);
        let [part] = parts.as_slice() else { continue };
        let expected = (0..60).find(|&by| suffices(&all, by));
        let found = delta(&model, part, &history, &goes_on);
        assert_eq!(found, expected, "{all:#?}");
        match expected {
            Some(0) => none += 1,
            Some(_) => some += 1,
            None => never += 1,
        }
    }
    assert!(none > 1000 && some > 1000 && never > 1000, "{none} without, {some} with, {never} never");
}

#[test]
fn what_suffices_suffices_if_it_is_longer() {
    let mut rng = Rng::new(12);
    for _ in 0..500 {
        let all = random(&mut rng, 0.0);
        let first = (0..40).find(|&by| suffices(&all, by));
        if let Some(first) = first {
            assert!((first..40).all(|by| suffices(&all, by)), "{all:#?}");
        }
    }
}

#[test]
fn no_delta_where_values_repeat_or_times_are_missing() {
    let mut rng = Rng::new(13);
    for _ in 0..500 {
        let all = random(&mut rng, 0.8);
        let mut put: Vec<i64> = all.iter().filter_map(|raw| raw.did.put()).collect();
        put.sort_unstable();
        let repeats = put.contains(&INITIAL) || put.windows(2).any(|pair| pair[0] == pair[1]);
        let (mut history, model) = small::history(&all);
        let parts = small::parts(&model, &history);
        let [part] = parts.as_slice() else { continue };
        if repeats {
            assert_eq!(delta(&model, part, &history, &goes_on), None, "{all:#?}");
        }
        for operation in &mut history.operations {
            operation.call.time = None;
        }
        assert_eq!(delta(&model, part, &history, &goes_on), None, "{all:#?}");
    }
}

#[test]
fn versions_by_definition() {
    let mut rng = Rng::new(14);
    let mut far = 0;
    for at in 0..10_000 {
        let all = random(&mut rng, if at % 3 == 0 { 0.3 } else { 0.0 });
        let (history, model) = small::history(&all);
        let parts = small::parts(&model, &history);
        let [part] = parts.as_slice() else { continue };
        let writes = || all.iter().filter(|raw| raw.did.put().is_some());
        let behind = |reader: &Raw| {
            let saw = reader.did.saw()?;
            reader.ret?;
            let mut sources = writes().filter(|write| write.did.put() == Some(saw));
            let since = match (sources.next(), sources.next()) {
                (None, _) if saw == INITIAL => None,
                (Some(write), None) if saw != INITIAL => Some(write.ret?),
                _ => return None,
            };
            let is_between = |write: &&Raw| {
                since.is_none_or(|since| since < write.call) && write.ret.is_some_and(|ret| ret < reader.call)
            };
            Some(writes().filter(is_between).count() as u32).filter(|&count| count > 0)
        };
        let expected: Vec<(OpId, u32)> =
            (0..).zip(&all).filter_map(|(id, raw)| Some((OpId(id), behind(raw)?))).collect();
        far += usize::from(expected.iter().any(|&(_, count)| count > 1));
        assert_eq!(versions_behind(&model, part, &goes_on), expected, "{all:#?}");
    }
    assert!(far > 100, "{far} with more than one");
}

//! Histories of clients that rest now and then, so that a search finds instants at which nothing is open: it says the same
//! of them in pieces as in one.

use rayon::ThreadPool;
use seriatim_checker::{Limits, Memory, Options, Stop, Verdict, check_parts};
use seriatim_history::{EventId, History};
use seriatim_model::{Model, ModelName, ModelOptions, Visitor, part, with_any_model};
use seriatim_testkit::{Lie, Plant, Rng, Traffic};

use crate::judge::{IN_PIECES, SEARCH, certify};
use crate::{Extent, run};

/// The models whose objects are cut.
const CUT: [ModelName; 3] = [ModelName::Register, ModelName::CasRegister, ModelName::Kv];

/// Few values, so that it often matters which of several writes was the last, and now and then a lie or a crash.
fn traffic(model: ModelName, rng: &mut Rng) -> Traffic {
    let lie = *rng.pick(&[None, Some(Lie::Stale), Some(Lie::Stale), Some(Lie::NeverWritten)]);
    let operations = rng.between(10, 80);
    Traffic {
        values: rng.between(1, 4),
        rest: *rng.pick(&[0.3, 0.5, 1.0, 2.0]),
        crash: *rng.pick(&[0.0, 0.0, 0.02]),
        plant: lie.map(|lie| Plant { lie, at: 0.3 + 0.6 * rng.unit() }),
        ..Traffic::new(model, operations, rng.between(1, 4))
    }
}

struct Both<'a>(&'a History, &'a ThreadPool);

impl Visitor for Both<'_> {
    /// Where the history is refuted, if it is.
    type Out = Result<Option<EventId>, String>;

    fn visit<M: Model + Clone + Send + 'static>(self, model: M) -> Self::Out
    where
        M::State: Ord,
    {
        let parts = part::split(&model, self.0).expect("operations of the model");
        let (stop, memory) = (Stop::new(), Memory::new(usize::MAX));
        let limits = Limits { configurations: u64::MAX, stop: &stop, memory: &memory };
        let say = |options: Options| -> Result<Vec<Option<EventId>>, String> {
            let decisions = check_parts(&model, &parts, &limits, options, &());
            let said = parts.iter().zip(decisions).map(|(part, decision)| match decision.verdict {
                Verdict::Linearizable(proof) => certify(&model, part, &proof).map(|()| None),
                Verdict::NotLinearizable(refutation) => Ok(Some(refutation.ret)),
                Verdict::Unknown(cause) => Err(format!("unknown: {cause:?}")),
            });
            said.collect()
        };
        let whole = say(SEARCH)?;
        let pieces = [say(IN_PIECES)?, self.1.install(|| say(IN_PIECES))?];
        if pieces.iter().any(|said| *said != whole) {
            return Err(format!("whole: {whole:?}, in pieces, and in pieces shared: {pieces:?}"));
        }
        Ok(whole.into_iter().flatten().min())
    }
}

#[test]
fn pieces_say_what_the_whole_says() {
    let extent = Extent::of(1_200);
    for model in CUT.into_iter().filter(|model| extent.models.contains(model)) {
        let [invalid] = run::over(extent.seeds(), |seed, several| {
            let traffic = traffic(model, &mut Rng::new(seed));
            let history = traffic.script(seed).0.history();
            let options = ModelOptions::default();
            let said = with_any_model(model, &options, &history.values, Both(&history, several));
            match said.expect("these options fit") {
                Ok(bad) => [usize::from(bad.is_some())],
                Err(why) => panic!("seed {seed}, {traffic:?}: {why}"),
            }
        });
        let cases = extent.cases as usize;
        println!("{:<20} {} valid, {invalid} invalid", model.name(), cases - invalid);
        if cases >= 1000 {
            let least = invalid.min(cases - invalid);
            assert!(least * 10 > cases, "{} is tested one-sidedly", model.name());
        }
    }
}

//! Operations in a temporary file, in about the order of their ends.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};

use seriatim_history::{Answer, Completion, EventId, OpId, Operation, Point, SourceId, Span, ValueId};

/// Operations that are written to a file without a name.
pub(crate) struct Writing {
    file: BufWriter<File>,
    operations: usize,
}

impl Writing {
    /// None yet; `buffer` bytes are written at a time.
    pub(crate) fn new(buffer: usize) -> io::Result<Self> {
        Ok(Self { file: BufWriter::with_capacity(buffer, tempfile::tempfile()?), operations: 0 })
    }

    pub(crate) fn push(&mut self, id: OpId, operation: &Operation) -> io::Result<()> {
        self.operations += 1;
        self.file.write_all(&encode(id, operation))
    }

    /// All that were written.
    pub(crate) fn finish(self) -> io::Result<Records> {
        let Self { file, operations } = self;
        Ok(Records { file: file.into_inner().map_err(io::IntoInnerError::into_error)?, operations })
    }
}

/// The operations of a file.
pub(crate) struct Records {
    file: File,
    operations: usize,
}

/// What a file holds.
pub(crate) struct Held {
    /// In the order of their calls.
    pub(crate) operations: Vec<Operation>,
    /// The number of each in the whole history.
    pub(crate) numbers: Vec<u32>,
}

impl Records {
    /// How many bytes it takes to read them.
    pub(crate) fn bytes(&self) -> usize {
        self.operations * (RECORD + size_of::<u64>() + size_of::<Operation>() + size_of::<u32>())
    }

    /// Reads them all; the file is gone then.
    pub(crate) fn read(mut self) -> io::Result<Held> {
        let mut bytes = Vec::with_capacity(self.operations * RECORD);
        self.file.rewind()?;
        self.file.read_to_end(&mut bytes)?;
        let (records, _) = bytes.as_chunks::<RECORD>();
        let mut order: Vec<u64> =
            records.iter().zip(0..).map(|(record, at)| u64::from(word(record, 0)) << 32 | at).collect();
        order.sort_unstable();
        Ok(Held {
            operations: order.iter().map(|&place| decode(&records[place as u32 as usize])).collect(),
            numbers: order.iter().map(|place| (place >> 32) as u32).collect(),
        })
    }
}

/// The bytes of a record: 18 words, the least significant byte first.
const RECORD: usize = 4 * WORDS;
const WORDS: usize = 18;
/// In the word that tells what became of an operation: an end was recorded.
const ENDED: u32 = 4;

fn word(record: &[u8; RECORD], at: usize) -> u32 {
    let (words, _) = record.as_chunks();
    u32::from_le_bytes(words[at])
}

/// Without its times: once events are in order, nobody needs them but whoever asks which events faults met (`times`).
fn encode(id: OpId, operation: &Operation) -> [u8; RECORD] {
    let number = |value: Option<ValueId>| {
        value.map_or(0, |value| u32::try_from(value.index() + 1).expect("the number of a value has 32 bits"))
    };
    let (tag, answer) = match operation.completion {
        Completion::Unknown => (0, Answer::default()),
        Completion::Ok(answer) => (1, answer),
        Completion::Fail(answer) => (2, answer),
    };
    let halves = |offset: u64| [offset as u32, (offset >> 32) as u32];
    let [call_low, call_high] = halves(operation.call.span.start);
    let end = operation.end.unwrap_or(operation.call);
    let [end_low, end_high] = halves(end.span.start);
    let words: [u32; WORDS] = [
        id.0,
        number(Some(operation.process)),
        number(Some(operation.function)),
        number(operation.key),
        number(operation.argument),
        tag | if operation.end.is_some() { ENDED } else { 0 },
        number(answer.value),
        number(answer.result),
        number(operation.error),
        number(operation.node),
        operation.call.event.0,
        call_low,
        call_high,
        operation.call.span.len,
        end.event.0,
        end_low,
        end_high,
        end.span.len,
    ];
    let mut record = [0; RECORD];
    for (bytes, word) in record.as_chunks_mut().0.iter_mut().zip(words) {
        *bytes = word.to_le_bytes();
    }
    record
}

fn decode(record: &[u8; RECORD]) -> Operation {
    let value = |at: usize| word(record, at).checked_sub(1).map(ValueId::at);
    let point = |at: usize| {
        let start = u64::from(word(record, at + 1)) | u64::from(word(record, at + 2)) << 32;
        let span = Span { source: SourceId(0), start, len: word(record, at + 3) };
        Point { event: EventId(word(record, at)), time: None, span }
    };
    let answer = Answer { value: value(6), result: value(7) };
    Operation {
        process: value(1).expect("every operation has a process"),
        function: value(2).expect("every operation has a function"),
        key: value(3),
        argument: value(4),
        completion: match word(record, 5) % ENDED {
            0 => Completion::Unknown,
            1 => Completion::Ok(answer),
            _ => Completion::Fail(answer),
        },
        error: value(8),
        node: value(9),
        told: None,
        call: point(10),
        end: (word(record, 5) >= ENDED).then(|| point(14)),
    }
}

#[cfg(test)]
mod tests {
    use seriatim_history::Values;

    use super::*;

    #[test]
    fn records_lead_back() {
        let mut values = Values::new();
        let ids = [values.text("f"), values.int(7), values.int(8), values.text("e")];
        let point = |event: u32, start: u64| Point {
            event: EventId(event),
            time: None,
            span: Span { source: SourceId(0), start, len: 70 },
        };
        let answer = Answer { value: Some(ids[2]), result: Some(ValueId::TRUE) };
        for completion in [Completion::Unknown, Completion::Ok(answer), Completion::Fail(Answer::default())] {
            for (key, end) in [(None, None), (Some(ids[3]), Some(point(u32::MAX, u64::MAX)))] {
                let operation = Operation {
                    process: ids[1],
                    function: ids[0],
                    key,
                    argument: Some(ValueId::NIL),
                    completion,
                    error: key,
                    node: None,
                    told: None,
                    call: point(3, 1 << 40),
                    end,
                };
                let record = encode(OpId(9), &operation);
                assert_eq!((word(&record, 0), decode(&record)), (9, operation));
            }
        }
    }
}

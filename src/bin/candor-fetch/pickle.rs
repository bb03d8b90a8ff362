//! A reader of pickles that executes nothing.
//!
//! A pickle is a program for a stack machine that may name any Python function and call it. Here names and calls are only
//! written down as data; whoever reads the result decides which of them it understands. Protocol 2, the opcodes that torch
//! writes. Everything is bounded by the length of the input: each opcode makes at most one value.

use std::collections::HashMap;

/// Index of a value in its [`Pickle`]. Values refer to each other by it, since Python's may be shared.
pub(crate) type Ref = usize;

/// A value of a pickle.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    /// None, and what nothing here needs: floating point numbers, long integers of more than eight bytes.
    Nothing,
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A text.
    Text(String),
    /// A tuple.
    Tuple(Vec<Ref>),
    /// A list.
    List(Vec<Ref>),
    /// A dictionary, in order.
    Dict(Vec<(Ref, Ref)>),
    /// The name of something in Python: module and name.
    Global(String, String),
    /// A reference to something outside the pickle; torch's storages.
    Persistent(Ref),
    /// A call that was written down: what would be called, its arguments, the state that would be set.
    Call {
        /// What would be called.
        callee: Ref,
        /// A tuple.
        args: Ref,
        /// Given by BUILD.
        state: Option<Ref>,
        /// Given by SETITEMS: an ordered dictionary is a call that is then filled.
        items: Vec<(Ref, Ref)>,
    },
}

/// Why a pickle cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PickleError {
    /// The input ends before the pickle does.
    #[error("the pickle is cut off")]
    CutOff,
    /// An opcode that torch does not write.
    #[error("the pickle has an unknown opcode {0:#04x} at {1}")]
    Opcode(u8, usize),
    /// The stack machine would fail.
    #[error("the pickle makes no sense at {0}")]
    Malformed(usize),
}

/// What was read.
#[derive(Debug)]
pub(crate) struct Pickle {
    values: Vec<Value>,
    /// The result.
    pub(crate) root: Ref,
    /// Bytes that the pickle took.
    pub(crate) length: usize,
}

impl Pickle {
    /// Reads one pickle from the start of the input.
    ///
    /// # Errors
    /// When the input is no pickle of the kind described above.
    pub(crate) fn read(input: &[u8]) -> Result<Self, PickleError> {
        let mut machine = Machine { input, at: 0, values: vec![], stack: vec![], marks: vec![], memo: HashMap::new() };
        while machine.step()? {}
        let root = machine.pop()?;
        Ok(Self { root, length: machine.at, values: machine.values })
    }

    /// The value behind a reference.
    pub(crate) fn get(&self, at: Ref) -> &Value {
        self.values.get(at).unwrap_or(&Value::Nothing)
    }

    /// The entries of a dictionary, or of an object's state, under their names.
    pub(crate) fn entries(&self, at: Ref) -> Vec<(&str, Ref)> {
        let pairs = match self.get(at) {
            Value::Dict(pairs) => pairs,
            Value::Call { state: Some(state), items, .. } if items.is_empty() => match self.get(*state) {
                Value::Dict(pairs) => pairs,
                _ => return vec![],
            },
            Value::Call { items, .. } => items,
            _ => return vec![],
        };
        let named = |(key, value): &(Ref, Ref)| match self.get(*key) {
            Value::Text(name) => Some((name.as_str(), *value)),
            _ => None,
        };
        pairs.iter().filter_map(named).collect()
    }

    /// One entry of [`Self::entries`].
    pub(crate) fn entry(&self, at: Ref, name: &str) -> Option<Ref> {
        self.entries(at).into_iter().find(|(n, _)| *n == name).map(|(_, value)| value)
    }

    /// A tuple's or list's items; empty for anything else.
    pub(crate) fn items(&self, at: Ref) -> &[Ref] {
        match self.get(at) {
            Value::Tuple(items) | Value::List(items) => items,
            _ => &[],
        }
    }

    /// An integer that is not negative.
    pub(crate) fn size(&self, at: Ref) -> Option<usize> {
        match self.get(at) {
            Value::Int(n) => usize::try_from(*n).ok(),
            _ => None,
        }
    }
}

struct Machine<'a> {
    input: &'a [u8],
    at: usize,
    values: Vec<Value>,
    stack: Vec<Ref>,
    marks: Vec<usize>,
    memo: HashMap<u32, Ref>,
}

impl<'a> Machine<'a> {
    /// Carries out one opcode; false after the last.
    fn step(&mut self) -> Result<bool, PickleError> {
        let start = self.at;
        match self.take(1)?[0] {
            b'.' => return Ok(false),
            0x80 => drop(self.take(1)?),
            b'(' => self.marks.push(self.stack.len()),
            b'N' => self.push(Value::Nothing),
            0x88 => self.push(Value::Bool(true)),
            0x89 => self.push(Value::Bool(false)),
            b'K' => {
                let n = self.take(1)?[0];
                self.push(Value::Int(n.into()));
            }
            b'M' => {
                let n = u16::from_le_bytes(self.array()?);
                self.push(Value::Int(n.into()));
            }
            b'J' => {
                let n = i32::from_le_bytes(self.array()?);
                self.push(Value::Int(n.into()));
            }
            0x8a => self.long()?,
            b'G' => {
                self.take(8)?;
                self.push(Value::Nothing);
            }
            b'X' => {
                let length = u32::from_le_bytes(self.array()?) as usize;
                let text = String::from_utf8_lossy(self.take(length)?).into_owned();
                self.push(Value::Text(text));
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Value::Global(module, name));
            }
            b'q' => {
                let key = self.take(1)?[0].into();
                self.memoize(key)?;
            }
            b'r' => {
                let key = u32::from_le_bytes(self.array()?);
                self.memoize(key)?;
            }
            b'h' => {
                let key = self.take(1)?[0].into();
                self.recall(key)?;
            }
            b'j' => {
                let key = u32::from_le_bytes(self.array()?);
                self.recall(key)?;
            }
            b')' => self.push(Value::Tuple(vec![])),
            b'}' => self.push(Value::Dict(vec![])),
            b']' => self.push(Value::List(vec![])),
            b't' => {
                let items = self.since_mark()?;
                self.push(Value::Tuple(items));
            }
            n @ 0x85..=0x87 => {
                let items = self.last(usize::from(n - 0x84))?;
                self.push(Value::Tuple(items));
            }
            b'Q' => {
                let id = self.pop()?;
                self.push(Value::Persistent(id));
            }
            // REDUCE and NEWOBJ: call a function, make an object.
            b'R' | 0x81 => {
                let (args, callee) = (self.pop()?, self.pop()?);
                self.push(Value::Call { callee, args, state: None, items: vec![] });
            }
            b'b' => self.build()?,
            b'a' => {
                let item = self.last(1)?;
                self.append(item)?;
            }
            b'e' => {
                let items = self.since_mark()?;
                self.append(items)?;
            }
            b's' => {
                let pair = self.last(2)?;
                self.set_items(&pair)?;
            }
            b'u' => {
                let items = self.since_mark()?;
                self.set_items(&items)?;
            }
            other => return Err(PickleError::Opcode(other, start)),
        }
        Ok(true)
    }

    fn take(&mut self, n: usize) -> Result<&'a [u8], PickleError> {
        let bytes = self.input.get(self.at..).and_then(|rest| rest.get(..n)).ok_or(PickleError::CutOff)?;
        self.at += n;
        Ok(bytes)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PickleError> {
        self.take(N)?.try_into().map_err(|_| PickleError::CutOff)
    }

    fn line(&mut self) -> Result<String, PickleError> {
        let rest = &self.input[self.at..];
        let length = rest.iter().position(|b| *b == b'\n').ok_or(PickleError::CutOff)?;
        self.at += length + 1;
        Ok(String::from_utf8_lossy(&rest[..length]).into_owned())
    }

    /// LONG1: a length, then a little-endian two's complement number.
    fn long(&mut self) -> Result<(), PickleError> {
        let length = usize::from(self.take(1)?[0]);
        let bytes = self.take(length)?;
        let sign = if bytes.last().is_some_and(|b| *b > 127) { 0xff } else { 0 };
        let mut wide = [sign; 8];
        self.push(match wide.get_mut(..length) {
            Some(low) => {
                low.copy_from_slice(bytes);
                Value::Int(i64::from_le_bytes(wide))
            }
            None => Value::Nothing,
        });
        Ok(())
    }

    fn push(&mut self, value: Value) {
        self.stack.push(self.values.len());
        self.values.push(value);
    }

    fn malformed<T>(&self) -> Result<T, PickleError> {
        Err(PickleError::Malformed(self.at))
    }

    fn pop(&mut self) -> Result<Ref, PickleError> {
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return self.malformed();
        }
        self.stack.pop().ok_or(PickleError::Malformed(self.at))
    }

    fn last(&mut self, n: usize) -> Result<Vec<Ref>, PickleError> {
        let mut items = (0..n).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        items.reverse();
        Ok(items)
    }

    fn since_mark(&mut self) -> Result<Vec<Ref>, PickleError> {
        let mark = self.marks.pop().ok_or(PickleError::Malformed(self.at))?;
        Ok(self.stack.split_off(mark))
    }

    fn memoize(&mut self, key: u32) -> Result<(), PickleError> {
        let top = self.stack.last().copied().ok_or(PickleError::Malformed(self.at))?;
        self.memo.insert(key, top);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Result<(), PickleError> {
        let value = self.memo.get(&key).copied().ok_or(PickleError::Malformed(self.at))?;
        self.stack.push(value);
        Ok(())
    }

    fn append(&mut self, items: Vec<Ref>) -> Result<(), PickleError> {
        match self.top() {
            Some(Value::List(list)) => {
                list.extend(items);
                Ok(())
            }
            _ => self.malformed(),
        }
    }

    fn set_items(&mut self, flat: &[Ref]) -> Result<(), PickleError> {
        let new = flat.chunks_exact(2).map(|pair| (pair[0], pair[1]));
        match self.top() {
            Some(Value::Dict(items) | Value::Call { items, .. }) if flat.len().is_multiple_of(2) => {
                items.extend(new);
                Ok(())
            }
            _ => self.malformed(),
        }
    }

    fn build(&mut self) -> Result<(), PickleError> {
        let given = self.pop()?;
        match self.top() {
            Some(Value::Call { state, .. }) => {
                *state = Some(given);
                Ok(())
            }
            _ => self.malformed(),
        }
    }

    fn top(&mut self) -> Option<&mut Value> {
        self.stack.last().and_then(|at| self.values.get_mut(*at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Python's `pickle.dumps({"a": [1, -2, True], "b": (None,)}, protocol=2)` writes.
    const DICT: &[u8] =
        b"\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xfe\xff\xff\xff\x88eX\x01\x00\x00\x00bq\x03N\x85q\x04u.";

    #[test]
    fn a_dictionary_is_read_in_order() {
        let pickle = Pickle::read(DICT).unwrap();
        assert_eq!(pickle.length, DICT.len());
        let names: Vec<_> = pickle.entries(pickle.root).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["a", "b"]);
        let list = pickle.items(pickle.entry(pickle.root, "a").unwrap());
        let values: Vec<_> = list.iter().map(|at| pickle.get(*at)).collect();
        assert_eq!(values, [&Value::Int(1), &Value::Int(-2), &Value::Bool(true)]);
        assert_eq!(pickle.size(list[0]), Some(1));
        assert_eq!(pickle.size(list[1]), None);
    }

    #[test]
    fn a_dangerous_call_is_only_written_down() {
        let pickle = Pickle::read(b"\x80\x02cos\nsystem\nX\x02\x00\x00\x00ls\x85R.").unwrap();
        let Value::Call { callee, args, .. } = pickle.get(pickle.root) else { panic!("no call") };
        assert_eq!(pickle.get(*callee), &Value::Global("os".into(), "system".into()));
        assert_eq!(pickle.get(pickle.items(*args)[0]), &Value::Text("ls".into()));
    }

    #[test]
    fn long_numbers_are_read_up_to_eight_bytes() {
        let number = |input: &[u8]| Pickle::read(input).map(|p| p.get(p.root).clone());
        assert_eq!(number(b"\x8a\x02\x00\xff."), Ok(Value::Int(-256)));
        assert_eq!(number(b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19."), Ok(Value::Nothing));
    }

    #[test]
    fn every_cut_is_noticed() {
        for end in 0..DICT.len() {
            assert!(Pickle::read(&DICT[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let refused = |input: &[u8]| Pickle::read(input).unwrap_err();
        assert_eq!(refused(b"\x80\x02\xff."), PickleError::Opcode(0xff, 2));
        assert_eq!(refused(b"."), PickleError::Malformed(1));
        assert_eq!(refused(b"t."), PickleError::Malformed(1));
        assert_eq!(refused(b"h\x07."), PickleError::Malformed(2));
        assert_eq!(refused(b"K\x01K\x02a."), PickleError::Malformed(5));
        assert_eq!(refused(b"K\x01K\x02(R."), PickleError::Malformed(6));
    }

    #[test]
    fn no_input_makes_it_panic() {
        proptest::proptest!(|(input: Vec<u8>)| drop(Pickle::read(&input)));
    }
}

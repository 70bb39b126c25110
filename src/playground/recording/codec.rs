//! How values are written: numbers in groups of seven bits, everything else in parts that are
//! kept once and named by their number.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use crate::api::time::Time;
use crate::api::value::EcoString;

/// A value that can be recorded.
pub(super) trait Record: Sized {
    /// Writes it.
    fn write(&self, to: &mut Writer);
    /// Reads it; nothing if what is there cannot be it.
    fn read(from: &mut Reader<'_>) -> Option<Self>;
}

/// Takes values in.
#[derive(Default)]
pub(super) struct Writer {
    pool: Vec<Vec<u8>>,
    numbers: BTreeMap<Vec<u8>, u32>,
    // What is being written, and the parts around it.
    open: Vec<Vec<u8>>,
}

impl Writer {
    /// A writer with an empty pool.
    pub fn new() -> Writer {
        Writer { open: vec![Vec::new()], ..Writer::default() }
    }

    fn byte(&mut self, byte: u8) {
        if let Some(open) = self.open.last_mut() {
            open.push(byte);
        }
    }

    /// Writes a number.
    pub fn number(&mut self, mut number: u64) {
        while number >= 128 {
            self.byte(number as u8 | 128);
            number >>= 7;
        }
        self.byte(number as u8);
    }

    /// Writes bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.byte(*byte));
    }

    /// What is written from now on is a part of its own.
    pub fn begin(&mut self) {
        self.open.push(Vec::new());
    }

    /// Ends the part: in its place stands its number.
    pub fn end(&mut self) {
        let part = self.open.pop().unwrap_or_default();
        let number = *self.numbers.entry(part.clone()).or_insert_with(|| {
            self.pool.push(part);
            (self.pool.len() - 1) as u32
        });
        self.number(number.into());
    }

    /// Makes a value a part that stands nowhere, and gives its number.
    pub fn part_of(&mut self, value: &impl Record) -> Option<u32> {
        self.open.push(Vec::new());
        value.write(self);
        let number = self.open.pop()?;
        u32::read(&mut Reader::new(&number, &Pool::default()))
    }

    /// What was written, if no parts were.
    pub fn plain(mut self) -> Vec<u8> {
        self.open.pop().unwrap_or_default()
    }

    /// The parts, then what was written outside of them.
    pub fn finish(self) -> Vec<u8> {
        let mut whole = Writer::new();
        whole.number(self.pool.len() as u64);
        self.pool.iter().for_each(|part| whole.number(part.len() as u64));
        self.pool.iter().chain(&self.open).for_each(|part| whole.bytes(part));
        whole.plain()
    }
}

/// The parts of a recording.
#[derive(Debug, Default)]
pub(super) struct Pool {
    bytes: Vec<u8>,
    // Where each part ends.
    ends: Vec<usize>,
    // Names that live as long as the page: each is kept once.
    names: RefCell<BTreeMap<u32, &'static str>>,
}

impl Pool {
    /// Reads the parts.
    pub fn read(from: &mut Reader<'_>) -> Option<Pool> {
        let (mut ends, mut end) = (Vec::new(), 0_usize);
        for _ in 0..from.number()? {
            end = end.checked_add(from.number()? as usize)?;
            ends.push(end);
        }
        Some(Pool { bytes: from.take(end)?.to_vec(), ends, names: RefCell::default() })
    }

    /// The value that is this part.
    pub fn value<T: Record>(&self, number: u32) -> Option<T> {
        let mut place = Writer::new();
        place.number(number.into());
        T::read(&mut Reader::new(&place.plain(), self))
    }

    // The inside of a part.
    fn part(&self, number: u32) -> Option<Reader<'_>> {
        let end = *self.ends.get(number as usize)?;
        let start = match number.checked_sub(1) {
            Some(before) => *self.ends.get(before as usize)?,
            None => 0,
        };
        Some(Reader { bytes: self.bytes.get(start..end)?, pool: self, within: number })
    }
}

/// Gives values back.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pool: &'a Pool,
    // Parts name earlier ones only: whatever is damaged, reading comes to an end.
    within: u32,
}

impl<'a> Reader<'a> {
    /// Reads what stands outside of parts.
    pub fn new(bytes: &'a [u8], pool: &'a Pool) -> Reader<'a> {
        Reader { bytes, pool, within: u32::MAX }
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    /// Reads a number.
    pub fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    }

    /// The next so many bytes.
    pub fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(taken)
    }

    /// All bytes that are left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    /// The part whose number comes next.
    pub fn part(&mut self) -> Option<Reader<'a>> {
        let number = u32::read(self)?;
        self.pool.part(number).filter(|_| number < self.within)
    }

    fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.part()?.rest()).ok()
    }

    fn name(&mut self) -> Option<&'static str> {
        let part = self.part()?;
        let text = std::str::from_utf8(part.bytes).ok()?;
        let mut names = self.pool.names.borrow_mut();
        Some(names.entry(part.within).or_insert_with(|| String::from(text).leak()))
    }
}

fn write_text(text: &str, to: &mut Writer) {
    to.begin();
    to.bytes(text.as_bytes());
    to.end();
}

impl Record for String {
    fn write(&self, to: &mut Writer) {
        write_text(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.text().map(String::from)
    }
}

impl Record for EcoString {
    fn write(&self, to: &mut Writer) {
        write_text(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.text().map(EcoString::from)
    }
}

impl Record for Arc<str> {
    fn write(&self, to: &mut Writer) {
        write_text(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.text().map(Arc::from)
    }
}

impl Record for &'static str {
    fn write(&self, to: &mut Writer) {
        write_text(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.name()
    }
}

impl Record for u32 {
    fn write(&self, to: &mut Writer) {
        to.number((*self).into());
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.number()?.try_into().ok()
    }
}

impl Record for u64 {
    fn write(&self, to: &mut Writer) {
        to.number(*self);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.number()
    }
}

impl Record for usize {
    fn write(&self, to: &mut Writer) {
        to.number(*self as u64);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        from.number()?.try_into().ok()
    }
}

impl Record for i64 {
    // Small numbers are short, whatever their sign.
    fn write(&self, to: &mut Writer) {
        to.number((self.wrapping_shl(1) ^ (self >> 63)) as u64);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        let number = from.number()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

impl Record for bool {
    fn write(&self, to: &mut Writer) {
        to.byte(u8::from(*self));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(from.byte()? != 0)
    }
}

impl Record for Time {
    fn write(&self, to: &mut Writer) {
        (self.0 - Time::START.0).write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some(Time(Time::START.0.wrapping_add(i64::read(from)?)))
    }
}

impl<T: Record> Record for Option<T> {
    fn write(&self, to: &mut Writer) {
        self.is_some().write(to);
        self.iter().for_each(|value| value.write(to));
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        match bool::read(from)? {
            true => T::read(from).map(Some),
            false => Some(None),
        }
    }
}

impl<T: Record> Record for Arc<T> {
    fn write(&self, to: &mut Writer) {
        T::write(self, to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        T::read(from).map(Arc::new)
    }
}

impl<A: Record, B: Record> Record for (A, B) {
    fn write(&self, to: &mut Writer) {
        self.0.write(to);
        self.1.write(to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        Some((A::read(from)?, B::read(from)?))
    }
}

impl<T: Record> Record for Vec<T> {
    fn write(&self, to: &mut Writer) {
        write_all(self.iter(), to);
    }

    fn read(from: &mut Reader<'_>) -> Option<Self> {
        read_all(from)
    }
}

/// Writes a list.
pub(super) fn write_all<'a, T: Record + 'a>(
    values: impl ExactSizeIterator<Item = &'a T>,
    to: &mut Writer,
) {
    to.number(values.len() as u64);
    values.for_each(|value| value.write(to));
}

/// Reads a list.
pub(super) fn read_all<T: Record, L: FromIterator<T>>(from: &mut Reader<'_>) -> Option<L> {
    (0..from.number()?).map(|_| T::read(from)).collect()
}

/// Structures are parts of their fields; a field given with a value is not written.
macro_rules! record {
    ($($type:ty { $($field:ident),* $(; $($left_out:ident: $value:expr),*)? })*) => {$(
        impl Record for $type {
            fn write(&self, to: &mut Writer) {
                to.begin();
                $(self.$field.write(to);)*
                to.end();
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                let from = &mut from.part()?;
                Some(Self { $($field: Record::read(from)?,)* $($($left_out: $value,)*)? })
            }
        }
    )*};
}

/// Enums without fields are numbers in the order given.
macro_rules! record_names {
    ($($type:ident [ $($name:ident),* $(,)? ])*) => {$(
        impl Record for $type {
            fn write(&self, to: &mut Writer) {
                // An enum that grows does not compile until it is listed.
                match self { $($type::$name => {})* }
                let place = [$($type::$name),*].iter().position(|known| known == self);
                place.unwrap_or_default().write(to);
            }

            fn read(from: &mut Reader<'_>) -> Option<Self> {
                [$($type::$name),*].get(usize::read(from)?).copied()
            }
        }
    )*};
}

pub(super) use {record, record_names};

//! What was found out about values, remembered as long as they are.
//!
//! Such a memory is no state: it says what the value itself says, only sooner.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::value::Value;

/// What is known of values by their place in memory.
pub struct Memory<T> {
    // While a value is held, no other has its place.
    known: BTreeMap<usize, (Value, Rc<T>)>,
    most: usize,
}

impl<T> Memory<T> {
    /// A memory for so many values; then it starts anew.
    pub const fn new(most: usize) -> Self {
        Memory { known: BTreeMap::new(), most }
    }

    /// What is known of `value`, found out if it was not asked for before.
    pub fn of(&mut self, value: &Value, find_out: impl FnOnce() -> T) -> Rc<T> {
        let Some(place) = value.place() else { return Rc::new(find_out()) };
        if let Some((_, known)) = self.known.get(&place) {
            return known.clone();
        }
        if self.known.len() >= self.most {
            self.known.clear();
        }
        let found = Rc::new(find_out());
        self.known.insert(place, (value.clone(), found.clone()));
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_of_a_value_is_looked_at_once() {
        let mut memory = Memory::new(2);
        let mut values: Vec<Value> = (0..3).map(|n| crate::value!({"n": n})).collect();
        let mut asked = 0;
        let mut ask = |value: &Value| {
            *memory.of(value, || {
                asked += 1;
                value.get("n").as_i64()
            })
        };
        assert_eq!([ask(&values[0]), ask(&values[0])], [Some(0), Some(0)]);
        values[0].set(&["n"], 7);
        assert_eq!(
            [ask(&values[0]), ask(&values[1]), ask(&values[2])],
            [Some(7), Some(1), Some(2)]
        );
        assert_eq!([ask(&Value::Int(1)), ask(&values[2])], [None, Some(2)]);
        assert_eq!(asked, 5);
    }
}

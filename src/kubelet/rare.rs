//! Room for what most Pods never have.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, DerefMut};

/// What is blank mostly, and takes hardly any room as long as nobody writes to it.
///
/// It equals, and hashes like, what is in it.
#[derive(Clone, Debug)]
pub struct Rare<T>(Option<Box<T>>);

/// What may be blank.
pub trait Blank: Default + 'static {
    /// Its default.
    fn blank() -> &'static Self;
}

impl<T: 'static> Blank for Vec<T> {
    fn blank() -> &'static Self {
        const { &Vec::new() }
    }
}

impl<T: 'static> Blank for VecDeque<T> {
    fn blank() -> &'static Self {
        const { &VecDeque::new() }
    }
}

impl<T: Blank> Rare<T> {
    /// Takes out what is in it.
    pub fn take(&mut self) -> T {
        self.0.take().map(|value| *value).unwrap_or_default()
    }

    /// Makes it blank.
    pub fn clear(&mut self) {
        self.0 = None;
    }
}

// These write to what is there and keep what is blank so.
impl<T: 'static> Rare<Vec<T>> {
    /// The items, for writing.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.as_deref_mut().into_iter().flatten()
    }
}

impl<T: 'static> Rare<VecDeque<T>> {
    /// Takes the first item.
    pub fn pop_front(&mut self) -> Option<T> {
        self.0.as_mut()?.pop_front()
    }
}

impl<T> Default for Rare<T> {
    fn default() -> Self {
        Rare(None)
    }
}

impl<T: Blank> Deref for Rare<T> {
    type Target = T;

    fn deref(&self) -> &T {
        match &self.0 {
            Some(value) => value,
            None => T::blank(),
        }
    }
}

impl<T: Blank> DerefMut for Rare<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.get_or_insert_default()
    }
}

impl<T: Blank + PartialEq> PartialEq for Rare<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Blank + Eq> Eq for Rare<T> {}

impl<T: Blank + Hash> Hash for Rare<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl<T: Blank + PartialEq> From<T> for Rare<T> {
    fn from(value: T) -> Self {
        Rare((value != *T::blank()).then(|| Box::new(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_is_in_it() {
        let mut list: Rare<Vec<i32>> = Rare::default();
        assert!(list.is_empty());
        assert!(list.iter_mut().next().is_none() && list.0.is_none());
        list.push(1);
        assert_eq!(list, Rare::from(vec![1]));
        assert_eq!(list.take(), [1]);
        assert!(list.0.is_none() && list == Rare::default());
        assert!(size_of::<Rare<Vec<i32>>>() < size_of::<Vec<i32>>());
    }
}

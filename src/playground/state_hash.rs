//! A hash of a whole session that is the same natively and on wasm32.
//!
//! Derived `Hash` feeds lengths and discriminants as `usize` and `isize`, whose width differs;
//! this hasher widens them.

use std::hash::{Hash, Hasher};

/// The hash of `value`: FNV-1a over 64 bits.
pub fn state_hash(value: &impl Hash) -> u64 {
    let mut hasher = Fnv(0xcbf2_9ce4_8422_2325);
    value.hash(&mut hasher);
    hasher.finish()
}

struct Fnv(u64);

impl Hasher for Fnv {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    fn write_usize(&mut self, i: usize) {
        self.write_u64(i as u64);
    }

    fn write_isize(&mut self, i: isize) {
        self.write_i64(i as i64);
    }
}

//! The only source of chance: seeded for the product, scripted for exhaustive tests.
//!
//! Everything that a real cluster leaves open (latencies, races, map orders, random names) is
//! asked here, so a seed and the learner's inputs decide a whole session.

/// A source of choices. Plain data: cloning it clones the future.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Choice {
    state: u64,
    script: Option<Script>,
}

/// Races answered from a list; what was asked beyond it is answered with 0 and noted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Script {
    answers: Vec<u32>,
    asked: Vec<u32>,
}

impl Choice {
    /// Choices that follow from `seed`.
    pub fn seeded(seed: u64) -> Self {
        Choice { state: seed ^ 0x5DEE_CE66_D1CE_4E5B, script: None }
    }

    /// Races answered by `answers` first and by 0 afterwards; names and uids as for seed 0.
    pub fn scripted(answers: Vec<u32>) -> Self {
        let script = Script { answers, asked: Vec::new() };
        Choice { script: Some(script), ..Self::seeded(0) }
    }

    /// For a scripted choice: how many options each race so far had, in order.
    pub fn asked(&self) -> &[u32] {
        self.script.as_ref().map_or(&[], |script| &script.asked)
    }

    // SplitMix64: one addition and a mixing function; passes the usual statistical tests.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A random number, for identities (uids, suffixes) that no test explores.
    pub fn random(&mut self) -> u64 {
        self.next()
    }

    /// A random number below `bound` (0 for a bound of 0), for what no test explores.
    pub fn below(&mut self, bound: u64) -> u64 {
        match bound {
            0 => 0,
            bound => self.next() % bound,
        }
    }

    /// Decides a race among `options` outcomes: which of them happens, counted from 0.
    pub fn race(&mut self, options: u32) -> u32 {
        match &mut self.script {
            Some(script) if options > 1 => {
                let answer = script.answers.get(script.asked.len()).copied().unwrap_or(0);
                script.asked.push(options);
                answer.min(options - 1)
            }
            Some(_) => 0,
            None => self.below(u64::from(options)) as u32,
        }
    }

    /// A latency between `least` and `most` microseconds. Under a script the two ends race.
    pub fn latency(&mut self, least: u64, most: u64) -> std::time::Duration {
        let micros = match self.script.is_some() {
            true => [least, most][self.race(2) as usize],
            false => least + self.below(most.saturating_sub(least) + 1),
        };
        std::time::Duration::from_micros(micros)
    }

    /// A random version-4 uid.
    pub fn uid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            a >> 32,
            (a >> 16) & 0xffff,
            a & 0xfff,
            0x8000 | (b >> 48) & 0x3fff,
            b & 0xffff_ffff_ffff
        )
    }

    /// `length` random characters of the alphabet of generated names (`utilrand.String`).
    pub fn suffix(&mut self, length: usize) -> String {
        const ALPHABET: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
        (0..length).map(|_| ALPHABET[self.below(ALPHABET.len() as u64) as usize] as char).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_answers_races_and_counts_them() {
        let mut choice = Choice::scripted(vec![2, 1]);
        assert_eq!((choice.race(3), choice.race(2), choice.race(5)), (2, 1, 0));
        assert_eq!(choice.asked(), [3, 2, 5]);
    }

    #[test]
    fn equal_seeds_choose_alike() {
        let (mut a, mut b) = (Choice::seeded(7), Choice::seeded(7));
        assert_eq!(a.uid(), b.uid());
        assert_ne!(a.suffix(5), Choice::seeded(8).suffix(5));
    }
}

//! `replay`: plays a transcript and prints it with what this cluster printed instead.

use crate::lesson::{replay, transcript};

const USAGE: &str = "usage: statefulset-playground replay [--seed N] FILE.md";

pub(super) fn run(arguments: &[String]) -> Result<(), String> {
    let (seed, path) = match arguments {
        [path] => (0, path),
        [flag, seed, path] if flag == "--seed" => {
            let seed =
                seed.parse().map_err(|_| format!("the seed {seed:?} is no number\n{USAGE}"))?;
            (seed, path)
        }
        _ => return Err(USAGE.into()),
    };
    let text = std::fs::read_to_string(path).map_err(|why| format!("cannot read {path}: {why}"))?;
    print!("{}", replay::replay(&transcript::parse(&text), &[], seed));
    Ok(())
}

//! The page on wasm32; the headless commands elsewhere.

fn main() {}

//! The page on wasm32; the headless commands elsewhere.

#[cfg(target_arch = "wasm32")]
fn main() {
    statefulset_playground::ui::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    statefulset_playground::headless::run(std::env::args().skip(1).collect())
}

//! The page on wasm32; the headless commands elsewhere.

#[cfg(target_arch = "wasm32")]
fn main() {
    statefulset_playground::ui::mount();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}

//! The lessons and exercises that come with the playground.
//!
//! Each is one Markdown file a language. The page loads a text when it is opened, from
//! `lessons/<slug>.<language>.md` beside it; only native builds carry the texts themselves.

/// An entry.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name in links and files.
    pub slug: &'static str,
    /// Whether it is an exercise.
    pub is_exercise: bool,
    /// Its title in English and in Chinese.
    pub title: [&'static str; 2],
    /// How many minutes a learner takes.
    pub minutes: u32,
    /// Its texts in English and in Chinese.
    #[cfg(not(target_arch = "wasm32"))]
    pub text: [&'static str; 2],
}

macro_rules! entry {
    ($kind:ident $slug:literal $minutes:literal $english:literal $chinese:literal) => {
        Entry {
            slug: $slug,
            is_exercise: entry!(@ $kind),
            title: [$english, $chinese],
            minutes: $minutes,
            #[cfg(not(target_arch = "wasm32"))]
            text: [
                include_str!(concat!($slug, ".en.md")),
                include_str!(concat!($slug, ".zh.md")),
            ],
        }
    };
    (@ lesson) => { false };
    (@ exercise) => { true };
}

/// All entries: lessons, then exercises, each from easy to hard.
pub static CATALOG: &[Entry] = &[
    entry!(lesson "claims-outlive-pods" 8 "Claims outlive their Pods" "存储声明比 Pod 活得久"),
    entry!(exercise "five-replicas-none-lost" 5 "Five replicas, none lost" "扩到五个，一个也不少"),
];

impl Entry {
    /// The entry of this name.
    pub fn named(slug: &str) -> Option<&'static Entry> {
        CATALOG.iter().find(|entry| entry.slug == slug)
    }

    /// Where the page finds its text, from the page's own place.
    pub fn path(&self, tongue: super::front_matter::Tongue) -> String {
        format!("lessons/{}.{}.md", self.slug, tongue.tag())
    }
}

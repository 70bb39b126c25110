//! "Copy embed code": HTML for somebody's page that shows this session.

use crate::locale::words::words;
use crate::playground::Playground;
use crate::playground::poster::{escape, poster};
use crate::playground::view::picture::picture;

/// The element, with the shown picture and its text for readers without scripts. `page` is the
/// playground's address up to its folder.
pub fn code(playground: &Playground, page: &str) -> String {
    let language = playground.language();
    let words = words(language);
    let title = match &playground.lessons().open {
        Some(open) => open.lesson.front.title.to_string(),
        None => playground.scenario().title(language).to_string(),
    };
    let poster = poster(&picture(playground.session(), language), &title, words);
    let (page, link) = (escape(page), escape(&playground.link()));
    let lang = if words.tag == "en" { "en" } else { "zh" };
    let mode = if playground.lessons().open.is_some() { "exercise" } else { "player" };
    format!(
        "<script type=\"module\" src=\"{page}embed.js\"></script>\n\
         <statefulset-playground src=\"#s={link}\" mode=\"{mode}\" lang=\"{lang}\">\n\
         {svg}\n<p>{text} <a href=\"{page}#s={link}\">StatefulSet Playground</a></p>\n\
         </statefulset-playground>\n",
        svg = poster.svg,
        text = escape(&poster.text),
    )
}

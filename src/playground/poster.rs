//! The picture as a still: SVG with a text alternative, for pages without scripts.
//!
//! Colours stand in attributes, so that a page that forbids inline styles shows them; classes let
//! a style sheet make it dark.

use std::fmt::Write as _;

use super::view::Words;
use super::view::picture::{LaneView, PictureView, PodPhase, PodView, SetView};

/// How many lanes of a set are drawn; the rest is counted.
const LANES_MAX: usize = 12;
const SETS_MAX: usize = 4;
const WIDTH: usize = 720;
const ROW: usize = 30;
const INK: &str = "#17191d";
const QUIET: &str = "#4f5661";

/// A still and the same in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poster {
    /// The SVG element.
    pub svg: String,
    /// Everything that it shows, one sentence for each row.
    pub text: String,
}

// What is drawn so far, and how far down it reaches.
struct Sheet {
    body: String,
    said: Vec<String>,
    y: usize,
}

/// Draws a picture under a title.
pub fn poster(picture: &PictureView, title: &str, words: &Words) -> Poster {
    let mut sheet = Sheet { body: String::new(), said: Vec::new(), y: 8 };
    sheet.heading(title);
    for set in picture.sets.iter().take(SETS_MAX) {
        sheet.set(set);
    }
    sheet.rest(picture.sets.len(), SETS_MAX);
    for pod in picture.others.iter().take(LANES_MAX) {
        sheet.row("", &pod.key.name, Some(pod), "", "");
    }
    sheet.rest(picture.others.len(), LANES_MAX);
    if picture.sets.is_empty() && picture.others.is_empty() {
        sheet.line(words.no_sets);
    }
    let text = sheet.said.join(" ");
    let svg = frame(&sheet.body, sheet.y + 8, title, &text);
    Poster { svg, text }
}

fn frame(body: &str, height: usize, title: &str, text: &str) -> String {
    let (title, text) = (escape(title), escape(text));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"poster\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"100%\" role=\"img\" aria-label=\"{title}: {text}\" font-family=\"system-ui, sans-serif\" \
         font-size=\"14\"><title>{title}</title><desc>{text}</desc>\
         <rect class=\"poster-ground\" width=\"{WIDTH}\" height=\"{height}\" rx=\"6\" fill=\"#fcfcfd\"/>\
         {body}</svg>"
    )
}

impl Sheet {
    fn heading(&mut self, title: &str) {
        self.y += ROW;
        self.text(16, title, "poster-ink", INK, " font-weight=\"600\"");
    }

    fn set(&mut self, set: &SetView) {
        let name = format!("StatefulSet {} {}/{}", set.key.name, set.ready, set.wanted);
        self.line(&name);
        for lane in set.lanes.iter().take(LANES_MAX) {
            self.lane(lane);
        }
        self.rest(set.lanes.len(), LANES_MAX);
    }

    fn lane(&mut self, lane: &LaneView) {
        let claims = lane.claims.iter().map(|claim| {
            let volume = claim.volume.as_ref().map(|volume| format!(" → {}", volume.key.name));
            let phase = if claim.phase.is_empty() { "–" } else { claim.phase.as_str() };
            format!("{} {phase}{}", claim.key.name, volume.unwrap_or_default())
        });
        let claims = claims.collect::<Vec<_>>().join(", ");
        let ordinal = lane.ordinal.to_string();
        self.row(&ordinal, &lane.pod_name, lane.pod.as_ref(), &claims, &lane.why);
    }

    fn row(&mut self, ordinal: &str, name: &str, pod: Option<&PodView>, claims: &str, why: &str) {
        self.y += ROW;
        self.text(16, ordinal, "poster-quiet", QUIET, "");
        let status = match pod {
            Some(pod) => {
                self.shape(pod.phase);
                format!("{} {}", pod.status, pod.ready)
            }
            None => "–".into(),
        };
        let node = pod.map(|pod| pod.node.as_str()).unwrap_or_default();
        self.text(64, &short(name, 16), "poster-ink", INK, "");
        match pod {
            Some(pod) => {
                let (class, ink) = colour(pod.phase);
                self.text(192, &short(&status, 24), class, ink, "");
            }
            None => self.text(192, &short(why, 30), "poster-quiet", QUIET, ""),
        }
        self.text(372, &short(claims, 34), "poster-quiet", QUIET, "");
        self.text(632, &short(node, 11), "poster-quiet", QUIET, "");
        let facts = [status.as_str(), if pod.is_none() { why } else { "" }, claims, node];
        let facts: Vec<&str> = facts.into_iter().filter(|fact| !fact.is_empty()).collect();
        self.said.push(format!("{name}: {}.", facts.join(", ").trim_end_matches(['.', '。'])));
    }

    fn shape(&mut self, phase: PodPhase) {
        let (class, ink) = colour(phase);
        let (path, top) = (phase.path(), self.y - 13);
        let _ = write!(
            self.body,
            "<path class=\"{class}\" transform=\"translate(40 {top})\" d=\"{path}\" fill=\"none\" \
             stroke=\"{ink}\" stroke-width=\"1.75\"/>"
        );
    }

    fn line(&mut self, text: &str) {
        self.y += ROW;
        self.text(16, text, "poster-ink", INK, "");
        self.said.push(format!("{}.", text.trim_end_matches(['.', '。'])));
    }

    fn rest(&mut self, count: usize, shown: usize) {
        if count > shown {
            self.line(&format!("… +{}", count - shown));
        }
    }

    fn text(&mut self, x: usize, text: &str, class: &str, ink: &str, more: &str) {
        if !text.is_empty() {
            let (y, text) = (self.y, escape(text));
            let _ = write!(
                self.body,
                "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" fill=\"{ink}\"{more}>{text}</text>"
            );
        }
    }
}

fn colour(phase: PodPhase) -> (&'static str, &'static str) {
    match phase {
        PodPhase::Pending => ("poster-quiet", QUIET),
        PodPhase::Creating | PodPhase::Running => ("poster-busy", "#1d5a9e"),
        PodPhase::Ready | PodPhase::Succeeded => ("poster-good", "#12692f"),
        PodPhase::Terminating => ("poster-leave", "#7d4b00"),
        PodPhase::Failed => ("poster-bad", "#a81b1b"),
    }
}

fn short(text: &str, most: usize) -> String {
    match text.chars().count() > most {
        true => text.chars().take(most - 1).chain(['…']).collect(),
        false => text.into(),
    }
}

/// A text as it stands in HTML and XML, in elements and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(' '),
            control if control.is_control() => {}
            other => escaped.push(other),
        }
    }
    escaped
}

//! The prose of a lesson: CommonMark as a tree of what may be shown.
//!
//! Raw HTML is text, images are their alternative text, and links that lead anywhere but to a web
//! page are text as well: nothing in a lesson can act by itself.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::api::value::EcoString;

/// A part of prose that stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prose {
    /// A paragraph.
    Paragraph(Vec<Span>),
    /// A heading below that of a step.
    Heading(Vec<Span>),
    /// A list; with its first number if it is numbered.
    List(Option<u64>, Vec<Vec<Prose>>),
    /// A quotation.
    Quote(Vec<Prose>),
    /// Code.
    Code(EcoString),
    /// A line across.
    Rule,
}

/// A part of a paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// Text.
    Text(EcoString),
    /// Code.
    Code(EcoString),
    /// Emphasised.
    Emphasis(Vec<Span>),
    /// Strongly emphasised.
    Strong(Vec<Span>),
    /// A link to a web page.
    Link(EcoString, Vec<Span>),
    /// A new line.
    Break,
}

/// Deeper structure than this is laid flat.
const DEPTH_MAX: usize = 12;

/// Reads prose. Anything is some.
pub fn parse(text: &str) -> Vec<Prose> {
    let mut builder = Builder::default();
    builder.open.push(Open { tag: Container::Root, prose: Vec::new(), spans: Vec::new() });
    for event in Parser::new_ext(text, Options::empty()) {
        builder.take(event);
    }
    while builder.open.len() > 1 {
        builder.close();
    }
    builder.open.pop().map(|root| root.into_prose()).unwrap_or_default()
}

#[derive(Default)]
struct Builder {
    open: Vec<Open>,
    // Openings that were left out, because they were too deep.
    skipped: usize,
}

struct Open {
    tag: Container,
    prose: Vec<Prose>,
    spans: Vec<Span>,
}

enum Container {
    Root,
    Paragraph,
    Heading,
    List(Option<u64>, Vec<Vec<Prose>>),
    Item,
    Quote,
    Code,
    Emphasis,
    Strong,
    Link(EcoString),
    /// Shown as what is in it.
    Plain,
}

impl Open {
    // Loose text of a tight list item is a paragraph of its own.
    fn settle(&mut self) {
        if !self.spans.is_empty() {
            let spans = std::mem::take(&mut self.spans);
            self.prose.push(Prose::Paragraph(spans));
        }
    }

    fn into_prose(mut self) -> Vec<Prose> {
        self.settle();
        self.prose
    }
}

impl Builder {
    fn take(&mut self, event: Event) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(end) => self.end(end),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => self.text(&text),
            Event::Code(text) => self.span(Span::Code(text.as_ref().into())),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.span(Span::Break),
            Event::Rule => self.block(Prose::Rule),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag) {
        if self.open.len() > DEPTH_MAX {
            self.skipped += 1;
            return;
        }
        let tag = match tag {
            Tag::Paragraph | Tag::HtmlBlock => Container::Paragraph,
            Tag::Heading { .. } => Container::Heading,
            Tag::List(first) => Container::List(first, Vec::new()),
            Tag::Item => Container::Item,
            Tag::BlockQuote(_) => Container::Quote,
            Tag::CodeBlock(_) => Container::Code,
            Tag::Emphasis => Container::Emphasis,
            Tag::Strong => Container::Strong,
            Tag::Link { dest_url, .. } if is_harmless(&dest_url) => {
                Container::Link(dest_url.as_ref().into())
            }
            _ => Container::Plain,
        };
        let is_block = !matches!(
            tag,
            Container::Emphasis | Container::Strong | Container::Link(_) | Container::Plain
        );
        if let Some(top) = self.open.last_mut().filter(|_| is_block) {
            top.settle();
        }
        self.open.push(Open { tag, prose: Vec::new(), spans: Vec::new() });
    }

    fn end(&mut self, _: TagEnd) {
        match self.skipped {
            0 if self.open.len() > 1 => self.close(),
            0 => {}
            _ => self.skipped -= 1,
        }
    }

    fn close(&mut self) {
        let Some(mut open) = self.open.pop() else { return };
        match std::mem::replace(&mut open.tag, Container::Root) {
            Container::Root => {}
            Container::Paragraph => self.block(Prose::Paragraph(open.spans)),
            Container::Heading => self.block(Prose::Heading(open.spans)),
            Container::List(first, mut items) => {
                let rest = open.into_prose();
                if !rest.is_empty() {
                    items.push(rest);
                }
                self.block(Prose::List(first, items));
            }
            Container::Item => self.item(open.into_prose()),
            Container::Quote => {
                let inner = open.into_prose();
                self.block(Prose::Quote(inner));
            }
            Container::Code => {
                let code: String = open.spans.iter().map(plain).collect();
                self.block(Prose::Code(code.into()));
            }
            Container::Emphasis => self.span(Span::Emphasis(open.spans)),
            Container::Strong => self.span(Span::Strong(open.spans)),
            Container::Link(to) => self.span(Span::Link(to, open.spans)),
            Container::Plain => {
                for span in open.spans {
                    self.span(span);
                }
                for prose in open.prose {
                    self.block(prose);
                }
            }
        }
    }

    fn item(&mut self, item: Vec<Prose>) {
        match self.open.last_mut().map(|top| &mut top.tag) {
            Some(Container::List(_, items)) => items.push(item),
            _ => item.into_iter().for_each(|prose| self.block(prose)),
        }
    }

    fn block(&mut self, prose: Prose) {
        if let Some(top) = self.open.last_mut() {
            top.settle();
            top.prose.push(prose);
        }
    }

    fn span(&mut self, span: Span) {
        if let Some(top) = self.open.last_mut() {
            top.spans.push(span);
        }
    }

    fn text(&mut self, text: &str) {
        let Some(top) = self.open.last_mut() else { return };
        match top.spans.last_mut() {
            Some(Span::Text(last)) => last.push_str(text),
            _ => top.spans.push(Span::Text(text.into())),
        }
    }
}

// Web pages and places beside this one; no script, no data, no other program.
fn is_harmless(address: &str) -> bool {
    let address = address.trim();
    let is_odd = |c: char| c.is_control() || c == '\\';
    if address.contains(is_odd) || address.starts_with("//") {
        return false;
    }
    let lower = address.to_ascii_lowercase();
    let end = lower.find(['/', '?', '#']).unwrap_or(lower.len());
    let has_scheme = lower.get(..end).is_some_and(|start| start.contains(':'));
    lower.starts_with("http://") || lower.starts_with("https://") || !has_scheme
}

/// What a span says, without its form.
pub fn plain(span: &Span) -> String {
    match span {
        Span::Text(text) | Span::Code(text) => text.to_string(),
        Span::Emphasis(spans) | Span::Strong(spans) | Span::Link(_, spans) => {
            spans.iter().map(plain).collect()
        }
        Span::Break => " ".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Span {
        Span::Text(text.into())
    }

    #[test]
    fn html_and_odd_links_are_text() {
        let parsed =
            parse("<script>x()</script>\n\na <b onclick=x>b</b> [c](javascript:x) ![d](e)");
        let said: Vec<String> = parsed
            .iter()
            .map(|prose| match prose {
                Prose::Paragraph(spans) => spans.iter().map(plain).collect(),
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(said, ["<script>x()</script>\n", "a <b onclick=x>b</b> c d"]);
        for odd in ["data:x", "//evil", "vbscript:x", "JAVASCRIPT:x", "java\\script:x", "mailto:a"]
        {
            assert!(!is_harmless(odd), "{odd}");
        }
        for good in ["https://kubernetes.io", "HTTP://a", "other.md", "./a?b=c:d", "#x", "a/b:c"] {
            assert!(is_harmless(good), "{good}");
        }
    }

    #[test]
    fn structure() {
        let parsed = parse("One *two* `three`.\n\n1. a\n2. b\n   - c\n\n> q\n\n    code\n");
        let item = |name: &str| Prose::Paragraph(vec![text(name)]);
        assert_eq!(
            parsed,
            [
                Prose::Paragraph(vec![
                    text("One "),
                    Span::Emphasis(vec![text("two")]),
                    text(" "),
                    Span::Code("three".into()),
                    text("."),
                ]),
                Prose::List(
                    Some(1),
                    vec![
                        vec![item("a")],
                        vec![item("b"), Prose::List(None, vec![vec![item("c")]])]
                    ]
                ),
                Prose::Quote(vec![item("q")]),
                Prose::Code("code\n".into()),
            ]
        );
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{}x", "> ".repeat(5_000));
        let mut depth = 0;
        let mut at = parse(&deep);
        while let Some(Prose::Quote(inner)) = at.into_iter().next() {
            depth += 1;
            at = inner;
        }
        assert!((1..=DEPTH_MAX).contains(&depth), "{depth}");
        parse(&format!("{}x", "*a _b ".repeat(5_000)));
    }
}

//! Prose is read as pulldown-cmark reads it: all texts of ours, and hard cases.

use pulldown_cmark::{Event, Options, Parser, Tag};
use statefulset_playground::lesson::catalog::CATALOG;
use statefulset_playground::lesson::prose::{Prose, Span, parse};

// A tree as text, in which both parsers' results can be compared.
fn ours(prose: &[Prose]) -> String {
    prose
        .iter()
        .map(|prose| match prose {
            Prose::Paragraph(spans) => format!("P({})\n", line(spans)),
            Prose::Heading(spans) => format!("H({})\n", line(spans)),
            Prose::List(first, items) => {
                let items: String = items.iter().map(|item| format!("I[{}]", ours(item))).collect();
                format!("L{first:?}({items})\n")
            }
            Prose::Quote(inner) => format!("Q({})\n", ours(inner)),
            Prose::Code(code) => format!("C({code})\n"),
            Prose::Rule => "R\n".into(),
        })
        .collect()
}

fn line(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| match span {
            Span::Text(text) => text.to_string(),
            Span::Code(code) => format!("`{code}`"),
            Span::Emphasis(inner) => format!("<em>{}</em>", line(inner)),
            Span::Strong(inner) => format!("<strong>{}</strong>", line(inner)),
            Span::Link(to, inner) => format!("<a {to}>{}</a>", line(inner)),
            Span::Break => "<br>".into(),
        })
        .collect()
}

fn theirs(text: &str) -> String {
    let mut out = String::new();
    // A tight item's text is a paragraph without a tag.
    let mut loose = false;
    for event in Parser::new_ext(text, Options::empty()) {
        let is_block = matches!(
            &event,
            Event::Start(
                Tag::Paragraph
                    | Tag::Heading { .. }
                    | Tag::List(_)
                    | Tag::BlockQuote(_)
                    | Tag::CodeBlock(_)
            ) | Event::End(pulldown_cmark::TagEnd::Item)
                | Event::Rule
        );
        if is_block && std::mem::take(&mut loose) {
            out += ")\n";
        }
        let is_inline = matches!(
            &event,
            Event::Text(_)
                | Event::Code(_)
                | Event::Start(Tag::Emphasis | Tag::Strong | Tag::Link { .. })
        );
        if is_inline && out.ends_with("I[") {
            out += "P(";
            loose = true;
        }
        use pulldown_cmark::TagEnd as End;
        out += &match event {
            Event::Start(Tag::Paragraph) => "P(".to_string(),
            Event::Start(Tag::Heading { .. }) => "H(".into(),
            Event::Start(Tag::List(first)) => format!("L{first:?}("),
            Event::Start(Tag::Item) => "I[".into(),
            Event::Start(Tag::BlockQuote(_)) => "Q(".into(),
            Event::Start(Tag::CodeBlock(_)) => "C(".into(),
            Event::Start(Tag::Emphasis) => "<em>".into(),
            Event::Start(Tag::Strong) => "<strong>".into(),
            Event::Start(Tag::Link { dest_url, .. }) => format!("<a {dest_url}>"),
            Event::End(End::Emphasis) => "</em>".into(),
            Event::End(End::Strong) => "</strong>".into(),
            Event::End(End::Link) => "</a>".into(),
            Event::End(End::Item) => "]".into(),
            Event::End(End::Image) | Event::Start(Tag::Image { .. }) => String::new(),
            Event::End(_) => ")\n".into(),
            Event::Text(text) | Event::InlineHtml(text) => text.to_string(),
            Event::Code(code) => format!("`{code}`"),
            Event::SoftBreak => " ".into(),
            Event::HardBreak => "<br>".into(),
            Event::Rule => "R\n".into(),
            other => panic!("{other:?}"),
        };
    }
    out
}

#[track_caller]
fn check(text: &str) {
    assert_eq!(ours(&parse(text)), theirs(text), "{text}");
}

// The prose between the blocks of a lesson.
fn chunks(text: &str) -> Vec<String> {
    let body = text.strip_prefix("---\n").and_then(|text| text.split_once("\n---\n"));
    let mut chunks = vec![String::new()];
    let mut is_inside = false;
    for line in body.map_or(text, |(_, body)| body).lines() {
        if line.starts_with("```") {
            is_inside = !is_inside;
            chunks.push(String::new());
        } else if !is_inside {
            let chunk = chunks.last_mut().unwrap();
            chunk.push_str(line);
            chunk.push('\n');
        }
    }
    chunks
}

#[test]
fn all_lessons_read_as_they_should() {
    for text in CATALOG.iter().flat_map(|entry| entry.text) {
        chunks(text).iter().for_each(|chunk| check(chunk));
    }
}

#[test]
fn hard_cases_read_as_they_should() {
    for text in [
        "One *two* `three`.\n\n1. a\n2. b\n   - c\n\n> q\n\n    code\n",
        "a\nb  \nc\\\nd",
        "- a\n- b\n\n  c\n- d\n",
        "* a\n\n  > q\n  > r\n\n  ```\n  x\n  ```\n* b",
        "3) a\n4) b\n- c\n+ d",
        "text\n- item\ntext\n2. no list\n1. a list",
        "> a\nb\n> c\n\nd",
        "Title\n=====\n\nOther\n---\n\n***\n\n# A #\n\n####### no",
        "*a **b** c* _d_ e_f_g __h__ ***i*** **j*k*l**",
        "**开始：**然后 **“引号”** 后 **词**，_词_。",
        "a * b * c ** d ** 2*3*4 \\*no\\* *a",
        "`` a`b `` ` x ` ` `` `unclosed",
        "[a](b) [c *d*](https://e/f_(g) \"t\") [h] [i](<j k>) ![alt x](y) [](z)",
        "[a [b](c) d](e) [x](y 'z') [x](y z)",
        "<https://k8s.io/docs> a < b > c &amp; &lt; & d",
        "a <b class=\"x\">c</b> d",
        "    code\n\n    more\n\ntext\n    not code",
        "~~~ x\na ``` b\n~~~\nafter",
        "- \n- a\n\n\n- b\n\nend",
        "10. a\n    b\n\n    c\n11. d",
        "*foo**bar* **foo*bar*baz** *a*b* **a",
    ] {
        check(text);
    }
}

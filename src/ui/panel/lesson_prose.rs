//! A lesson's prose as elements: never as HTML, whoever wrote it.

use leptos::prelude::*;

use crate::playground::view::lesson::{Prose, Span};

/// Prose.
pub fn prose(parts: &[Prose]) -> AnyView {
    parts.iter().map(part).collect_view().into_any()
}

fn part(part: &Prose) -> AnyView {
    match part {
        Prose::Paragraph(inner) => view! { <p>{spans(inner)}</p> }.into_any(),
        Prose::Heading(inner) => view! { <h4>{spans(inner)}</h4> }.into_any(),
        Prose::List(None, items) => view! { <ul>{list(items)}</ul> }.into_any(),
        Prose::List(Some(first), items) => {
            view! { <ol start=first.to_string()>{list(items)}</ol> }.into_any()
        }
        Prose::Quote(inner) => view! { <blockquote>{prose(inner)}</blockquote> }.into_any(),
        Prose::Code(text) => {
            view! { <pre tabindex="0"><code>{text.to_string()}</code></pre> }.into_any()
        }
        Prose::Rule => view! { <hr/> }.into_any(),
    }
}

fn list(items: &[Vec<Prose>]) -> AnyView {
    let item = |item: &Vec<Prose>| view! { <li>{prose(item)}</li> };
    items.iter().map(item).collect_view().into_any()
}

fn spans(all: &[Span]) -> AnyView {
    all.iter().map(span).collect_view().into_any()
}

fn span(span: &Span) -> AnyView {
    match span {
        Span::Text(text) => text.to_string().into_any(),
        Span::Code(text) => view! { <code>{text.to_string()}</code> }.into_any(),
        Span::Emphasis(inner) => view! { <em>{spans(inner)}</em> }.into_any(),
        Span::Strong(inner) => view! { <strong>{spans(inner)}</strong> }.into_any(),
        Span::Link(to, inner) => {
            // A place in this page opens here; the work stays when another page is opened.
            let target = (!to.starts_with('#')).then_some("_blank");
            view! {
                <a href=to.to_string() target=target rel="noopener noreferrer">{spans(inner)}</a>
            }
            .into_any()
        }
        Span::Break => view! { <br/> }.into_any(),
    }
}

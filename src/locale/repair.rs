//! What was done to a text that was copied from a page, in both languages.

use super::Language;
use crate::api::repair::Note;

/// A note as a sentence.
pub fn sentence(note: &Note, language: Language) -> String {
    match language {
        Language::En => en(note),
        Language::Zh => zh(note),
    }
}

fn top(path: &str) -> &str {
    if path.is_empty() { "the top level" } else { path }
}

fn en(note: &Note) -> String {
    match note {
        Note::Quotes => "typographic quotes become plain ones".into(),
        Note::FullWidth => "full-width punctuation becomes plain".into(),
        Note::Blanks => "non-breaking or invisible blanks become plain ones".into(),
        Note::Tabs => "tabs become blanks: YAML allows no tabs there".into(),
        Note::Dashes => "typographic dashes become hyphens".into(),
        Note::PageMarks => "line numbers and marks of the web page are taken out".into(),
        Note::Lines => "each field gets a line of its own".into(),
        Note::Indentation => {
            "the lost indentation comes back, as the fields of the kind ask".into()
        }
        Note::Ambiguous { line, field, chosen, other } => format!(
            "line {line}: {field} fits {} and also {}. It was put into the first: please check.",
            top(chosen),
            top(other)
        ),
        Note::BlockText { line } => format!(
            "line {line}: where the text after | ends, and its inner indentation, is a guess: \
             please check."
        ),
        Note::LostLineBreaks { line } => format!(
            "line {line}: the line breaks inside the text after | are lost, and nothing here tells \
             where they were. Copy that text from the original."
        ),
        Note::Glued { line } => format!(
            "line {line}: fields are glued to values without a blank or line break. Put each field \
             on a line of its own; the rest can then be repaired."
        ),
    }
}

fn zh(note: &Note) -> String {
    let top = |path: &str| if path.is_empty() { "最外层".to_string() } else { path.to_string() };
    match note {
        Note::Quotes => "弯引号换成直引号".into(),
        Note::FullWidth => "全角标点换成半角".into(),
        Note::Blanks => "不换行空格、不可见字符换成普通空格".into(),
        Note::Tabs => "制表符换成空格：YAML 在那里不允许制表符".into(),
        Note::Dashes => "长破折号换成连字符".into(),
        Note::PageMarks => "去掉网页带来的行号和符号".into(),
        Note::Lines => "每个字段单独一行".into(),
        Note::Indentation => "按照字段的结构补回丢失的缩进".into(),
        Note::Ambiguous { line, field, chosen, other } => format!(
            "第 {line} 行：{field} 既可以属于 {}，也可以属于 {}。这里放在前者，请确认。",
            top(chosen),
            top(other)
        ),
        Note::BlockText { line } => {
            format!("第 {line} 行：| 后面的文本到哪里结束、内部怎样缩进，只能推测，请确认。")
        }
        Note::LostLineBreaks { line } => format!(
            "第 {line} 行：| 后面的文本丢失了换行，从这里看不出原来在哪里断行，请从原文重新复制这一段。"
        ),
        Note::Glued { line } => format!(
            "第 {line} 行：字段和值粘在一起，没有空格或换行。请先让每个字段单独一行，其余的就能修复。"
        ),
    }
}

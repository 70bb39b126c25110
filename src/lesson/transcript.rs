//! The format of transcripts, which is also the core of a lesson: Markdown with fenced blocks.
//!
//! Files and commands are blocks (`super::fence`); everything else is prose and stays as it is.
//! Of a lesson, start state and solution are played, wrong solutions are not.

use super::fence::{self, Fence, Role};

/// A transcript, line by line in its own order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transcript {
    /// Its parts in order.
    pub parts: Vec<Part>,
}

/// A part of a transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A line of prose, or of a block that is never run.
    Text(String),
    /// A heading `## ...`: watches end before it.
    Section(String),
    /// A file in the working directory.
    File {
        /// The fence as written.
        fence: String,
        /// Its name.
        name: String,
        /// Its content, with the final newline.
        content: String,
    },
    /// Commands with what they printed.
    Console {
        /// The fence as written.
        fence: String,
        /// Whether its one command runs to the end of its section.
        watch: bool,
        /// Comments and commands in order.
        items: Vec<Item>,
    },
}

/// A line of a console block that is not output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// `## ...`
    Comment(String),
    /// A command.
    Command {
        /// The command, here-document lines included.
        command: String,
        /// What it printed when it was recorded, line by line.
        recorded: Vec<String>,
    },
}

/// Reads a transcript. Anything is one: what is not understood is prose.
pub fn parse(text: &str) -> Transcript {
    let mut parts = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        match line.strip_prefix("```") {
            Some(info) => parts.extend(block(line, info, &mut lines)),
            None if line.starts_with("## ") => parts.push(Part::Section(line.into())),
            None => parts.push(Part::Text(line.into())),
        }
    }
    Transcript { parts }
}

fn block<'a>(fence: &str, info: &str, lines: &mut impl Iterator<Item = &'a str>) -> Vec<Part> {
    let body: Vec<&str> = lines.take_while(|line| line.trim() != "```").collect();
    let fence = fence.to_string();
    match fence::parse(info) {
        Ok(Fence::Console(role, _)) if is_played(&role) => {
            vec![Part::Console { fence, watch: false, items: items(&body) }]
        }
        Ok(Fence::Watch) => vec![Part::Console { fence, watch: true, items: items(&body) }],
        Ok(Fence::File(name, role)) if is_played(&role) => {
            let content = body.iter().map(|line| format!("{line}\n")).collect();
            vec![Part::File { fence, name: name.to_string(), content }]
        }
        _ => {
            let text = std::iter::once(fence).chain(body.iter().map(|line| line.to_string()));
            text.chain(std::iter::once("```".to_string())).map(Part::Text).collect()
        }
    }
}

fn is_played(role: &Role) -> bool {
    !matches!(role, Role::Mutant(_))
}

/// The commands and comments of a console block.
pub(super) fn items(body: &[&str]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for line in body {
        if let Some(command) = line.strip_prefix("$ ") {
            items.push(Item::Command { command: command.into(), recorded: Vec::new() });
            continue;
        }
        match items.last_mut() {
            Some(Item::Command { command, recorded })
                if recorded.is_empty() && continues(command, line) =>
            {
                command.push('\n');
                command.push_str(line.strip_prefix("> ").unwrap_or(""));
            }
            Some(Item::Command { recorded, .. })
                if !line.starts_with("## ") || !recorded.is_empty() =>
            {
                // Before the next command a comment follows the output.
                if line.starts_with("## ") {
                    items.push(Item::Comment(line.to_string()));
                } else {
                    recorded.push(line.to_string());
                }
            }
            _ => items.push(Item::Comment(line.to_string())),
        }
    }
    items
}

fn continues(command: &str, line: &str) -> bool {
    command.contains("<<") && (line.starts_with("> ") || *line == *">")
}

impl Transcript {
    /// The transcript's text, with what `output` says in place of what was recorded: it gets the
    /// number of each command, counted from 0.
    pub fn write(&self, mut output: impl FnMut(usize) -> Vec<String>) -> String {
        let (mut out, mut count) = (String::new(), 0);
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        for part in &self.parts {
            match part {
                Part::Text(text) | Part::Section(text) => line(text),
                Part::File { fence, content, .. } => {
                    line(fence);
                    content.lines().for_each(&mut line);
                    line("```");
                }
                Part::Console { fence, items, .. } => {
                    line(fence);
                    for item in items {
                        match item {
                            Item::Comment(text) => line(text),
                            Item::Command { command, .. } => {
                                for (index, text) in command.split('\n').enumerate() {
                                    line(&format!("{} {text}", if index == 0 { '$' } else { '>' }));
                                }
                                output(count).iter().for_each(|text| line(text));
                                count += 1;
                            }
                        }
                    }
                    line("```");
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writing_the_recorded_output_gives_the_text_back() {
        let text = "# T\n\nProse.\n\n```yaml a.yaml\na: 1\n```\n\n## S\n\n```console watch\n$ w\nrow\n```\n\n\
            ```console\n## why\n$ cat <<E\n> x\n> E\nx\n\n[exit 1]\n## then\n$ b\n```\n";
        let transcript = parse(text);
        let mut recorded = Vec::new();
        for part in &transcript.parts {
            if let Part::Console { items, .. } = part {
                for item in items {
                    if let Item::Command { recorded: lines, .. } = item {
                        recorded.push(lines.clone());
                    }
                }
            }
        }
        assert_eq!(recorded.len(), 3);
        assert_eq!(transcript.write(|index| recorded[index].clone()), text);
    }
}

//! Elastic tabstops.
//!
//! Models Go's `text/tabwriter` and its fork `github.com/liggitt/tabwriter`, which remembers
//! widths from one flush to the next. Leaves out tabs as padding, right alignment and escapes.

/// Turns tab-separated cells into padded columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TabWriter {
    minimum_width: u32,
    padding: u32,
    /// Widest width so far per column, if widths are remembered.
    remembered: Option<Vec<u32>>,
    text: String,
}

impl TabWriter {
    /// The writer of `kubectl describe` (`printersutil.GetNewTabWriter` of describe.go).
    pub fn describe() -> Self {
        TabWriter { minimum_width: 0, padding: 2, remembered: None, text: String::new() }
    }

    /// The writer of tables (`printers.GetNewTabWriter`).
    pub fn table() -> Self {
        TabWriter {
            minimum_width: 6,
            padding: 3,
            remembered: Some(Vec::new()),
            text: String::new(),
        }
    }

    /// Adds text; cells end with a tab, lines with a newline.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Lays out what was added since the last flush.
    pub fn flush(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        let lines: Vec<Vec<&str>> =
            text.split('\n').map(|line| line.split('\t').collect()).collect();
        let mut layout =
            Layout { writer: self, lines: &lines, widths: Vec::new(), out: String::new() };
        layout.format(0, lines.len());
        let mut out = layout.out;
        // The piece after the last newline is no line of its own.
        out.pop();
        out
    }

    /// Forgets the widths of earlier flushes.
    pub fn forget_widths(&mut self) {
        if let Some(widths) = &mut self.remembered {
            widths.clear();
        }
    }
}

struct Layout<'a> {
    writer: &'a mut TabWriter,
    lines: &'a [Vec<&'a str>],
    widths: Vec<u32>,
    out: String,
}

impl Layout<'_> {
    /// Models text/tabwriter Writer.format: finds the column blocks of the next column.
    fn format(&mut self, mut start: usize, end: usize) {
        let column = self.widths.len();
        let mut line = start;
        while line < end {
            if !self.has_column(line, column) {
                line += 1;
                continue;
            }
            self.write(start, line);
            start = line;
            let mut width = self.writer.minimum_width;
            while line < end && self.has_column(line, column) {
                let cell = self.lines[line][column].chars().count() as u32;
                width = width.max(cell + self.writer.padding);
                line += 1;
            }
            let width = self.remember(column, width);
            self.widths.push(width);
            self.format(start, line);
            self.widths.pop();
            start = line;
        }
        self.write(start, end);
    }

    fn has_column(&self, line: usize, column: usize) -> bool {
        column + 1 < self.lines[line].len()
    }

    fn remember(&mut self, column: usize, width: u32) -> u32 {
        let Some(remembered) = &mut self.writer.remembered else {
            return width;
        };
        if remembered.len() <= column {
            remembered.resize(column + 1, 0);
        }
        remembered[column] = remembered[column].max(width);
        remembered[column]
    }

    fn write(&mut self, start: usize, end: usize) {
        for line in &self.lines[start..end] {
            for (index, cell) in line.iter().enumerate() {
                self.out.push_str(cell);
                if let Some(width) = self.widths.get(index).filter(|_| index + 1 < line.len()) {
                    let length = cell.chars().count() as u32;
                    for _ in length..*width {
                        self.out.push(' ');
                    }
                }
            }
            self.out.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_a_cell_ends_its_column() {
        let mut writer = TabWriter::describe();
        writer.push("Name:\tweb\nSelector:\tapp=nginx\nPods:\n  A:\t1\n  Longer:\t2\n");
        assert_eq!(
            writer.flush(),
            "Name:      web\nSelector:  app=nginx\nPods:\n  A:       1\n  Longer:  2\n"
        );
    }

    #[test]
    fn tables_remember_their_widths() {
        let mut writer = TabWriter::table();
        writer.push("NAME\tSTATUS\tAGE\nweb-0\tPending\t0s\n");
        assert_eq!(writer.flush(), "NAME    STATUS    AGE\nweb-0   Pending   0s\n");
        writer.push("web-0\tContainerCreating\t0s\n");
        assert_eq!(writer.flush(), "web-0   ContainerCreating   0s\n");
        writer.push("web-0\tRunning\t2s\n");
        assert_eq!(writer.flush(), "web-0   Running             2s\n");
    }
}

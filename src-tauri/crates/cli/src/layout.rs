//! Columns that line up, and texts of strangers made safe to print.

use unicode_width::UnicodeWidthStr;

/// Rows under a head.
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// With these column names.
    pub fn new(head: &[&str]) -> Self {
        Self {
            rows: vec![head.iter().map(|name| (*name).to_owned()).collect()],
        }
    }

    /// Without column names: names on the left, values on the right.
    pub fn of_pairs() -> Self {
        Self { rows: Vec::new() }
    }

    /// One more row.
    pub fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows
            .push(cells.into_iter().map(|cell| plain(&cell)).collect());
    }

    /// The lines, without space at their ends.
    pub fn to_text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or_default();
        let widths: Vec<usize> = (0..columns)
            .map(|column| {
                let cells = self.rows.iter().filter_map(|row| row.get(column));
                cells.map(|cell| cell.width()).max().unwrap_or_default()
            })
            .collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width - cell.width() + 2));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A text on one line that cannot move the cursor, ring, colour, or turn the direction of what stands beside it.
pub fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if steers(c) { '\u{fffd}' } else { c })
        .collect()
}

/// As [`plain`], keeping line ends.
pub fn plain_lines(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n")
}

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_for_wide_letters_too() {
        let mut table = Table::new(&["Name", "Cards"]);
        table.row(["佐藤".into(), "2".into()]);
        table.row(["Ada Lindqvist".into(), "1".into()]);
        assert_eq!(
            table.to_text(),
            "Name           Cards\n佐藤           2\nAda Lindqvist  1\n"
        );
    }

    #[test]
    fn a_strangers_text_cannot_steer_the_terminal() {
        assert_eq!(
            plain("a\u{1b}[2Jb\u{202e}c\nd\u{9b}"),
            "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\u{fffd}"
        );
        assert_eq!(plain_lines("a\nb\u{7}"), "a\nb\u{fffd}");
    }
}

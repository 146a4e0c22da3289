//! A file's text taken apart into records, each with the line it begins at.
//!
//! Must not know: what a column means.

use super::{DirectoryError, MAX_BYTES, MAX_CHARS, may_be_card_number};

/// The text with its records, and where each begins. The CSV reader's own line is the one before blank lines.
pub(super) struct Source<'a> {
    text: &'a [u8],
    delimiter: u8,
    reader: csv::Reader<&'a [u8]>,
    line: usize,
    counted_to: usize,
}

impl<'a> Source<'a> {
    /// Checks that it is text and finds the sign between two cells.
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, DirectoryError> {
        if bytes.len() > MAX_BYTES {
            return Err(DirectoryError::TooLarge);
        }
        let whole = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if let Err(error) = std::str::from_utf8(whole) {
            return Err(DirectoryError::NotUtf8 {
                line: 1 + line_ends(&whole[..error.valid_up_to()]),
            });
        }
        // Spreadsheets may name the delimiter in a line of its own.
        let (text, named) = match whole {
            [
                b's' | b'S',
                b'e' | b'E',
                b'p' | b'P',
                b'=',
                sign @ (b',' | b';' | b'\t'),
                b'\r',
                b'\n',
                rest @ ..,
            ] => (rest, Some(*sign)),
            [
                b's' | b'S',
                b'e' | b'E',
                b'p' | b'P',
                b'=',
                sign @ (b',' | b';' | b'\t'),
                b'\n',
                rest @ ..,
            ] => (rest, Some(*sign)),
            text => (text, None),
        };
        let delimiter = named.unwrap_or_else(|| delimiter(text));
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text);
        Ok(Self {
            text,
            delimiter,
            reader,
            line: if named.is_some() { 2 } else { 1 },
            counted_to: 0,
        })
    }

    /// The first row.
    pub(super) fn names(&mut self) -> Result<Vec<String>, DirectoryError> {
        let mut record = csv::StringRecord::new();
        if self.next(&mut record)?.is_none() {
            return Err(DirectoryError::Empty);
        }
        let names: Vec<String> = record.iter().map(|name| name.trim().to_owned()).collect();
        let is_data = |name: &String| {
            name.contains('@')
                || name.contains(char::is_control)
                || name.chars().nth(MAX_CHARS).is_some()
                || may_be_card_number(name)
        };
        if names.iter().any(is_data) || names.iter().all(String::is_empty) {
            return Err(DirectoryError::NoNames);
        }
        Ok(names)
    }

    /// Fills `record` with the next one and gives the line it begins at.
    pub(super) fn next(&mut self, record: &mut csv::StringRecord) -> Result<Option<usize>, DirectoryError> {
        let mut start = offset(self.reader.position());
        while self.text.get(start).is_some_and(|b| matches!(b, b'\r' | b'\n')) {
            start += 1;
        }
        self.line += line_ends(&self.text[self.counted_to..start]);
        self.counted_to = start;
        let unreadable = DirectoryError::Unreadable { line: self.line };
        if !self.reader.read_record(record).map_err(|_| unreadable)? {
            return Ok(None);
        }
        let end = offset(self.reader.position()).min(self.text.len());
        if end == self.text.len() && self.is_left_open(&self.text[start..end]) {
            return Err(DirectoryError::UnclosedQuote { line: self.line });
        }
        Ok(Some(self.line))
    }

    // A quotation mark inside an unquoted cell is a sign like any other, so one has to open a cell as well.
    fn is_left_open(&self, record: &[u8]) -> bool {
        let odd = record.iter().filter(|b| **b == b'"').count() % 2 == 1;
        let opens = |pair: &[u8]| matches!(pair[0], b'\r' | b'\n') || pair[0] == self.delimiter;
        odd && (record.first() == Some(&b'"') || record.windows(2).any(|pair| pair[1] == b'"' && opens(pair)))
    }
}

fn offset(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

// A carriage return, a line feed, or both in this order.
fn line_ends(text: &[u8]) -> usize {
    let feeds = text.iter().filter(|b| **b == b'\n').count();
    let lone_returns = (0..text.len())
        .filter(|at| text[*at] == b'\r' && text.get(at + 1) != Some(&b'\n'))
        .count();
    feeds + lone_returns
}

// The one seen most in the first line, outside quotes.
fn delimiter(text: &[u8]) -> u8 {
    let mut counts = [(b',', 0usize), (b';', 0), (b'\t', 0)];
    let mut quoted = false;
    let mut begun = false;
    for byte in text {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted && begun => break,
            b'\r' | b'\n' => continue,
            sign if !quoted => {
                if let Some((_, count)) = counts.iter_mut().find(|(known, _)| known == sign) {
                    *count += 1;
                }
            }
            _ => {}
        }
        begun = true;
    }
    let mut best = counts[0];
    for candidate in &counts[1..] {
        if candidate.1 > best.1 {
            best = *candidate;
        }
    }
    best.0
}

//! Writing the log into a file: rows as filtered, for a spreadsheet or a program. A file is written beside its place and takes it
//! when it is whole; one that exists is never touched.

use crate::contract::{ExportLog, Exported, LogRow, Problem, ProblemCode};
use crate::desk::Desk;
use crate::log::{Note, filter, shown};
use crate::views::small;
use std::path::{Path, PathBuf};

impl Desk {
    /// Writes the log into a new file: rows as filtered, oldest first, times in UTC.
    ///
    /// # Errors
    /// [`ProblemCode::FileUnusable`]; then no half file is left behind.
    pub async fn export_log(&self, request: ExportLog) -> Result<Exported, Problem> {
        let filter = filter(&request.filter)?;
        let format = Format::of(&request.format)?;
        let path = match &request.path {
            Some(path) => PathBuf::from(path),
            None => {
                let folder = self
                    .0
                    .host
                    .export_folder()
                    .ok_or_else(|| unusable("There is no folder for downloads."))?;
                free_name(
                    &folder,
                    &format!("tokendesk-log-{}", self.now().format("%Y-%m-%d")),
                    format.ending(),
                )
            }
        };
        let rows = self.write_log(&filter, format, &path).await.inspect_err(|_| {
            // Made by this call: `create_new` refuses a file that was there.
            let _ = std::fs::remove_file(unfinished(&path));
        })?;
        self.note(Note {
            action: "log.exported",
            ..Note::default()
        })
        .await?;
        Ok(Exported {
            path: Some(path.display().to_string()),
            rows: small(rows),
        })
    }

    async fn write_log(
        &self,
        filter: &tokendesk_store::LogFilter,
        format: Format,
        path: &Path,
    ) -> Result<u64, Problem> {
        if path.exists() {
            return Err(unusable("There is a file of this name already."));
        }
        let accounts = self.accounts_known().await?;
        let half = unfinished(path);
        let file = new_file(&half)?;
        let mut out = Rows::new(format, std::io::BufWriter::new(file))?;
        let mut failed = None;
        self.0
            .store
            .each_log_row(filter, |row| {
                out.add(&shown(&row, None, &accounts)).map_err(|problem| {
                    failed = Some(problem);
                    std::io::Error::other("the file cannot be written")
                })
            })
            .await
            .map_err(|error| failed.take().unwrap_or_else(|| error.into()))?;
        let rows = out.end()?;
        std::fs::rename(&half, path).map_err(|error| unusable(&format!("{}.", error.kind())))?;
        Ok(rows)
    }
}

#[derive(Clone, Copy)]
enum Format {
    Csv,
    JsonLines,
}

impl Format {
    fn of(word: &str) -> Result<Self, Problem> {
        match word {
            "csv" => Ok(Self::Csv),
            "jsonl" => Ok(Self::JsonLines),
            _ => Err(Problem::with(
                ProblemCode::FilterInvalid,
                [
                    ("filter", "format".to_owned()),
                    ("accepts", "csv or jsonl".to_owned()),
                ],
            )),
        }
    }
    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }
}

/// Rows on their way into a file.
struct Rows<W: std::io::Write> {
    written: u64,
    out: Out<W>,
}

enum Out<W: std::io::Write> {
    Csv(Box<csv::Writer<W>>),
    JsonLines(W),
}

const COLUMNS: [&str; 13] = [
    "row",
    "time (UTC)",
    "who",
    "action",
    "what",
    "outcome",
    "detail",
    "account",
    "account id",
    "card id",
    "change id",
    "reason",
    "request id",
];

impl<W: std::io::Write> Rows<W> {
    fn new(format: Format, out: W) -> Result<Self, Problem> {
        let out = match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(out);
                writer
                    .write_record(COLUMNS)
                    .map_err(|_| unusable("It cannot be written."))?;
                Out::Csv(Box::new(writer))
            }
            Format::JsonLines => Out::JsonLines(out),
        };
        Ok(Self { written: 0, out })
    }

    fn add(&mut self, row: &LogRow) -> Result<(), Problem> {
        self.written += 1;
        match &mut self.out {
            Out::Csv(writer) => {
                let text = |text: &Option<String>| text.as_deref().map(harmless).unwrap_or_default();
                let cells = [
                    row.number.to_string(),
                    row.at.clone(),
                    harmless(&row.actor),
                    row.action.clone(),
                    harmless(&row.words),
                    row.outcome.clone(),
                    text(&row.detail),
                    text(&row.account_label),
                    text(&row.account_id),
                    text(&row.card_id),
                    text(&row.change_id),
                    text(&row.reason),
                    text(&row.request_id),
                ];
                writer.write_record(cells).map_err(|error| match error.kind() {
                    csv::ErrorKind::Io(error) => of_io(error),
                    _ => unusable("It cannot be written."),
                })
            }
            Out::JsonLines(out) => {
                let line = serde_json::to_string(row).map_err(|_| Problem::new(ProblemCode::Internal))?;
                writeln!(out, "{line}").map_err(|error| of_io(&error))
            }
        }
    }

    fn end(self) -> Result<u64, Problem> {
        match self.out {
            Out::Csv(mut writer) => writer.flush().map_err(|error| of_io(&error))?,
            Out::JsonLines(mut out) => out.flush().map_err(|error| of_io(&error))?,
        }
        Ok(self.written)
    }
}

/// A cell that a spreadsheet takes for text: what begins like a formula gets a mark before it.
pub(crate) fn harmless(text: &str) -> String {
    let risky = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']);
    if risky {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn of_io(error: &std::io::Error) -> Problem {
    match error.kind() {
        std::io::ErrorKind::StorageFull => Problem::new(ProblemCode::DiskFull),
        kind => unusable(&format!("{kind}.")),
    }
}

fn unusable(why: &str) -> Problem {
    Problem::with(ProblemCode::FileUnusable, [("why", why.to_owned())])
}

fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn new_file(path: &Path) -> Result<std::fs::File, Problem> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| of_io(&error))
}

fn free_name(folder: &Path, stem: &str, ending: &str) -> PathBuf {
    let plain = folder.join(format!("{stem}.{ending}"));
    if !plain.exists() {
        return plain;
    }
    (2..)
        .map(|n: u32| folder.join(format!("{stem}-{n}.{ending}")))
        .find(|path| !path.exists())
        .unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_is_a_formula() {
        for text in ["=1+1", "+49", "-1", "@sum", "\tx"] {
            assert!(harmless(text).starts_with('\''));
        }
        assert_eq!(harmless("asked by phone"), "asked by phone");
    }
}

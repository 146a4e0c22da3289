//! Times for people: their own zone, named by its distance from UTC.

use chrono::{DateTime, Local};

/// `2026-11-20 14:31 +01:00` from RFC 3339; a text that is no time stays as it is.
pub fn local(rfc3339: &str) -> String {
    DateTime::parse_from_rfc3339(rfc3339).map_or_else(
        |_| rfc3339.to_owned(),
        |at| at.with_timezone(&Local).format("%Y-%m-%d %H:%M %:z").to_string(),
    )
}

/// The same, or a dash.
pub fn local_or_dash(rfc3339: Option<&str>) -> String {
    rfc3339.map_or_else(|| "–".to_owned(), local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_keeps_its_moment_and_says_its_zone() {
        let shown = local("2026-11-20T13:31:45.000Z");
        let read = DateTime::parse_from_str(&shown, "%Y-%m-%d %H:%M %:z").unwrap();
        assert_eq!(read.to_utc().to_rfc3339(), "2026-11-20T13:31:00+00:00");
        assert_eq!(local("soon"), "soon");
        assert_eq!(local_or_dash(None), "–");
    }
}

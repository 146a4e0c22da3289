//! Points in time as milliseconds since 1970 UTC, and their text on the wire. Knows nothing of tokens.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, Utc};

/// Milliseconds of one day.
pub(crate) const DAY: i64 = 86_400_000;

/// The real clock.
pub(crate) fn now() -> i64 {
    Utc::now().timestamp_millis()
}

/// The first instant of the month `at` lies in.
pub(crate) fn month_start(at: i64) -> i64 {
    month_offset(at, 0)
}

/// The first instant of the month `months` after the one `at` lies in.
pub(crate) fn month_offset(at: i64, months: i32) -> i64 {
    let (year, month) = year_month(at);
    let index = year * 12 + month as i32 - 1 + months;
    first_of(index.div_euclid(12), index.rem_euclid(12) as u32 + 1).unwrap_or(at)
}

/// The first instant of a month; none for a month that does not exist.
pub(crate) fn first_of(year: i32, month: u32) -> Option<i64> {
    Some(
        NaiveDate::from_ymd_opt(year, month, 1)?
            .and_hms_opt(0, 0, 0)?
            .and_utc()
            .timestamp_millis(),
    )
}

/// Calendar year and month (1 to 12) of an instant, UTC.
pub(crate) fn year_month(at: i64) -> (i32, u32) {
    DateTime::<Utc>::from_timestamp_millis(at).map_or((1970, 1), |t| (t.year(), t.month()))
}

/// Writes `2026-02-03T09:15:42.118Z`.
pub(crate) fn write_rfc3339(out: &mut Vec<u8>, at: i64) {
    let days = at.div_euclid(DAY);
    let ms = at.rem_euclid(DAY);
    // Civil date from a day count, counted in 400-year eras that begin on 1 March.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 {
        march_month + 3
    } else {
        march_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let parts: [(i64, u32, &[u8]); 7] = [
        (year, 4, b""),
        (month, 2, b"-"),
        (day, 2, b"-"),
        (ms / 3_600_000, 2, b"T"),
        (ms / 60_000 % 60, 2, b":"),
        (ms / 1_000 % 60, 2, b":"),
        (ms % 1_000, 3, b"."),
    ];
    for (value, width, before) in parts {
        out.extend_from_slice(before);
        for place in (0..width).rev() {
            out.push(b'0' + ((value / 10_i64.pow(place)) % 10) as u8);
        }
    }
    out.push(b'Z');
}

/// The same as text.
pub(crate) fn rfc3339(at: i64) -> String {
    let mut out = Vec::with_capacity(24);
    write_rfc3339(&mut out, at);
    String::from_utf8_lossy(&out).into_owned()
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`, for the Date header.
pub(crate) fn http_date(at: i64) -> String {
    DateTime::<Utc>::from_timestamp_millis(at)
        .map_or_else(String::new, |t| t.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

/// A date literal of the search language as the half-open span it names: a day, or one millisecond.
/// Without a zone it is UTC (wallee fact sheet, section 7.4).
pub(crate) fn parse_literal(text: &str) -> Option<(i64, i64)> {
    if let Ok(day) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let start = day.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis();
        return Some((start, start + DAY));
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        let at = at.timestamp_millis();
        return Some((at, at + 1));
    }
    let at = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
        .ok()?
        .and_utc()
        .timestamp_millis();
    Some((at, at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_an_instant_is_what_the_calendar_says() {
        for at in [
            0,
            951_782_399_999,
            951_782_400_000,
            1_770_110_142_118,
            4_102_444_800_000,
        ] {
            let expected = DateTime::<Utc>::from_timestamp_millis(at)
                .unwrap()
                .to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(rfc3339(at), expected);
        }
    }

    #[test]
    fn months_roll_over_years() {
        let november = first_of(2026, 11).unwrap();
        assert_eq!(month_offset(november, 2), first_of(2027, 1).unwrap());
        assert_eq!(month_offset(november, -11), first_of(2025, 12).unwrap());
    }
}

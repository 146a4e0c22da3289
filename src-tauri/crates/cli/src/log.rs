//! The log: on standard error, only when asked for, and only in words of this product's own crates.

use tracing_subscriber::filter::{EnvFilter, FilterExt, filter_fn};
use tracing_subscriber::prelude::*;

/// Asked for with a level (`debug`) or directives (`tokendesk_sync=trace`).
const ASKED: &str = "TOKENDESK_LOG";

/// Starts logging if `TOKENDESK_LOG` is set.
pub fn start() {
    let Ok(asked) = std::env::var(ASKED) else { return };
    let wanted = EnvFilter::builder().parse_lossy(asked);
    // Other people's crates log what they carry: headers, statements, whole messages. No directive lets them speak here.
    let ours = filter_fn(|about| {
        let target = about.target();
        target.starts_with("tokendesk") || target.starts_with("tdesk")
    });
    let to_stderr = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    // A second logger is impossible in this process; were there one, it would have the word already.
    let _ = tracing_subscriber::registry()
        .with(to_stderr.with_filter(wanted.and(ours)))
        .try_init();
}

//! What the desk keeps of everything that was done: the log, a customer's timeline, backups.

use crate::Outcome;
use crate::eyes::{Eyes, id};
use crate::story::{find, said};

/// Looks through all of it.
pub async fn looked_through(eyes: Eyes<'_>, email: &str) -> Outcome {
    eyes.press(&id("nav-log")).await?;
    eyes.see(&id("log-row")).await?;
    eyes.press(&id("verify-log")).await?;
    eyes.attribute(&id("verified"), "data-intact", Some("true"))
        .await?;
    eyes.picture("55-log-light").await?;
    said("the log has its rows, and they are as they were written");

    find(eyes, email).await?;
    eyes.see(&format!("{}[data-source=\"desk\"]", id("timeline-item")))
        .await?;
    eyes.scroll_to(&id("timeline-item")).await?;
    eyes.picture("56-timeline-light").await?;
    said("the customer's timeline tells of the changes");

    eyes.press(&id("nav-accounts")).await?;
    eyes.press(&id("open-backups")).await?;
    eyes.press(&id("make-backup")).await?;
    eyes.count(&id("backup-row"), 1).await?;
    eyes.picture("57-backup-light").await?;
    eyes.press(&format!("{} .btn.l:not(.primary)", id("backups-dialog")))
        .await?;
    eyes.gone(&id("backups-dialog")).await?;
    said("a backup is made");
    Ok(())
}

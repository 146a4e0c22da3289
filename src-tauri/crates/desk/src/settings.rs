//! What a person may set.

use crate::contract::{DeskSettings, Nothing, Problem, ProblemCode, Tag};
use crate::desk::Desk;
use tokendesk_model::{Environment, Wish};
use tokendesk_store::{LONGEST_HOLD_SECONDS, LogEntry};

/// A live deletion is held at least this long, in seconds.
const LIVE_DELETION_HOLD: u32 = 10;
impl Desk {
    /// What is set.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be read.
    pub async fn desk_settings(&self, _request: Nothing) -> Result<DeskSettings, Problem> {
        Ok(DeskSettings {
            hold_seconds: self.0.store.hold_seconds().await?,
        })
    }

    /// Sets it. What is held already keeps its time.
    ///
    /// # Errors
    /// [`ProblemCode::FieldInvalid`] for a hold of more than 60 seconds.
    pub async fn set_desk_settings(&self, request: DeskSettings) -> Result<DeskSettings, Problem> {
        self.may_write()?;
        if request.hold_seconds > LONGEST_HOLD_SECONDS {
            let problem = Problem::with(
                ProblemCode::FieldInvalid,
                [
                    ("field_name", "The time for undo".to_owned()),
                    ("rule", format!("It is 0 to {LONGEST_HOLD_SECONDS} seconds.")),
                ],
            );
            return Err(problem.on_field("hold_seconds"));
        }
        self.0.store.set_hold_seconds(request.hold_seconds).await?;
        let entry = LogEntry {
            at: self.now(),
            actor: self.actor(),
            action: "settings.changed".to_owned(),
            outcome: "ok".to_owned(),
            detail: Some("hold_seconds".to_owned()),
            ..LogEntry::default()
        };
        self.0.store.log(&entry).await?;
        self.0.invalidator.tell(Tag::Settings);
        self.0.invalidator.tell(Tag::Log);
        Ok(request)
    }

    /// How long a wish is held, in milliseconds.
    pub(crate) async fn hold_ms(&self, env: Environment, wish: Wish) -> Result<u32, Problem> {
        let set = self.desk_settings(Nothing {}).await?.hold_seconds;
        let seconds = match (env, wish) {
            (Environment::Live, Wish::Delete) => set.max(LIVE_DELETION_HOLD),
            _ => set,
        };
        Ok(seconds * 1_000)
    }
}

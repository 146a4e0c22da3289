//! An older ledger: recognised by its anchor, said plainly, and nothing is sent until a person has said how to go on.

use crate::contract::{AcceptOlderLedger, Nothing, OlderLedger, Problem};
use crate::desk::{Desk, rfc3339};
use crate::log::Note;
use crate::views::small;
use tokendesk_model::ChangeStatus;
use tokendesk_store::{ChangesFilter, LedgerAge, PlanStatus, read_anchor};

impl Desk {
    /// Compares the ledger with its anchor. For the folder's holder, once, before anything is sent.
    pub(crate) async fn recognise_ledger(&self) -> Result<(), Problem> {
        let Some(anchor) = read_anchor(&self.0.vault).await? else {
            return Ok(());
        };
        let older = match self.0.store.compare_with(&anchor).await? {
            LedgerAge::Same => {
                self.memory().anchored = Some(anchor.number);
                return Ok(());
            }
            LedgerAge::Older {
                missing_rows,
                ends_at,
                known_until,
            } => OlderLedger {
                missing_rows: small(missing_rows),
                ends_at: ends_at.map(rfc3339),
                known_until: Some(rfc3339(known_until)),
                open_changes: 0,
            },
            // Another row where the anchored one was: it was put back and used elsewhere since.
            LedgerAge::Differs { row } => OlderLedger {
                missing_rows: small((anchor.number - row + 1).unsigned_abs()),
                ends_at: None,
                known_until: Some(rfc3339(anchor.at)),
                open_changes: 0,
            },
        };
        let counts = self.0.store.change_counts(None).await?;
        let open = counts.held + counts.waiting + counts.sending + counts.conflict + counts.stuck;
        self.0.engine.rest_sending(true);
        self.memory().older_ledger = Some(OlderLedger {
            open_changes: open,
            ..older
        });
        self.note(Note {
            action: "ledger.older",
            outcome: "failed",
            ..Note::default()
        })
        .await
    }

    /// Goes on with an older ledger. Its open changes are sent as if nothing had been (each card is read first, and what was
    /// done meanwhile is noticed), or given up; plans that ran in it are stopped then.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be written. Nothing to accept is not an error.
    pub async fn accept_older_ledger(&self, request: AcceptOlderLedger) -> Result<Nothing, Problem> {
        self.may_write()?;
        if self.memory().older_ledger.is_none() {
            return Ok(Nothing {});
        }
        if request.discard_changes {
            // First, or they would queue the next of their cards.
            for plan in self.0.store.running_plans().await? {
                self.0.store.set_plan(plan.id, PlanStatus::Stopped, None).await?;
                self.note_plan(plan.id, "plan.stopped", None).await?;
            }
            loop {
                let open = ChangesFilter {
                    open_only: true,
                    limit: 500,
                    ..ChangesFilter::default()
                };
                let mut given_up = 0;
                for change in self.0.store.changes(&open).await? {
                    if !matches!(change.status, ChangeStatus::Sending) {
                        self.0.store.discard(change.id, &self.actor(), self.now()).await?;
                        given_up += 1;
                    }
                }
                if given_up == 0 {
                    break;
                }
            }
        }
        let detail = if request.discard_changes {
            "changes_discarded"
        } else {
            "changes_kept"
        };
        self.note(Note {
            action: "ledger.older_accepted",
            detail: Some(detail),
            ..Note::default()
        })
        .await?;
        self.memory().older_ledger = None;
        self.anchor_log().await?;
        self.0.engine.rest_sending(false);
        self.0.engine.wake();
        self.0.plans_move.notify_one();
        self.tell_accounts();
        Ok(Nothing {})
    }

    /// What is known of an older ledger that waits for a person's word.
    pub(crate) fn older_ledger(&self) -> Option<OlderLedger> {
        self.memory().older_ledger.clone()
    }
}

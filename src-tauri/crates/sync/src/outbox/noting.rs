//! What was noticed while a change was sent and no status can tell: kept as a row of the log, with the change.

use super::Sender;
use super::deciding::carrier;
use crate::error::SyncError;
use std::collections::BTreeMap;
use tokendesk_model::capability::Carrier;
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::{Change, Seen, TokenSnapshot, Wish};
use tokendesk_store::LogEntry;

/// Longest name of a metadata key that is written out, in characters.
const KEY_CHARS: usize = 60;
/// Names written out at most.
const KEYS: usize = 20;

impl Sender {
    /// Already blocked, for a reason that is not the one given now: that one stays at the provider, and ours in the log only.
    pub(super) async fn note_earlier_reason(&self, change: &Change, now: &Seen) -> Result<(), SyncError> {
        let earlier = now.block_reason.as_deref().filter(|earlier| {
            change.wish == Wish::Active(false)
                && now.keeps_reasons
                && change.reason.as_deref() != Some(*earlier)
        });
        match earlier {
            Some(earlier) => {
                self.note(change, "ok", "blocked_earlier", earlier.to_owned())
                    .await
            }
            None => Ok(()),
        }
    }

    /// Compares what others keep in the metadata that we wrote with what it was directly before.
    pub(super) async fn note_foreign_metadata(
        &self,
        change: &Change,
        before: &TokenSnapshot,
        after: &TokenSnapshot,
    ) -> Result<(), SyncError> {
        let Some(Carrier::Metadata(own)) = carrier(&self.link.capabilities(), change.wish) else {
            return Ok(());
        };
        let (before, after) = (&before.particulars.metadata, &after.particulars.metadata);
        let Some(differs) = foreign_difference(before, after, own) else {
            return Ok(());
        };
        tracing::warn!(change = %change.id, "foreign metadata is not as it was before a write");
        self.note(change, "conflict", "metadata_differs", differs).await
    }

    async fn note(
        &self,
        change: &Change,
        outcome: &str,
        detail: &str,
        words: String,
    ) -> Result<(), SyncError> {
        let entry = LogEntry {
            at: self.clock.now(),
            actor: change.actor.clone(),
            action: "change.noted".to_owned(),
            account: Some(change.account),
            token: Some(change.token),
            change: Some(change.id),
            outcome: outcome.to_owned(),
            detail: Some(detail.to_owned()),
            request_id: None,
            reason: Some(words),
        };
        Ok(self.store.log(&entry).await?)
    }
}

/// Which keys beside our own are lost or have another value; `None` when none is. Names only, never a value.
fn foreign_difference(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
    own: &str,
) -> Option<String> {
    let (mut lost, mut changed) = (Vec::new(), Vec::new());
    for (key, value) in before.iter().filter(|(key, _)| *key != own) {
        match after.get(key) {
            None => lost.push(key),
            Some(now) if now != value => changed.push(key),
            Some(_) => {}
        }
    }
    let said = [("lost", lost), ("changed", changed)];
    let said: Vec<String> = said
        .iter()
        .filter(|(_, keys)| !keys.is_empty())
        .map(|(what, keys)| format!("{what}: {}", names(keys)))
        .collect();
    (!said.is_empty()).then(|| said.join("; "))
}

fn names(keys: &[&String]) -> String {
    let shown = keys.iter().take(KEYS).map(|key| {
        // Others name their keys as they like.
        if contains_card_number(key) || key.contains('@') {
            "a key that is not shown".to_owned()
        } else {
            key.chars().take(KEY_CHARS).collect()
        }
    });
    let shown: Vec<String> = shown.collect();
    match keys.len().saturating_sub(KEYS) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn only_foreign_keys_that_were_there_before_are_compared_and_no_value_is_told() {
        let before = map(&[("own", "true"), ("plan", "gold"), ("shop", "7"), ("vat", "A")]);
        let same = map(&[
            ("own", "false"),
            ("plan", "gold"),
            ("shop", "7"),
            ("vat", "A"),
            ("new", "1"),
        ]);
        assert_eq!(foreign_difference(&before, &same, "own"), None);
        let after = map(&[("own", "false"), ("plan", "silver")]);
        assert_eq!(
            foreign_difference(&before, &after, "own").as_deref(),
            Some("lost: shop, vat; changed: plan")
        );
    }

    #[test]
    fn keys_that_should_not_be_in_a_log_are_counted_and_not_named() {
        let before = map(&[("4242 4242 4242 4242", "1"), ("rita@example.org", "1")]);
        let said = foreign_difference(&before, &BTreeMap::new(), "own").unwrap();
        assert!(!said.contains("4242") && !said.contains("rita"), "{said}");
        let many: BTreeMap<String, String> = (0..25).map(|n| (format!("k{n}"), String::new())).collect();
        let said = foreign_difference(&many, &BTreeMap::new(), "own").unwrap();
        assert!(said.ends_with("and 5 more"), "{said}");
    }
}

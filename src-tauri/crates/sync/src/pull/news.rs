//! Between passes: what a provider's feed of events names is read again.

use super::{Pull, Pulled};
use crate::error::SyncError;
use crate::plan::Feed;
use crate::progress::{Meter, Stage};
use crate::records::Records;
use futures::StreamExt;
use std::sync::Arc;
use tokendesk_providers::{ProviderErrorKind, RetryKind};
use tokio::time::Instant;

/// Customers that are read again at once.
const AT_ONCE: usize = 4;

impl Pull {
    /// The setting that says how far the feed of this account was followed.
    fn feed_key(&self) -> String {
        format!("events {}", self.link.account.id)
    }

    pub(super) async fn feed(&self) -> Result<Option<Feed>, SyncError> {
        let text = self.store.setting(&self.feed_key()).await?;
        Ok(text.and_then(|text| read(&text)))
    }

    async fn keep_feed(&self, feed: Option<&Feed>) -> Result<(), SyncError> {
        let text = feed.map(written);
        Ok(self.store.set_setting(&self.feed_key(), text.as_deref()).await?)
    }

    /// Notes where the feed stands, for what comes after a pass that begins now. Without a feed there are only passes.
    pub(super) async fn note_feed(&self) -> Result<(), SyncError> {
        let system = Arc::clone(&self.link.system);
        let feed = match self.patiently(|| system.news(None)).await {
            Ok(news) => Some(Feed {
                cursor: news.cursor,
                gap: false,
            }),
            // A feed that is broken for now must not keep the pass from being made.
            Err(error) if is_no_feed(&error) || error.is_of_the_server() => None,
            Err(error) => return Err(error),
        };
        self.keep_feed(feed.as_ref()).await
    }

    /// Reads again every customer that the feed names since then. A stop reads them all once more.
    pub(super) async fn follow(&self, feed: &Feed, pulled: &mut Pulled) -> Result<(), SyncError> {
        let system = Arc::clone(&self.link.system);
        let news = match self.patiently(|| system.news(Some(&feed.cursor))).await {
            Ok(news) => news,
            Err(error) if is_no_feed(&error) => return self.keep_feed(None).await,
            Err(error) => return Err(error),
        };
        let mut meter = Meter::starting_at(0, Instant::now());
        let total = news.customers.len() as u64;
        let records = Records {
            store: &self.store,
            asking: self.asking(),
        };
        let records = &records;
        let mut reads = futures::stream::iter(
            news.customers
                .into_iter()
                .map(|customer| async move { records.listed(&customer).await }),
        )
        .buffer_unordered(AT_ONCE);
        while let Some(read) = reads.next().await {
            match read {
                Ok(read) => {
                    pulled.rows += read.cards;
                    pulled.unreadable += read.unreadable;
                    pulled.gone += read.gone;
                }
                Err(error) if error.is_of_one_object() => pulled.unreadable += 1,
                Err(error) => return Err(error),
            }
            meter.add(1, Instant::now());
            self.tell(Stage::NewOnly, &meter, Some(total));
            self.listener.changed(crate::Changed::Cards);
        }
        self.keep_feed(Some(&Feed {
            cursor: news.cursor,
            gap: feed.gap || !news.complete,
        }))
        .await
    }
}

/// Whether the feed itself is refused or makes no sense. Not being reached, signed in or in turn says nothing of it.
fn is_no_feed(error: &SyncError) -> bool {
    let SyncError::Provider(error) = error else {
        return false;
    };
    error.retry() == RetryKind::Permanent || error.kind == ProviderErrorKind::Unreadable
}

fn written(feed: &Feed) -> String {
    format!("{} {}", if feed.gap { "gap" } else { "whole" }, feed.cursor)
}

fn read(text: &str) -> Option<Feed> {
    let (how, cursor) = text.split_once(' ')?;
    Some(Feed {
        cursor: cursor.to_owned(),
        gap: how == "gap",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_in_a_feed_reads_back_whatever_it_looks_like() {
        for gap in [true, false] {
            let feed = Feed {
                cursor: "ev_1 2026-01-01T00:00:00Z  gap".to_owned(),
                gap,
            };
            assert_eq!(read(&written(&feed)), Some(feed));
        }
        assert_eq!(read("x"), None);
    }
}

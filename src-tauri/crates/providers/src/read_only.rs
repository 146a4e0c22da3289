//! A payment system that is only read: what writes is not handed on, so that no code path leads there.
//!
//! Must not know: why an account is read-only.

use crate::error::ProviderError;
use crate::system::{
    BeforeDeletion, CheckReport, CustomerCards, CustomerLookup, DirectoryEntry, ListedCustomer, News, Page,
    PaymentSystem, TokenRef,
};
use async_trait::async_trait;
use std::sync::Arc;
use tokendesk_model::{Capabilities, Lesson, TokenSnapshot, VersionSnapshot};

/// Reads through another one. Whatever writes answers `NotOffered`, and there is no test bench and no verifying.
pub struct ReadOnly(pub Arc<dyn PaymentSystem>);

#[async_trait]
impl PaymentSystem for ReadOnly {
    fn capabilities(&self, lesson: Lesson) -> Capabilities {
        self.0.capabilities(lesson)
    }
    async fn check(&self) -> CheckReport {
        self.0.check().await
    }
    async fn list_tokens(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<TokenSnapshot>, ProviderError> {
        self.0.list_tokens(after, limit).await
    }
    async fn list_versions(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<VersionSnapshot>, ProviderError> {
        self.0.list_versions(after, limit).await
    }
    async fn list_customers(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<ListedCustomer>, ProviderError> {
        self.0.list_customers(after, limit).await
    }
    async fn read_customer(&self, customer_id: &str) -> Result<Option<ListedCustomer>, ProviderError> {
        self.0.read_customer(customer_id).await
    }
    async fn cards_of(&self, entry: &DirectoryEntry) -> Result<CustomerCards, ProviderError> {
        self.0.cards_of(entry).await
    }
    async fn news(&self, since: Option<&str>) -> Result<News, ProviderError> {
        self.0.news(since).await
    }
    async fn read_token(&self, token: TokenRef<'_>) -> Result<Option<TokenSnapshot>, ProviderError> {
        self.0.read_token(token).await
    }
    async fn active_version(&self, token: TokenRef<'_>) -> Result<Option<VersionSnapshot>, ProviderError> {
        self.0.active_version(token).await
    }
    async fn versions_of(&self, token: TokenRef<'_>) -> Result<Vec<VersionSnapshot>, ProviderError> {
        self.0.versions_of(token).await
    }
    async fn tokens_of(&self, customer: CustomerLookup<'_>) -> Result<Vec<TokenSnapshot>, ProviderError> {
        self.0.tokens_of(customer).await
    }
    async fn before_deletion(&self, token: TokenRef<'_>) -> Result<BeforeDeletion, ProviderError> {
        self.0.before_deletion(token).await
    }
}

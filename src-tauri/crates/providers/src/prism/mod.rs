//! Prism: connector tokens through a merchant's own server (Prism fact sheet). Prism keeps nothing and can be asked nothing:
//! cards are what was imported into this desk, a mandate can be ended where the connector has it, and a card is verified by a
//! small hold.
//!
//! * `channel`: one gRPC exchange; `messages`: what is on the wire; `answers`: codes and errors.
//! * `connector`: what each can do; `ids`, `money`: what Prism does not check; `calls`: the calls by name.
//! * `checking`, `verifying`, `bench`: what is done with them.
//!
//! Must not know: where imported tokens are kept, what a person wishes.

mod answers;
mod bench;
mod calls;
mod channel;
mod checking;
mod connecting;
mod connector;
mod ids;
mod messages;
mod money;
mod shown;
mod states;
mod verifying;

pub use connecting::DESCRIPTION;
pub use money::caps;

use crate::bench::TestBench;
use crate::error::{ProviderError, ProviderErrorKind as Kind};
use crate::http::Clock;
use crate::system::{
    CheckReport, Credentials, CustomerCards, DirectoryEntry, HttpOptions, PaymentSystem, TokenRef,
};
use crate::verify::Verifier;
use answers::said;
use async_trait::async_trait;
use bench::Bench;
use channel::Channel;
use chrono::Utc;
use connector::{Connector, Misfit};
use secrecy::ExposeSecret;
use std::sync::Arc;
use tokendesk_model::capability::Capabilities;
use tokendesk_model::{CardFacts, Lesson, TokenSnapshot, TokenState, VersionSnapshot, VersionState};

/// One account of a Prism server: one connector and its credentials.
pub struct Prism {
    channel: Arc<Channel>,
    connector: Connector,
    clock: Clock,
    bench: Option<Bench>,
}

impl Prism {
    /// Prepares an account; nothing is contacted.
    ///
    /// # Errors
    /// `HostNotAllowed` when the origin does not fit the environment, `BadCredentials` when the connector is not known or its
    /// configuration is malformed, incomplete or, outside demo, holds an address; `WrongKeyKind`, `WrongEnvironment`, `Tls`.
    pub fn new(credentials: Credentials, options: HttpOptions) -> Result<Self, ProviderError> {
        Self::with_clock(credentials, options, Arc::new(Utc::now))
    }

    /// The same with a clock.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_clock(
        credentials: Credentials,
        options: HttpOptions,
        clock: Clock,
    ) -> Result<Self, ProviderError> {
        let bad = || ProviderError::new(Kind::BadCredentials);
        let connector = credentials
            .connector
            .as_deref()
            .and_then(Connector::named)
            .ok_or_else(bad)?;
        let config = connector
            .config(credentials.environment, credentials.key.expose_secret())
            .map_err(|misfit| match misfit {
                Misfit::Key(kind) => ProviderError::new(kind),
                Misfit::LeadsElsewhere => bad(),
            })?;
        let channel = Arc::new(Channel::new(
            credentials.origin,
            credentials.environment,
            config,
            &options,
        )?);
        let bench = Bench::new(Arc::clone(&channel), connector, credentials.environment);
        Ok(Self {
            channel,
            connector,
            clock,
            bench,
        })
    }
}

/// A token as the last import tells it: nobody else can say anything of it.
fn imported(token: TokenRef<'_>) -> TokenSnapshot {
    let mut snapshot = TokenSnapshot::new(token.remote_id, TokenState::Active);
    snapshot.customer_id = token.record.map(str::to_owned);
    snapshot.particulars.record = token.record.map(str::to_owned);
    snapshot
}

/// Saved details of which neither brand nor digits are ever told.
fn details(token: &str) -> VersionSnapshot {
    VersionSnapshot {
        remote_id: token.to_owned(),
        token_remote_id: token.to_owned(),
        version: 0,
        state: VersionState::Active,
        card: CardFacts::default(),
        name: None,
        holder: None,
        production: None,
        created_on: None,
        activated_on: None,
        obsoleted_on: None,
        expires_on: None,
    }
}

#[async_trait]
impl PaymentSystem for Prism {
    fn capabilities(&self, _lesson: Lesson) -> Capabilities {
        connecting::capabilities(self.connector)
    }

    async fn check(&self) -> CheckReport {
        checking::run(self).await
    }

    /// The tokens imported for this customer, active as imported. Nothing is asked.
    async fn cards_of(&self, entry: &DirectoryEntry) -> Result<CustomerCards, ProviderError> {
        let record = Some(entry.customer.customer_id.as_str());
        let mut cards = CustomerCards::default();
        for (remote_id, _) in &entry.tokens {
            let mut token = imported(TokenRef { remote_id, record });
            token.email = entry.customer.email.clone();
            cards.tokens.push(token);
            cards.details.push(details(remote_id));
        }
        Ok(cards)
    }

    /// What the last import says. That a mandate was revoked cannot be read back: whoever revoked it keeps that in mind.
    async fn read_token(&self, token: TokenRef<'_>) -> Result<Option<TokenSnapshot>, ProviderError> {
        Ok(Some(imported(token)))
    }

    /// Saved details without any card fact.
    async fn active_version(&self, token: TokenRef<'_>) -> Result<Option<VersionSnapshot>, ProviderError> {
        Ok(Some(details(token.remote_id)))
    }

    /// Ends the mandate. Its answer is the only proof. That the processor knows no such mandate is `Refused` with status 404:
    /// somebody ended it before, or the credentials are another merchant's, and nothing can be read to tell which.
    async fn delete_token(&self, current: &TokenSnapshot) -> Result<(), ProviderError> {
        if !self.connector.revokes {
            return Err(ProviderError::new(Kind::NotOffered));
        }
        let request = calls::revoke(&current.remote_id).ok_or_else(|| ProviderError::new(Kind::Refused))?;
        let answer = self.channel.revoke(request).await.map_err(|failure| {
            let error = ProviderError::from(failure);
            match error.kind {
                Kind::NotFound => ProviderError {
                    kind: Kind::Refused,
                    ..error
                },
                _ => error,
            }
        })?;
        match answer.status {
            states::REVOKED => Ok(()),
            states::REVOKE_FAILED => Err(ProviderError {
                message: said(answer.error.as_ref()),
                ..ProviderError::new(Kind::Refused)
            }),
            // Pending, inactive, unspecified: nobody can say.
            _ => Err(ProviderError {
                message: said(answer.error.as_ref()),
                ..ProviderError::new(Kind::Unreadable)
            }),
        }
    }

    fn bench(&self) -> Option<&dyn TestBench> {
        self.bench.as_ref().map(|bench| bench as &dyn TestBench)
    }

    fn verifier(&self) -> Option<&dyn Verifier> {
        self.connector.authorizes_saved.then_some(self as &dyn Verifier)
    }
}

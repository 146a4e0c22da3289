//! Lists of cards, one card with everything known of it, and where its provider shows it.

use crate::contract::{
    CardDetail, CardPage, CardRef, Count, DeletionFacts, ListCards, MarkCard, PortalLink, Problem,
    ProblemCode,
};
use crate::desk::{Desk, rfc3339};
use crate::views;
use tokendesk_model::{Environment, SearchQuery, TokenId, TokenState};
use tokendesk_store::{CardRow, Mark};

/// Longest page.
const LONGEST_PAGE: u32 = 1_000;
/// The field of a desk-only mark about active and inactive.
pub(crate) const ACTIVE_MARK: &str = "active";
/// The field of a desk-only mark about one-click.
pub(crate) const ONE_CLICK_MARK: &str = "one_click";

impl Desk {
    pub(crate) async fn card_row(&self, id: &str) -> Result<CardRow, Problem> {
        let unknown = || Problem::new(ProblemCode::CardUnknown);
        let id: TokenId = id.parse().map_err(|_| unknown())?;
        self.0.store.card(id).await?.ok_or_else(unknown)
    }

    /// Lists cards of one environment, newest first.
    ///
    /// # Errors
    /// As for `find_people`.
    pub async fn list_cards(&self, request: ListCards) -> Result<CardPage, Problem> {
        let query = SearchQuery::parse(&request.text)?;
        let account = match &request.account_id {
            Some(id) => Some(self.account_of(id).await?.id),
            None => None,
        };
        let env = Environment::from(request.env);
        let page = self
            .0
            .store
            .cards(
                env,
                account,
                &query,
                request.after.as_deref(),
                request.limit.clamp(1, LONGEST_PAGE),
            )
            .await?;
        let total = match &request.after {
            Some(_) => None,
            None => Some(self.0.store.count_cards(env, account, &query, false).await?),
        };
        let total = total.map(|count| Count {
            n: count.n,
            exact: count.exact,
        });
        self.card_page(page.items, page.next, total).await
    }

    pub(crate) async fn card_page(
        &self,
        rows: Vec<CardRow>,
        next: Option<String>,
        total: Option<Count>,
    ) -> Result<CardPage, Problem> {
        let accounts = self.accounts_known().await?;
        let sides = self.desk_sides(rows.iter().map(|row| row.id), &accounts).await?;
        let items = rows
            .iter()
            .map(|row| views::card(row, sides.of(row.id), &accounts))
            .collect();
        Ok(CardPage { items, next, total })
    }

    /// One card with every property its system has, its versions, and what deleting it would mean.
    ///
    /// # Errors
    /// [`ProblemCode::CardUnknown`].
    pub async fn show_card(&self, request: CardRef) -> Result<CardDetail, Problem> {
        let row = self.card_row(&request.card_id).await?;
        let accounts = self.accounts_known().await?;
        let sides = self.desk_sides([row.id], &accounts).await?;
        let versions = self.0.store.card_versions(row.id).await?;
        let snapshot = &row.snapshot;
        Ok(CardDetail {
            card: views::card(&row, sides.of(row.id), &accounts),
            token_reference: snapshot.token_reference.clone(),
            external_id: snapshot.external_id.clone(),
            language: snapshot.language.clone(),
            time_zone: snapshot.time_zone.clone(),
            linked_space_id: snapshot.linked_space_id.map(|id| id.to_string()),
            versions: versions.iter().map(views::version).collect(),
            versions_read_at: row.versions_read_at.map(rfc3339),
            desk_note: sides.of(row.id).note.clone(),
            deletion: self.deletion_facts(&row).await?,
        })
    }

    async fn deletion_facts(&self, row: &CardRow) -> Result<DeletionFacts, Problem> {
        let mut others: Vec<CardRow> = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .0
                .store
                .person_cards(row.env, &row.person, after.as_deref(), 1_000)
                .await?;
            others.extend(
                page.items
                    .into_iter()
                    .filter(|other| other.customer == row.customer && other.id != row.id),
            );
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let kept = |other: &&CardRow| {
            matches!(
                other.effective_state,
                TokenState::Active | TokenState::Inactive | TokenState::Creating
            )
        };
        let active = |other: &CardRow| other.effective_state == TokenState::Active;
        let pickable = |other: &CardRow| active(other) && other.effective_one_click == Some(true);
        let (confirmation, confirmation_kind) = confirmation(row);
        Ok(DeletionFacts {
            other_cards: views::small(others.iter().filter(kept).count() as u64),
            last_one_click: pickable(row) && !others.iter().any(pickable),
            last_active: active(row) && !others.iter().any(active),
            must_confirm: row.env == Environment::Live,
            confirmation,
            confirmation_kind: confirmation_kind.to_owned(),
        })
    }

    /// Marks a card for this desk only, where its provider would not take the wish.
    ///
    /// # Errors
    /// [`ProblemCode::CardUnknown`]; [`ProblemCode::FieldInvalid`] for a field that has no marks.
    pub async fn mark_card(&self, request: MarkCard) -> Result<CardDetail, Problem> {
        self.may_write()?;
        let row = self.card_row(&request.card_id).await?;
        let field = match request.field.as_str() {
            ACTIVE_MARK => ACTIVE_MARK,
            ONE_CLICK_MARK => ONE_CLICK_MARK,
            _ => {
                return Err(crate::guard::field(
                    "field",
                    "The note",
                    "It is about active or one_click.",
                ));
            }
        };
        match request.value {
            Some(value) => {
                let mark = Mark {
                    token: row.id,
                    account: row.account,
                    field: field.to_owned(),
                    value: value.to_string(),
                    at: self.now(),
                    actor: self.actor(),
                };
                self.0.store.set_mark(&mark).await?;
            }
            None => self.0.store.clear_mark(row.id, field).await?,
        }
        self.tell_accounts();
        self.show_card(CardRef {
            card_id: request.card_id,
        })
        .await
    }

    /// Where the provider shows its tokens. How single pages are addressed is not documented, so the id goes along.
    ///
    /// # Errors
    /// [`ProblemCode::CardUnknown`]; [`ProblemCode::NotPossibleHere`] for the demo, which has no portal.
    pub async fn open_portal(&self, request: CardRef) -> Result<PortalLink, Problem> {
        let row = self.card_row(&request.card_id).await?;
        let account = self.account_of(&row.account.to_string()).await?;
        match account.origin {
            Some(origin) if account.environment != Environment::Demo => Ok(PortalLink {
                url: origin.to_string(),
                remote_id: row.remote_id,
            }),
            _ => {
                let mut problem = Problem::with(
                    ProblemCode::NotPossibleHere,
                    [
                        ("provider", "The demo".to_owned()),
                        ("account", account.label.clone()),
                    ],
                );
                problem.title = "The demo has no portal".to_owned();
                problem.detail = String::new();
                problem.hint = String::new();
                Err(problem)
            }
        }
    }
}

/// What must be typed before a live card is deleted: the last four, or the end of the id where none is known.
pub(crate) fn confirmation(row: &CardRow) -> (String, &'static str) {
    match &row.card.last4 {
        Some(last4) => (last4.clone(), "last4"),
        None => {
            let from = row.remote_id.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
            (row.remote_id[from..].to_owned(), "id_end")
        }
    }
}

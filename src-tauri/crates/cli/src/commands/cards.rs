//! Cards: listed, shown with everything known, and what a person wants of them.

use super::acting;
use crate::answer::Answer;
use crate::args::{Card, OnOff};
use crate::layout::{Table, plain};
use crate::room::Room;
use crate::{times, words};
use tokendesk_desk::contract::{
    CardDetail, CardPage, CardRef, ChangeView, CreateToken, DeleteCard, ListCards, Problem, SetActive,
    SetOneClick, VerifyCard,
};

pub async fn list(
    room: &Room,
    text: String,
    limit: u32,
    after: Option<String>,
    account: Option<&str>,
) -> Result<Answer, Problem> {
    // An account is of one environment: naming it says which.
    let (env, account_id) = match account {
        Some(named) => {
            let account = room.account(named).await?;
            (account.env, Some(account.id))
        }
        None => (room.one_env().await?, None),
    };
    let page = room
        .desk
        .list_cards(ListCards {
            env,
            text,
            account_id,
            after,
            limit,
        })
        .await?;
    let text = page_text(&page);
    Ok(Answer::new(&page, text))
}

fn page_text(page: &CardPage) -> String {
    if page.items.is_empty() {
        return words::NO_CARDS.to_owned();
    }
    let mut table = Table::new(&words::CARDS_HEAD);
    for card in &page.items {
        let pending: Vec<String> = card.pending.iter().map(words::change_short).collect();
        table.row([
            words::card_name(card),
            words::or_dash(card.expiry.as_deref()),
            words::state(&card.state, card.state_unknown),
            words::one_click(card.one_click).to_owned(),
            words::or_dash(card.email.as_deref()),
            card.account.label.clone(),
            words::or_dash(Some(&pending.join(", "))),
            card.id.clone(),
        ]);
    }
    let mut text = table.to_text();
    if let Some(next) = &page.next {
        text.push('\n');
        text.push_str(&words::more(next));
    }
    text
}

pub async fn one(room: &Room, card: Card) -> Result<Answer, Problem> {
    let desk = &room.desk;
    if let Card::Show { card: id }
    | Card::OneClick { card: id, .. }
    | Card::Activate { card: id, .. }
    | Card::Deactivate { card: id, .. }
    | Card::Delete { card: id, .. }
    | Card::Default { card: id }
    | Card::Deletion { card: id }
    | Card::Note { card: id, .. }
    | Card::Verify { card: id, .. }
    | Card::NewDetails { card: id }
    | Card::RemoveHere { card: id, .. } = &card
    {
        room.card_is_here(id).await?;
    }
    match card {
        Card::Show { card } => {
            let detail = desk.show_card(CardRef { card_id: card }).await?;
            let text = detail_text(&detail);
            Ok(Answer::new(&detail, text))
        }
        Card::OneClick { card, to } => {
            let on = to == OnOff::On;
            Ok(queued(
                &desk.set_one_click(SetOneClick { card_id: card, on }).await?,
            ))
        }
        Card::Activate { card, reason } => set_active(room, card, true, reason).await,
        Card::Deactivate { card, reason } => set_active(room, card, false, reason).await,
        Card::Delete {
            card,
            yes: _,
            reason,
            confirm,
        } => {
            let request = DeleteCard {
                card_id: card.clone(),
                confirmation: confirm,
                reason,
            };
            let mut answer = queued(&desk.delete_card(request).await?);
            // It is held: what goes along is said before anything is sent.
            if let Ok(goes_along) = acting::deletion(room, card).await {
                answer.text = format!("{}\n{}", answer.text, goes_along.text);
            }
            Ok(answer)
        }
        Card::Default { card } => Ok(queued(&desk.set_default(CardRef { card_id: card }).await?)),
        Card::Note { card, field, value } => acting::note(room, card, field, value).await,
        Card::Deletion { card } => acting::deletion(room, card).await,
        Card::Verify {
            card,
            amount: Some(amount),
            currency: Some(currency),
            through,
            confirm: Some(confirmation),
            reason,
        } => {
            let request = VerifyCard {
                card_id: card,
                amount,
                currency,
                through: through.word().to_owned(),
                confirmation,
                reason,
            };
            acting::verify(room, request).await
        }
        Card::Verify { card, .. } => acting::offer(room, card).await,
        Card::Refund { verification } => acting::refund(room, verification).await,
        Card::NewDetails { card } => acting::new_details(room, card).await,
        Card::RemoveHere { card, yes: _ } => acting::remove_here(room, card).await,
        Card::Create {
            account,
            customer,
            email,
            reference,
            external_id,
        } => {
            let request = CreateToken {
                account_id: String::new(),
                customer_id: customer,
                email,
                reference,
                external_id,
            };
            acting::create(room, &account, request).await
        }
    }
}

async fn set_active(
    room: &Room,
    card_id: String,
    active: bool,
    reason: Option<String>,
) -> Result<Answer, Problem> {
    let request = SetActive {
        card_id,
        active,
        reason,
    };
    Ok(queued(&room.desk.set_active(request).await?))
}

fn queued(change: &ChangeView) -> Answer {
    Answer::new(change, plain(&words::queued(change)))
}

fn detail_text(detail: &CardDetail) -> String {
    let card = &detail.card;
    let time = |at: &Option<String>| times::local_or_dash(at.as_deref());
    let text = |value: &Option<String>| words::or_dash(value.as_deref());
    let mut table = Table::of_pairs();
    let mut pair = |name: &str, value: String| table.row([name.to_owned(), value]);
    let labels = &words::DETAIL;
    pair(labels.card, words::card_name(card));
    pair(labels.expires, words::expiry(card));
    pair(
        labels.account,
        words::account_of_card(&card.account.label, &card.account.provider_name, card.env),
    );
    pair(labels.name, text(&card.name));
    pair(labels.id, card.id.clone());
    // All thirteen properties of a wallee token (wallee fact sheet, section 6.3); elsewhere only those that were told.
    let whole = detail.linked_space_id.is_some();
    let told = |value: &Option<String>| whole || value.is_some();
    pair(labels.remote_id, card.remote_id.clone());
    pair(labels.state, words::state_beside(card));
    if whole {
        pair(labels.version, card.version.to_string());
    }
    for (label, value) in [
        (labels.created, &card.created_on),
        (labels.purge, &card.planned_purge_on),
    ] {
        if told(value) {
            pair(label, time(value));
        }
    }
    pair(labels.email, text(&card.email));
    pair(labels.customer_id, text(&card.customer_id));
    for (label, value) in [
        (labels.reference, &detail.token_reference),
        (labels.external_id, &detail.external_id),
    ] {
        if told(value) {
            pair(label, text(value));
        }
    }
    pair(labels.one_click, words::one_click_beside(card));
    for (label, value) in [
        (labels.language, &detail.language),
        (labels.time_zone, &detail.time_zone),
        (labels.space, &detail.linked_space_id),
    ] {
        if told(value) {
            pair(label, text(value));
        }
    }
    for (label, value) in words::particulars(card) {
        pair(label, value);
    }
    pair(labels.read, times::local(&card.read_at));
    if let Some(gone) = &card.gone_at {
        pair(labels.gone, times::local(gone));
    }
    if let Some(note) = &detail.desk_note {
        pair(labels.desk_note, words::desk_note(note, &times::local(&note.at)));
    }
    let mut out = table.to_text();
    out.push('\n');
    out.push_str(&versions_text(detail));
    if !card.pending.is_empty() {
        out.push('\n');
        out.push_str(words::PENDING);
        out.push('\n');
        for change in &card.pending {
            out.push_str(&plain(&words::change_long(
                change,
                &times::local(&change.created_at),
            )));
            out.push('\n');
        }
    }
    out
}

fn versions_text(detail: &CardDetail) -> String {
    if detail.versions.is_empty() {
        return format!("{}\n", words::no_versions(detail.versions_read_at.is_some()));
    }
    let mut table = Table::new(&words::VERSIONS_HEAD);
    for version in &detail.versions {
        table.row([
            version.remote_id.clone(),
            words::version_state(&version.state).to_owned(),
            words::card_of(version.brand_name.as_deref(), version.last4.as_deref()),
            words::or_dash(version.expiry.as_deref()),
            times::local_or_dash(version.created_on.as_deref()),
            times::local_or_dash(version.obsoleted_on.as_deref()),
        ]);
    }
    table.to_text()
}

//! What is done at a payment system at once: verifying, pages for the buyer, new tokens, whole customer records, looking ids up.

use crate::answer::Answer;
use crate::args::systems::Customer;
use crate::args::{NoteField, NoteValue, OnOff};
use crate::layout::{Table, plain, plain_lines};
use crate::room::Room;
use crate::{times, words};
use tokendesk_desk::contract::{
    AllowVerification, CardRef, CreateToken, DeleteCustomer, ForgetOneClick, LookUp, MarkCard, Problem,
    Recognise, VerificationRef, VerificationView, VerifyCard, VerifyOffer,
};

pub async fn customer(room: &Room, command: Customer) -> Result<Answer, Problem> {
    let done = match command {
        Customer::Delete {
            account,
            customer,
            confirm,
            reason,
        } => {
            let account = room.account(&account).await?;
            room.desk
                .delete_customer(DeleteCustomer {
                    account_id: account.id,
                    customer_id: customer,
                    confirmation: confirm,
                    reason,
                })
                .await?
        }
        Customer::ForgetOneClick { account, customer } => {
            let account = room.account(&account).await?;
            room.desk
                .forget_one_click(ForgetOneClick {
                    account_id: account.id,
                    external_customer_id: customer,
                })
                .await?
        }
    };
    Ok(Answer::new(&done, plain(&done.says)))
}

pub async fn note(
    room: &Room,
    card_id: String,
    field: NoteField,
    value: NoteValue,
) -> Result<Answer, Problem> {
    let value = match value {
        NoteValue::On => Some(true),
        NoteValue::Off => Some(false),
        NoteValue::Clear => None,
    };
    let field = match field {
        NoteField::Active => "active",
        NoteField::OneClick => "one_click",
    };
    let request = MarkCard {
        card_id,
        field: field.to_owned(),
        value,
    };
    let detail = room.desk.mark_card(request).await?;
    Ok(Answer::new(&detail, words::noted(value).to_owned()))
}

/// What deleting would do. That it could not be looked up makes the command fail: the lists may then be short.
pub async fn deletion(room: &Room, card_id: String) -> Result<Answer, Problem> {
    let found = room.desk.before_deletion(CardRef { card_id }).await?;
    let answer = Answer::new(&found, plain_lines(&words::deletion(&found)));
    Ok(answer.with(found.problem))
}

/// What a verification would do; nothing is asked of anybody.
pub async fn offer(room: &Room, card_id: String) -> Result<Answer, Problem> {
    let request = CardRef {
        card_id: card_id.clone(),
    };
    let offer = room.desk.verify_offer(request).await?;
    Ok(Answer::new(&offer, offer_text(&offer, &card_id)))
}

fn offer_text(offer: &VerifyOffer, card_id: &str) -> String {
    let mut text = plain_lines(&words::verify_offer(offer, card_id));
    if offer.earlier.is_empty() {
        return text;
    }
    let mut table = Table::new(&words::BY);
    for done in &offer.earlier {
        table.row([
            times::local(&done.started_at),
            done.amount.clone(),
            done.outcome.replace('_', " "),
            done.reference.clone(),
            done.id.clone(),
        ]);
    }
    text.push_str(&format!("\n\n{}\n{}", words::EARLIER, table.to_text()));
    text
}

pub async fn verify(room: &Room, request: VerifyCard) -> Result<Answer, Problem> {
    let done = room.desk.verify_card(request).await?;
    Ok(verified(&done))
}

pub async fn refund(room: &Room, verification_id: String) -> Result<Answer, Problem> {
    let done = room
        .desk
        .refund_verification(VerificationRef { verification_id })
        .await?;
    Ok(verified(&done))
}

fn verified(done: &VerificationView) -> Answer {
    let mut answer = Answer::new(done, plain_lines(&words::verified(done)));
    answer.needs_a_person = matches!(
        done.outcome.as_str(),
        "void_unconfirmed" | "hold_may_exist" | "charged" | "running"
    );
    answer
}

pub async fn allow_verification(room: &Room, named: &str, to: OnOff) -> Result<Answer, Problem> {
    let account = room.account(named).await?;
    let allowed = to == OnOff::On;
    let view = room
        .desk
        .allow_verification(AllowVerification {
            account_id: account.id,
            allowed,
        })
        .await?;
    let is = view.verification_allowed == Some(true);
    Ok(Answer::new(
        &view,
        words::verification_allowed(&plain(&view.label), is),
    ))
}

pub async fn new_details(room: &Room, card_id: String) -> Result<Answer, Problem> {
    let page = room.desk.ask_new_details(CardRef { card_id }).await?;
    let text = format!("{}\n{}", plain(&page.url), plain(&page.says));
    Ok(Answer::new(&page, text))
}

pub async fn remove_here(room: &Room, card_id: String) -> Result<Answer, Problem> {
    let done = room.desk.remove_from_desk(CardRef { card_id }).await?;
    Ok(Answer::new(&done, words::REMOVED_HERE.to_owned()))
}

pub async fn create(room: &Room, named: &str, mut request: CreateToken) -> Result<Answer, Problem> {
    request.account_id = room.account(named).await?.id;
    let detail = room.desk.create_token(request).await?;
    let text = words::created(&plain(&detail.card.remote_id), &detail.card.id);
    Ok(Answer::new(&detail, text))
}

pub async fn what_is(room: &Room, text: String, live: Option<&str>) -> Result<Answer, Problem> {
    if let Some(named) = live {
        let account = room.account(named).await?;
        let found = room
            .desk
            .look_up(LookUp {
                account_id: account.id,
                text,
            })
            .await?;
        let mut said = plain(&found.says);
        if let Some(card) = &found.card_id {
            said.push_str(&words::show_card(card));
        }
        return Ok(Answer::new(&found, said));
    }
    let env = room.one_env().await?;
    let request = Recognise {
        env,
        text: text.clone(),
    };
    let found = room.desk.recognise(request).await?;
    let lines: Vec<String> = found
        .items
        .iter()
        .map(|item| plain_lines(&words::recognised(item, &text)))
        .collect();
    let said = if lines.is_empty() {
        words::NOT_RECOGNISED.to_owned()
    } else {
        lines.join("\n")
    };
    Ok(Answer::new(&found, said))
}

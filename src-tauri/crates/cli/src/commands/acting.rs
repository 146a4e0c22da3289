//! What is done at a payment system at once: verifying, pages for the buyer, new tokens, whole customer records, looking ids up.

use crate::answer::Answer;
use crate::args::systems::Customer;
use crate::args::{NoteValue, OnOff};
use crate::layout::plain;
use crate::room::Room;
use crate::words;
use tokendesk_desk::contract::{
    AllowVerification, CardRef, CreateToken, DeleteCustomer, ForgetOneClick, LookUp, MarkCard, Problem, Recognise,
    VerifyCard,
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

pub async fn note(room: &Room, card_id: String, field: String, value: NoteValue) -> Result<Answer, Problem> {
    let request = MarkCard {
        card_id,
        field: field.replace('-', "_"),
        value: match value {
            NoteValue::On => Some(true),
            NoteValue::Off => Some(false),
            NoteValue::Clear => None,
        },
    };
    let detail = room.desk.mark_card(request).await?;
    Ok(Answer::new(&detail, words::NOTED.to_owned()))
}

pub async fn verify(room: &Room, request: VerifyCard) -> Result<Answer, Problem> {
    let done = room.desk.verify_card(request).await?;
    let text = words::verified(&done.outcome, &done.says, &done.reference);
    let mut answer = Answer::new(&done, plain(&text));
    answer.needs_a_person = matches!(
        done.outcome.as_str(),
        "void_unconfirmed" | "hold_may_exist" | "charged"
    );
    Ok(answer)
}

pub async fn allow_verification(room: &Room, named: &str, to: OnOff) -> Result<Answer, Problem> {
    let account = room.account(named).await?;
    let view = room
        .desk
        .allow_verification(AllowVerification {
            account_id: account.id,
            allowed: to == OnOff::On,
        })
        .await?;
    Ok(Answer::new(&view, words::set(&plain(&view.label))))
}

pub async fn new_details(room: &Room, card_id: String) -> Result<Answer, Problem> {
    let page = room.desk.ask_new_details(CardRef { card_id }).await?;
    Ok(Answer::new(&page, format!("{}\n{}", plain(&page.url), plain(&page.says))))
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
        return Ok(Answer::new(&found, plain(&found.says)));
    }
    let env = room.one_env().await?;
    let found = room.desk.recognise(Recognise { env, text }).await?;
    let lines: Vec<String> = found.items.iter().map(|item| plain(&item.says)).collect();
    let said = if lines.is_empty() {
        words::NOT_RECOGNISED.to_owned()
    } else {
        lines.join("\n")
    };
    Ok(Answer::new(&found, said))
}

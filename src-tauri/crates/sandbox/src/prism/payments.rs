//! `PaymentService`: authorize with a token, void, capture, refund and get, as Prism forwards them and the processor
//! answers (Prism fact sheet, sections 5.1, 7, 8 and 10). Amounts and ids are checked by nobody here, as in Prism.

use serde_json::Value;

use super::Prism;
use super::connector::{Caller, Connector};
use super::proto::{Message, Writer};
use super::status::{Code, Status};
use super::switches::{AuthorizedAmount, EchoedIds, Saying, Switches, Taking, UnsupportedFlow};
use super::world::{Asked, Fate, Found, Money, World};
use crate::clock;

/// `PaymentStatus` by name.
mod state {
    pub(super) const AUTHENTICATION_PENDING: i64 = 4;
    pub(super) const AUTHORIZED: i64 = 6;
    pub(super) const CHARGED: i64 = 8;
    pub(super) const VOIDED: i64 = 11;
    pub(super) const PENDING: i64 = 20;
    pub(super) const FAILURE: i64 = 21;
}

/// `RefundStatus` by name.
const REFUND_PENDING: i64 = 3;
const REFUND_SUCCESS: i64 = 4;

const AUTOMATIC: i64 = 1;
const MANUAL: i64 = 2;
const MANUAL_MULTIPLE: i64 = 3;

/// Reasons Stripe knows for a cancellation.
const STRIPE_REASONS: [&str; 4] = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"];

/// What comes of a call.
pub(super) enum Answer {
    /// A message, its bytes.
    Message(Vec<u8>),
    /// The work is done, or not, and nothing is ever said.
    Silence,
}

pub(super) type Outcome = Result<Answer, Status>;

/// Where the fields of an authorize stand; the two calls number them differently.
struct Numbers {
    token_inside: bool,
    capture_method: u32,
    customer: u32,
    address: u32,
    return_url: u32,
    metadata: u32,
}

const TOKEN_AUTHORIZE: Numbers = Numbers {
    token_inside: false,
    capture_method: 6,
    customer: 4,
    address: 5,
    return_url: 7,
    metadata: 9,
};

const AUTHORIZE: Numbers = Numbers {
    token_inside: true,
    capture_method: 6,
    customer: 7,
    address: 8,
    return_url: 14,
    metadata: 12,
};

pub(super) fn token_authorize(prism: &Prism, caller: &Caller, request: &Message<'_>) -> Outcome {
    authorize_by(prism, caller, request, &TOKEN_AUTHORIZE)
}

pub(super) fn authorize(prism: &Prism, caller: &Caller, request: &Message<'_>) -> Outcome {
    authorize_by(prism, caller, request, &AUTHORIZE)
}

fn missing(field: &str) -> Status {
    Status::new(Code::InvalidArgument, format!("Missing required field: {field}"))
}

/// The answer for a flow the connector does not have.
pub(super) fn unsupported(connector: Connector, flow: &str, switches: &Switches) -> Status {
    let code = match switches.unsupported_flow {
        UnsupportedFlow::FailedPrecondition => Code::FailedPrecondition,
        UnsupportedFlow::Unimplemented => Code::Unimplemented,
    };
    Status::new(
        code,
        format!("{flow} is not implemented for {}", connector.name()),
    )
}

/// The processor's refusal, with its own words where a server passes them on.
pub(super) fn refused(status: u16, words: &str, switches: &Switches) -> Status {
    let mut refused = Status::of_processor(status);
    if switches.error_details {
        refused.message = format!("{}: {words}", refused.message);
    }
    refused
}

fn authorize_by(prism: &Prism, caller: &Caller, request: &Message<'_>, at: &Numbers) -> Outcome {
    let switches = prism.switches();
    let connector = caller.connector;
    let amount = request.message(2).ok_or_else(|| missing("amount"))?;
    let currency = amount.number(2).unwrap_or(0);
    if currency == 0 {
        return Err(missing("amount.currency"));
    }
    if request.message(at.address).is_none() {
        return Err(Status::new(Code::InvalidArgument, "Address is required"));
    }
    let token = if at.token_inside {
        // payment_method, its member token, the token's own secret.
        let method = request.message(5).ok_or_else(|| missing("payment_method"))?;
        method
            .message(8)
            .ok_or_else(|| unsupported(connector, "Authorize without a token", &switches))?
            .secret(1)
    } else {
        request.secret(3)
    };
    let manual = match request.number(at.capture_method).unwrap_or(0) {
        0 | AUTOMATIC => false,
        MANUAL | MANUAL_MULTIPLE => true,
        _ => {
            return Err(Status::new(
                Code::FailedPrecondition,
                "Capture method is not supported",
            ));
        }
    };
    if !connector.authorizes_tokens() {
        return Err(unsupported(connector, "TokenAuthorize", &switches));
    }
    if connector == Connector::Adyen && request.text(at.return_url).is_none_or(|url| url.is_empty()) {
        return Err(missing("return_url"));
    }
    if let Some(metadata) = request.secret(at.metadata)
        && !serde_json::from_str::<Value>(&metadata).is_ok_and(|value| value.is_object())
    {
        return Err(Status::new(
            Code::InvalidArgument,
            "Invalid data format: metadata",
        ));
    }
    caller.sign_in()?;

    let customer = request
        .message(at.customer)
        .and_then(|customer| customer.text(4))
        .filter(|id| !id.is_empty());
    let token = token.unwrap_or_default();
    let amount = amount.number(1).unwrap_or(0);
    prism.change(|world| {
        let found = world.find(connector, &token);
        accepts(connector, &token, amount, &found, customer.as_deref(), &switches)?;
        let asked = Asked {
            connector,
            reference: request.text(1),
            token: token.clone(),
            amount,
            currency,
            fate: found.fate,
        };
        pay(world, asked, manual, &switches)
    })
}

/// What the processor looks at before any money.
fn accepts(
    connector: Connector,
    token: &str,
    amount: i64,
    found: &Found,
    customer: Option<&str>,
    switches: &Switches,
) -> Result<(), Status> {
    if switches.odd_values == Taking::Refuses && (amount <= 0 || token.is_empty()) {
        return Err(refused(400, "parameter_invalid", switches));
    }
    if found.fate == Fate::Gone {
        return Err(match connector {
            Connector::Stripe => refused(400, "resource_missing", switches),
            Connector::Adyen => refused(422, "800 contract not found", switches),
            Connector::Cybersource | Connector::Noon => refused(404, "not_found", switches),
        });
    }
    let Some(owner) = &found.customer else {
        return Ok(());
    };
    let fits = customer == Some(owner.as_str());
    match connector {
        Connector::Stripe if !fits && switches.stripe_without_customer == Taking::Refuses => {
            Err(refused(400, "payment_method_customer_mismatch", switches))
        }
        Connector::Adyen if !fits && switches.adyen_without_shopper == Taking::Refuses => {
            Err(refused(422, "800 contract not found", switches))
        }
        // What is saved at Cybersource is an instrument, not the token of a browser.
        Connector::Cybersource if switches.cybersource_stored == Taking::Refuses => {
            Err(refused(400, "INVALID_DATA transientTokenJwt", switches))
        }
        _ => Ok(()),
    }
}

fn pay(world: &mut World, asked: Asked, manual: bool, switches: &Switches) -> Outcome {
    let (money, status) = match asked.fate {
        Fate::Declined => {
            world.pay(asked, Money::Nothing, state::FAILURE);
            return Err(refused(402, "card_declined", switches));
        }
        Fate::Failing(status) => return Err(refused(status, "processor_error", switches)),
        Fate::DeclinedInAnswer => (Money::Nothing, state::FAILURE),
        Fate::NeedsCustomer => (Money::Nothing, state::AUTHENTICATION_PENDING),
        Fate::Charged => (Money::Charged, state::CHARGED),
        Fate::Status(status) => (Money::Held, status),
        _ if manual => (Money::Held, state::AUTHORIZED),
        _ => (Money::Charged, state::CHARGED),
    };
    let reference = asked.reference.clone();
    let token = asked.token.clone();
    let silent = asked.fate == Fate::AuthorizeUnanswered;
    let told = asked.amount + i64::from(asked.fate == Fate::OtherAmount) * 100;
    let currency = asked.currency;
    let made = world.pay(asked, money, status);
    if silent {
        return Ok(Answer::Silence);
    }
    let id = made.id.clone();
    let mut answer = echoed(Writer::default(), 1, reference.as_deref(), &id, switches)
        .text(2, &id)
        .number(3, status);
    if status == state::FAILURE {
        answer = answer.message(4, decline());
    }
    answer = answer
        .number(5, 200)
        .message(6, Writer::default().text(1, "request-id").text(2, "req_sandbox"));
    if status == state::AUTHENTICATION_PENDING {
        let form = Writer::default()
            .text(1, "https://hooks.example/3d_secure_2/acs")
            .number(2, 1);
        answer = answer.message(7, Writer::default().message(1, form));
    }
    answer = answer.secret(
        11,
        &format!("{{\"id\":\"{id}\",\"client_secret\":\"{id}_secret_sandbox\"}}"),
    );
    if money == Money::Charged {
        answer = answer.number(13, told);
    }
    if money == Money::Held {
        let reserved = Writer::default().number(1, told).number(2, currency);
        answer = match switches.authorized_amount {
            AuthorizedAmount::Money => answer.message(20, reserved),
            AuthorizedAmount::Number => answer.number(15, told),
            AuthorizedAmount::None => answer,
        };
    }
    let mandate = Writer::default().text(1, &token).text(2, &token);
    let answer = answer.message(16, Writer::default().message(1, mandate));
    Ok(Answer::Message(answer.finish()))
}

// ErrorInfo with the connector's own details, as a decline inside an answer carries them.
fn decline() -> Writer {
    let connector = Writer::default()
        .text(1, "card_declined")
        .text(2, "Your card was declined.")
        .text(3, "do_not_honor");
    Writer::default().message(3, connector)
}

// An id under the merchant's name: mostly the processor's.
fn echoed(writer: Writer, number: u32, caller: Option<&str>, processor: &str, switches: &Switches) -> Writer {
    match switches.echoed_ids {
        EchoedIds::Processor => writer.text(number, processor),
        EchoedIds::Caller => match caller {
            Some(caller) => writer.text(number, caller),
            None => writer,
        },
    }
}

/// An id goes into a path as it is: with a slash or a question mark in it the request lands elsewhere.
pub(super) fn strays(prism: &Prism, id: &str) -> bool {
    let strays = id.contains(['/', '?', '#', '\\']) || id == ".." || id == ".";
    if strays {
        prism.change(|world| world.note_strayed(id));
    }
    strays
}

fn known(prism: &Prism, caller: &Caller, id: &str, switches: &Switches) -> Result<(), Status> {
    caller.sign_in()?;
    let lost = strays(prism, id)
        || prism.change(|world| world.transaction(caller.connector, id, clock::now()).is_none());
    if lost {
        return Err(refused(404, "resource_missing", switches));
    }
    Ok(())
}

pub(super) fn void(prism: &Prism, caller: &Caller, request: &Message<'_>) -> Outcome {
    let switches = prism.switches();
    let id = request.text(2).unwrap_or_default();
    known(prism, caller, &id, &switches)?;
    if caller.connector == Connector::Stripe
        && switches.stripe_void_reason == Taking::Refuses
        && let Some(reason) = request.text(3)
        && !STRIPE_REASONS.contains(&reason.as_str())
    {
        return Err(refused(400, "invalid cancellation_reason", &switches));
    }
    let status = prism.change(|world| {
        let now = clock::now();
        let later = world.in_ms(now, switches.adyen_void_ms);
        let Some(transaction) = world.transaction(caller.connector, &id, now) else {
            return Err(refused(404, "resource_missing", &switches));
        };
        let asynchronous = caller.connector == Connector::Adyen && switches.adyen_void == Saying::Pending;
        match (transaction.fate, transaction.money) {
            (Fate::VoidLost, _) => Ok(None),
            (Fate::VoidRefused, _) => Err(refused(400, "payment_intent_unexpected_state", &switches)),
            (Fate::VoidStatus(status), _) => Ok(Some(status)),
            // Adyen takes any cancellation; that it comes to nothing is told by a webhook alone.
            (_, Money::Charged) if asynchronous => Ok(Some(state::PENDING)),
            (_, Money::Charged) => Err(refused(400, "payment_intent_unexpected_state", &switches)),
            (fate, Money::Held) if asynchronous => {
                transaction.money = Money::Voiding(later);
                Ok((fate != Fate::VoidUnanswered).then_some(state::PENDING))
            }
            (_, _) if asynchronous => Ok(Some(state::PENDING)),
            (fate, money) => {
                if money == Money::Held {
                    transaction.money = Money::Voided;
                }
                transaction.status = state::VOIDED;
                Ok((fate != Fate::VoidUnanswered).then_some(state::VOIDED))
            }
        }
    })?;
    let Some(status) = status else {
        return Ok(Answer::Silence);
    };
    let answer = Writer::default().text(1, &id).number(2, status).number(4, 200);
    let answer = echoed(answer, 6, request.text(1).as_deref(), &id, &switches);
    Ok(Answer::Message(answer.finish()))
}

pub(super) fn capture(prism: &Prism, caller: &Caller, request: &Message<'_>) -> Outcome {
    let switches = prism.switches();
    let id = request.text(2).unwrap_or_default();
    let amount = request
        .message(3)
        .ok_or_else(|| missing("amount_to_capture"))?
        .number(1)
        .unwrap_or(0);
    known(prism, caller, &id, &switches)?;
    prism.change(|world| {
        let found = world.transaction(caller.connector, &id, clock::now());
        let Some(transaction) = found.filter(|transaction| transaction.money == Money::Held) else {
            return Err(refused(400, "payment_intent_unexpected_state", &switches));
        };
        if amount > transaction.amount {
            return Err(refused(400, "amount_too_large", &switches));
        }
        transaction.money = Money::Charged;
        transaction.status = state::CHARGED;
        Ok(())
    })?;
    let pending = caller.connector == Connector::Adyen && switches.adyen_capture == Saying::Pending;
    let mut answer = Writer::default()
        .text(1, &id)
        .number(2, if pending { state::PENDING } else { state::CHARGED })
        .number(4, 200);
    answer = echoed(answer, 6, request.text(1).as_deref(), &id, &switches);
    if !pending {
        answer = answer.number(9, amount);
    }
    Ok(Answer::Message(answer.finish()))
}

pub(super) fn refund(prism: &Prism, caller: &Caller, request: &Message<'_>) -> Outcome {
    let switches = prism.switches();
    let id = request.text(2).unwrap_or_default();
    let money = request.message(4).ok_or_else(|| missing("refund_amount"))?;
    let (amount, currency) = (money.number(1).unwrap_or(0), money.number(2).unwrap_or(0));
    known(prism, caller, &id, &switches)?;
    let refund = prism.change(|world| {
        let found = world.transaction(caller.connector, &id, clock::now());
        let Some(transaction) = found.filter(|transaction| transaction.money == Money::Charged) else {
            return Err(refused(400, "charge_not_captured", &switches));
        };
        if transaction.refunded + amount > transaction.amount {
            return Err(refused(400, "charge_already_refunded", &switches));
        }
        transaction.refunded += amount;
        Ok(world.refund_id(caller.connector))
    })?;
    let pending = caller.connector == Connector::Adyen && switches.adyen_capture == Saying::Pending;
    let answer = echoed(
        Writer::default(),
        1,
        request.text(1).as_deref(),
        &refund,
        &switches,
    )
    .text(2, &refund)
    .number(3, if pending { REFUND_PENDING } else { REFUND_SUCCESS })
    .number(5, 200)
    .message(7, Writer::default().number(1, amount).number(2, currency))
    .text(18, &id);
    Ok(Answer::Message(answer.finish()))
}

pub(super) fn get(prism: &Prism, caller: &Caller, request: &Message<'_>) -> Outcome {
    let switches = prism.switches();
    let id = request.text(2).unwrap_or_default();
    if !caller.connector.reads_back() {
        return Err(Status::new(Code::Internal, "Encoding failed"));
    }
    known(prism, caller, &id, &switches)?;
    prism.change(|world| {
        let Some(transaction) = world.transaction(caller.connector, &id, clock::now()) else {
            return Err(refused(404, "resource_missing", &switches));
        };
        let amount = Writer::default()
            .number(1, transaction.amount)
            .number(2, transaction.currency);
        let mut answer = Writer::default()
            .text(1, &id)
            .number(2, transaction.status)
            .number(4, 200)
            .message(8, amount);
        if transaction.money == Money::Charged {
            answer = answer.number(9, transaction.amount);
        }
        Ok(Answer::Message(answer.finish()))
    })
}

//! Payment details as they are sent: a token, or a card in the clear (fact sheet, sections 4.3 and 5). A number is
//! looked at and forgotten; only its last four digits are kept.

use serde_json::{Map, Value};

use super::ask::Ask;
use super::body;
use super::problem::Problem;
use super::switches::SpentTokenStatus;
use super::world::{Card, Details};

impl Ask<'_> {
    /// Takes `payment_details`: a token is spent by it. Called when nothing else can go wrong any more.
    ///
    /// # Errors
    /// 422 naming `payment_details` for a token that is unknown, spent, bound to another currency or not `fit`, and
    /// for a card that cannot be one.
    pub(super) fn take_details(
        &mut self,
        currency: Option<&str>,
        fit: impl Fn(&Details) -> bool,
    ) -> Result<Details, Problem> {
        let refused = || Problem::invalid("payment_details");
        let given =
            body::given(&self.body, "payment_details").ok_or_else(|| Problem::missing("payment_details"))?;
        let id = match given {
            Value::String(id) => id.clone(),
            Value::Object(members) => {
                let details = read(members, self.now)?;
                return if fit(&details) {
                    Ok(details)
                } else {
                    Err(refused())
                };
            }
            _ => return Err(refused()),
        };
        let spent = match self.switches().spent_token {
            SpentTokenStatus::Unprocessable => 422,
            SpentTokenStatus::BadRequest => 400,
        };
        let now = self.now;
        let token = self.world.tokens.get_mut(&id).ok_or_else(refused)?;
        if token.used {
            return Err(
                Problem::of_status(spent, "The token has already been used.").about("payment_details")
            );
        }
        if token.has_run_out(now) {
            return Err(Problem::of_status(spent, "The token has expired.").about("payment_details"));
        }
        let locked = token.currency.as_deref();
        if locked.is_some() && currency.is_some() && locked != currency {
            return Err(Problem::invalid("currency"));
        }
        if !fit(&token.details) {
            return Err(refused());
        }
        token.used = true;
        Ok(token.details.clone())
    }
}

/// Reads payment details in the clear.
///
/// # Errors
/// 422 naming what is missing or cannot be.
pub(super) fn read(members: &Map<String, Value>, now: i64) -> Result<Details, Problem> {
    let email = body::email(members)?;
    let kind = body::text(members, "type")?;
    if kind.as_deref() == Some("paypay") {
        return Ok(Details::PayPay);
    }
    if body::given(members, "number").is_none() {
        return match (kind.as_deref(), email) {
            (None | Some("konbini"), Some(email)) => Ok(Details::EmailOnly(email)),
            (Some("credit_card"), _) => Err(Problem::missing("number")),
            _ => Err(Problem::invalid("payment_details")),
        };
    }
    let number = body::text(members, "number")?.ok_or_else(|| Problem::missing("number"))?;
    if !is_card_number(&number) {
        return Err(Problem::invalid("number"));
    }
    let whole = |name: &'static str| {
        let value = body::given(members, name).ok_or_else(|| Problem::missing(name))?;
        body::whole(value).ok_or_else(|| Problem::invalid(name))
    };
    let month = u32::try_from(whole("month")?).unwrap_or(0);
    let year = i32::try_from(whole("year")?).unwrap_or(0);
    let year = if year < 100 { year + 2_000 } else { year };
    let (this_year, this_month) = crate::clock::year_month(now);
    if !(1..=12).contains(&month) {
        return Err(Problem::invalid("month"));
    }
    if (year, month) < (this_year, this_month) || year > this_year + 50 {
        return Err(Problem::invalid("year"));
    }
    if let Some(value) = body::text(members, "verification_value")?
        && !((3..=4).contains(&value.len()) && value.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(Problem::invalid("verification_value"));
    }
    let last_four = number[number.len() - 4..].to_owned();
    Ok(Details::Card {
        card: Card {
            brand: brand(&number).map(str::to_owned),
            last_four,
            month,
            year,
        },
        name: body::text(members, "name")?,
        email,
    })
}

fn brand(number: &str) -> Option<&'static str> {
    match number.as_bytes() {
        [b'4', ..] => Some("visa"),
        [b'5', b'1'..=b'5', ..] => Some("master"),
        [b'3', b'4' | b'7', ..] => Some("american_express"),
        [b'3', b'5', ..] => Some("jcb"),
        _ => None,
    }
}

fn is_card_number(text: &str) -> bool {
    let digits = (12..=19).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let sum: u32 = text
        .bytes()
        .rev()
        .zip([false, true].into_iter().cycle())
        .map(|(byte, doubled)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match (doubled, digit * 2) {
                (false, _) => digit,
                (true, twice) if twice > 9 => twice - 9,
                (true, twice) => twice,
            }
        })
        .sum();
    digits && sum.is_multiple_of(10)
}

//! Sessions of the hosted page, as far as token flows need them: create, show, pay, cancel (fact sheet, section 4.4).

use serde_json::json;

use super::ask::{Ask, Done, answer};
use super::body;
use super::problem::Problem;
use super::shape::{Place, session_status};
use super::world::{Customer, Mode, Session, Source, kind};

/// Default and longest life of a session, seconds.
const LIFE_SECONDS: u64 = 86_400;

impl Ask<'_> {
    pub(super) fn create_session(&mut self) -> Done {
        let (amount, currency) = body::money(&self.body)?;
        let mode = match self.text("mode")? {
            None => Mode::Payment,
            Some(word) => Mode::parse(&word).ok_or_else(|| Problem::invalid("mode"))?,
        };
        let seconds = match body::given(&self.body, "expires_in_seconds") {
            None => LIFE_SECONDS,
            Some(value) => body::whole(value)
                .filter(|seconds| (1..=LIFE_SECONDS).contains(seconds))
                .ok_or_else(|| Problem::invalid("expires_in_seconds"))?,
        };
        let email = body::email(&self.body)?;
        let given = self.text("customer_id")?;
        if let Some(id) = &given
            && self.world.customer(id).is_none()
        {
            return Err(Problem::invalid("customer_id"));
        }
        let metadata = body::metadata(&self.body)?;
        let (return_url, locale) = (self.text("return_url")?, self.text("default_locale")?);
        let external_customer = self.text("external_customer_id")?;
        let customer = match (mode, given) {
            (Mode::Payment, _) => None,
            (_, Some(id)) => Some(id),
            // Told at once, and empty until the buyer is done.
            (_, None) => Some(self.add_customer(email.clone(), None, None)),
        };
        let session = Session {
            id: self.world.next_id(kind::SESSION),
            created: self.now,
            expires: self.now + seconds as i64 * 1_000,
            mode,
            amount,
            currency,
            customer,
            external_customer,
            email,
            return_url,
            locale,
            metadata,
            payment: None,
            completed: None,
            cancelled: None,
        };
        let told = self.shape.session(self.world, &session, self.now);
        self.world.sessions.insert(session.id.clone(), session);
        Ok(answer(&told))
    }

    fn find_session(&self, id: &str) -> Result<Session, Problem> {
        let found = self.world.sessions.get(id).cloned();
        found.ok_or_else(Problem::not_found)
    }

    pub(super) fn show_session(&self, id: &str) -> Done {
        let session = self.find_session(id)?;
        Ok(answer(&self.shape.session(self.world, &session, self.now)))
    }

    pub(super) fn cancel_session(&mut self, id: &str) -> Done {
        let mut session = self.open_session(id)?;
        session.cancelled = Some(self.now);
        let told = self.shape.session(self.world, &session, self.now);
        self.world.sessions.insert(session.id.clone(), session);
        Ok(answer(&told))
    }

    fn open_session(&self, id: &str) -> Result<Session, Problem> {
        let session = self.find_session(id)?;
        let closed = session.completed.is_some() || session.cancelled.is_some();
        if closed || session.has_run_out(self.now) {
            return Err(Problem::of_status(422, "The session is not open."));
        }
        Ok(session)
    }

    pub(super) fn pay_session(&mut self, id: &str) -> Done {
        let mut session = self.open_session(id)?;
        let saves = session.mode != Mode::Payment;
        let details = self.take_details(Some(&session.currency), |details| {
            !saves || details.can_be_saved()
        })?;
        session.completed = Some(self.now);
        if let (Some(customer), Some(source)) = (&session.customer, details.saved()) {
            self.complete_customer(customer, source, session.email.as_ref());
        }
        let mut told = json!({ "redirect_url": null, "status": session_status(&session) });
        if session.mode != Mode::Customer {
            let mut payment = self.pay(session.amount, &session.currency, details);
            payment.session = Some(session.id.clone());
            payment.customer = session.customer.clone();
            payment.metadata = session.metadata.clone();
            session.payment = Some(payment.id.clone());
            told["payment"] = self.add_payment(payment);
            if let Some(external) = &session.external_customer {
                self.world.one_click.insert(external.clone(), true);
            }
        }
        if let Some(customer) = session.customer.as_deref().and_then(|id| self.world.customer(id)) {
            told["customer"] = self.shape.customer(customer, Place::Changed);
        }
        self.world.sessions.insert(session.id.clone(), session);
        Ok(answer(&told))
    }

    fn complete_customer(&mut self, id: &str, source: Source, email: Option<&String>) {
        if let Some(customer) = self.world.customer_mut(id) {
            let Customer {
                email: kept,
                source: old,
                ..
            } = customer;
            *old = Some(source);
            *kept = kept.take().or_else(|| email.cloned());
        }
        self.note_customer("customer.updated", id);
    }
}

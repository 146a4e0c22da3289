//! Tokens of one use, payments, and subscriptions (fact sheet, sections 5 and 7).

use serde_json::Value;

use super::ask::{Ask, Done, answer};
use super::body;
use super::details;
use super::problem::Problem;
use super::shape::{Place, payment_event};
use super::switches::{Deleted, Order};
use super::world::{Details, Payment, PaymentStatus, Subscription, Token, kind};

impl Ask<'_> {
    pub(super) fn create_token(&mut self) -> Done {
        let given =
            body::given(&self.body, "payment_details").ok_or_else(|| Problem::missing("payment_details"))?;
        let members = given
            .as_object()
            .ok_or_else(|| Problem::invalid("payment_details"))?;
        let details = details::read(members, self.now)?;
        let currency = self
            .text("currency")?
            .as_deref()
            .map(body::currency)
            .transpose()?;
        let id = format!("tok_{}", self.world.next_id(kind::TOKEN));
        let token = Token {
            created: self.now,
            details,
            currency,
            used: false,
        };
        let told = self.shape.token(&id, &token);
        self.world.tokens.insert(id, token);
        Ok(answer(&told))
    }

    pub(super) fn list_payments(&self) -> Done {
        let window = self.window()?;
        let statuses = match self.query("status") {
            None => None,
            Some(text) => {
                let known = text
                    .split(',')
                    .map(|word| PaymentStatus::parse(word.trim()).ok_or_else(|| Problem::invalid("status")));
                Some(known.collect::<Result<Vec<_>, _>>()?)
            }
        };
        let (currency, order) = (self.query("currency"), self.query("external_order_num"));
        let fits = |payment: &&Payment| {
            window.holds(payment.created)
                && statuses
                    .as_ref()
                    .is_none_or(|wanted| wanted.contains(&payment.status))
                && currency
                    .as_ref()
                    .is_none_or(|wanted| wanted.eq_ignore_ascii_case(&payment.currency))
                && (order.is_none() || order == payment.order)
        };
        let rows: Vec<&Payment> = self.world.payments.iter().filter(fits).collect();
        self.listing(
            "payment",
            &window,
            self.switches().payment_order,
            &rows,
            |payment| self.shape.payment(payment),
        )
    }

    fn find_payment(&self, id: &str) -> Result<&Payment, Problem> {
        let found = self.world.payments.iter().find(|payment| payment.id == id);
        found.ok_or_else(Problem::not_found)
    }

    pub(super) fn show_payment(&self, id: &str) -> Done {
        Ok(answer(&self.shape.payment(self.find_payment(id)?)))
    }

    pub(super) fn create_payment(&mut self) -> Done {
        let (amount, currency) = body::money(&self.body)?;
        let metadata = body::metadata(&self.body)?;
        let (description, order) = (self.text("description")?, self.text("external_order_num")?);
        let customer = self.text("customer")?;
        let has_details = body::given(&self.body, "payment_details").is_some();
        let details = match (&customer, has_details) {
            (None, false) => return Err(Problem::missing("payment_details")),
            // Exactly one of the two.
            (Some(_), true) => return Err(Problem::invalid("customer")),
            (None, true) => self.take_details(Some(&currency), |_| true)?,
            (Some(id), false) => {
                let refused = || Problem::invalid("customer");
                let customer = self.world.customer(id).ok_or_else(refused)?;
                let source = customer.source.as_ref().ok_or_else(refused)?;
                source.details(customer.email.clone())
            }
        };
        let mut payment = self.pay(amount, &currency, details);
        payment.customer = customer;
        payment.metadata = metadata;
        payment.description = description;
        payment.order = order;
        Ok(answer(&self.add_payment(payment)))
    }

    /// A payment as it comes out with these details. What is paid at a counter is authorized until then.
    pub(super) fn pay(&mut self, amount: u64, currency: &str, details: Details) -> Payment {
        let later = match body::given(&self.body, "capture") {
            Some(Value::Bool(capture)) => !capture,
            Some(Value::String(word)) => word == "false" || word == "manual",
            _ => false,
        };
        let status = match (&details, later) {
            (Details::EmailOnly(_), _) | (_, true) => PaymentStatus::Authorized,
            _ => PaymentStatus::Captured,
        };
        self.world.payment(self.now, amount, currency, details, status)
    }

    /// Adds a payment and notes it; how it is told.
    pub(super) fn add_payment(&mut self, payment: Payment) -> Value {
        let told = self.shape.payment(&payment);
        let event = payment_event(payment.status);
        self.world.payments.push(payment);
        if let Some(event) = event {
            self.note(event, told.clone());
        }
        told
    }

    /// `capture`, `cancel` or `refund`.
    pub(super) fn move_payment(&mut self, id: &str, verb: &str) -> Done {
        use PaymentStatus::{Authorized, Cancelled, Captured, Pending, Refunded};
        let now = self.now;
        let payment = self
            .world
            .payments
            .iter_mut()
            .find(|payment| payment.id == id)
            .ok_or_else(Problem::not_found)?;
        payment.status = match (verb, payment.status) {
            ("capture", Authorized) => {
                payment.captured = Some(now);
                Captured
            }
            ("cancel", Authorized | Pending) => Cancelled,
            ("refund", Captured) => {
                payment.refunded = payment.amount;
                Refunded
            }
            ("capture" | "cancel" | "refund", _) => {
                return Err(Problem::of_status(
                    422,
                    "The payment is not in a status that allows this.",
                ));
            }
            _ => return Err(Problem::not_found()),
        };
        let event = payment_event(payment.status);
        let told = self.shape.payment(self.find_payment(id)?);
        if let Some(event) = event {
            self.note(event, told.clone());
        }
        Ok(answer(&told))
    }

    pub(super) fn list_subscriptions(&self) -> Done {
        let window = self.window()?;
        let rows: Vec<&Subscription> = self
            .world
            .subscriptions
            .iter()
            .filter(|subscription| window.holds(subscription.created))
            .collect();
        self.listing("subscription", &window, Order::Newest, &rows, |subscription| {
            self.shape.subscription(self.world, subscription, Place::List)
        })
    }

    fn find_subscription(&self, id: &str) -> Result<&Subscription, Problem> {
        let found = self
            .world
            .subscriptions
            .iter()
            .find(|subscription| subscription.id == id);
        found.ok_or_else(Problem::not_found)
    }

    pub(super) fn show_subscription(&self, id: &str) -> Done {
        let subscription = self.find_subscription(id)?;
        Ok(answer(&self.shape.subscription(
            self.world,
            subscription,
            Place::Show,
        )))
    }

    pub(super) fn create_subscription(&mut self) -> Done {
        let (amount, currency) = body::money(&self.body)?;
        let customer = self
            .text("customer")?
            .ok_or_else(|| Problem::missing("customer"))?;
        let period = self.text("period")?.ok_or_else(|| Problem::missing("period"))?;
        if !matches!(period.as_str(), "weekly" | "monthly" | "yearly") {
            return Err(Problem::invalid("period"));
        }
        let chargeable = self
            .world
            .customer(&customer)
            .is_some_and(|customer| customer.source.is_some());
        if !chargeable {
            return Err(Problem::invalid("customer"));
        }
        let subscription = Subscription {
            id: self.world.next_id(kind::SUBSCRIPTION),
            created: self.now,
            customer,
            amount,
            currency,
            period,
            ended: None,
        };
        let told = self.shape.subscription(self.world, &subscription, Place::Changed);
        self.world.subscriptions.push(subscription);
        self.note("subscription.created", told.clone());
        Ok(answer(&told))
    }

    pub(super) fn delete_subscription(&mut self, id: &str) -> Done {
        self.find_subscription(id)?;
        let now = self.now;
        for subscription in &mut self.world.subscriptions {
            if subscription.id == id && subscription.ended.is_none() {
                subscription.ended = Some(now);
            }
        }
        let subscription = self.find_subscription(id)?;
        let told = self.shape.subscription(self.world, subscription, Place::Changed);
        self.note("subscription.deleted", told.clone());
        Ok(Self::deleted(Deleted::Object, &told))
    }
}

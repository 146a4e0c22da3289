//! Customers and one-click records (fact sheet, sections 4 and 6). A customer is one saved payment method, or none.

use serde_json::json;

use super::ask::{Ask, Done, answer};
use super::body;
use super::problem::Problem;
use super::shape::Place;
use super::switches::{DeleteEffect, DeleteMissing, MetadataPatch};
use super::world::{Customer, Metadata, PaymentStatus, Source, kind};

impl Ask<'_> {
    pub(super) fn list_customers(&self) -> Done {
        let window = self.window()?;
        let expiry = match self.query("expiration") {
            None => None,
            Some(text) => Some(month_and_year(&text).ok_or_else(|| Problem::invalid("expiration"))?),
        };
        let fits = |customer: &&Customer| {
            !customer.gone
                && window.holds(customer.created)
                && expiry.is_none_or(|(month, year)| match &customer.source {
                    Some(Source::Card(card)) => card.month == month && card.year % 100 == year,
                    _ => false,
                })
        };
        let rows: Vec<&Customer> = self.world.customers.iter().filter(fits).collect();
        self.listing(
            "customer",
            &window,
            self.switches().customer_order,
            &rows,
            |customer| self.shape.customer(customer, Place::List),
        )
    }

    pub(super) fn show_customer(&self, id: &str) -> Done {
        let customer = self.world.customer(id).ok_or_else(Problem::not_found)?;
        Ok(answer(&self.shape.customer(customer, Place::Show)))
    }

    pub(super) fn create_customer(&mut self) -> Done {
        let email = body::email(&self.body)?;
        let metadata = body::metadata(&self.body)?;
        let currency = self.currency()?;
        let source = self.new_source(currency.as_deref())?;
        let id = self.add_customer(email, source, metadata);
        self.tell_changed(&id)
    }

    /// A customer made now, and noted.
    pub(super) fn add_customer(
        &mut self,
        email: Option<String>,
        source: Option<Source>,
        metadata: Option<Metadata>,
    ) -> String {
        let id = self.world.next_id(kind::CUSTOMER);
        self.world.add_customer(Customer {
            id: id.clone(),
            created: self.now,
            email,
            source,
            metadata: Some(metadata.unwrap_or_default()),
            locale: Some("ja".to_owned()),
            gone: false,
        });
        self.note_customer("customer.created", &id);
        id
    }

    pub(super) fn update_customer(&mut self, id: &str) -> Done {
        self.world.customer(id).ok_or_else(Problem::not_found)?;
        let email = body::email(&self.body)?;
        let metadata = body::metadata(&self.body)?;
        let currency = self.currency()?;
        let source = self.new_source(currency.as_deref())?;
        let replaces = self.switches().metadata_patch == MetadataPatch::Replace;
        if let Some(customer) = self.world.customer_mut(id) {
            if email.is_some() {
                customer.email = email;
            }
            if source.is_some() {
                customer.source = source;
            }
            if let Some(new) = metadata {
                let kept = customer.metadata.take().filter(|_| !replaces);
                let mut all = kept.unwrap_or_default();
                all.extend(new);
                customer.metadata = Some(all);
            }
        }
        self.note_customer("customer.updated", id);
        self.tell_changed(id)
    }

    pub(super) fn delete_customer(&mut self, id: &str) -> Done {
        let customer = self.world.customer_or_gone(id).ok_or_else(Problem::not_found)?;
        if customer.gone && self.switches().customer_delete_again == DeleteMissing::NotFound {
            return Err(Problem::not_found());
        }
        if !customer.gone {
            let effect = self.switches().customer_delete_effect;
            let payments = self
                .world
                .payments
                .iter()
                .any(|payment| payment.customer.as_deref() == Some(id) && payment.status.is_open());
            let subscriptions = self
                .world
                .subscriptions
                .iter()
                .any(|subscription| subscription.customer == id && subscription.ended.is_none());
            if effect == DeleteEffect::Refused && (payments || subscriptions) {
                return Err(Problem::of_status(
                    422,
                    "The customer still has subscriptions or open payments.",
                ));
            }
            if effect == DeleteEffect::Ends {
                self.end_what_hangs_on(id);
            }
            if let Some(customer) = self.world.customer_mut(id) {
                customer.gone = true;
                customer.source = None;
            }
            self.note_customer("customer.deleted", id);
        }
        let customer = self.world.customer_or_gone(id).ok_or_else(Problem::not_found)?;
        let told = self.shape.customer(customer, Place::Changed);
        Ok(Self::deleted(self.switches().customer_delete, &told))
    }

    fn end_what_hangs_on(&mut self, id: &str) {
        for subscription in &mut self.world.subscriptions {
            if subscription.customer == id && subscription.ended.is_none() {
                subscription.ended = Some(self.now);
            }
        }
        for payment in &mut self.world.payments {
            if payment.customer.as_deref() == Some(id) && payment.status.is_open() {
                payment.status = PaymentStatus::Cancelled;
            }
        }
    }

    pub(super) fn delete_one_click(&mut self, id: &str) -> Done {
        let was_there = self.world.one_click.get(id).copied().unwrap_or(false);
        if !was_there && self.switches().one_click_missing == DeleteMissing::NotFound {
            return Err(Problem::not_found());
        }
        if was_there {
            self.world.one_click.insert(id.to_owned(), false);
        }
        Ok(Self::deleted(
            self.switches().one_click_delete,
            &json!({ "id": id }),
        ))
    }

    fn tell_changed(&self, id: &str) -> Done {
        let customer = self.world.customer(id).ok_or_else(Problem::not_found)?;
        Ok(answer(&self.shape.customer(customer, Place::Changed)))
    }

    // The last thing checked: a token that was taken is spent.
    fn new_source(&mut self, currency: Option<&str>) -> Result<Option<Source>, Problem> {
        if body::given(&self.body, "payment_details").is_none() {
            return Ok(None);
        }
        let details = self.take_details(currency, |details| details.can_be_saved())?;
        Ok(details.saved())
    }

    fn currency(&self) -> Result<Option<String>, Problem> {
        self.text("currency")?.as_deref().map(body::currency).transpose()
    }
}

fn month_and_year(text: &str) -> Option<(u32, i32)> {
    let digits = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .then(|| Some((text[..2].parse().ok()?, text[2..].parse().ok()?)))
        .flatten()
        .filter(|(month, _)| (1..=12).contains(month))
}

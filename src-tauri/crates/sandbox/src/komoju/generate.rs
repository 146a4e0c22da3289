//! Makes a world from a number of customers and a seed: the same two give the same world, only dates move with the
//! month it is made in.

use super::world::{
    Card, Customer, Details, Metadata, PaymentStatus, Source, Subscription, World, kind, object_id,
};
use crate::clock::{DAY, year_month};
use crate::world::pick;

/// What a customer of the generated world is there to show.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Card,
    ShellWithoutEmail,
    Shell,
    PayPay,
    TwoDigitYear,
    UnknownBrand,
    NoBrand,
    Expired,
    NoMetadata,
    SwitchedOff,
    ForeignMetadata,
}

impl Part {
    fn of(seed: u64, n: u32) -> Self {
        match n {
            6 => Self::SwitchedOff,
            12 => Self::PayPay,
            14 => Self::ShellWithoutEmail,
            15 => Self::Shell,
            16 => Self::TwoDigitYear,
            17 => Self::NoBrand,
            18 => Self::Expired,
            19 => Self::NoMetadata,
            20 => Self::UnknownBrand,
            21 => Self::ForeignMetadata,
            0..=23 => Self::Card,
            _ => match pick(seed, 90, u64::from(n)) % 200 {
                0..=3 => Self::ShellWithoutEmail,
                4..=7 => Self::Shell,
                8..=13 => Self::PayPay,
                14..=21 => Self::TwoDigitYear,
                22..=23 => Self::UnknownBrand,
                24 => Self::NoBrand,
                25..=34 => Self::Expired,
                35..=44 => Self::NoMetadata,
                45..=58 => Self::SwitchedOff,
                59..=70 => Self::ForeignMetadata,
                _ => Self::Card,
            },
        }
    }
}

const BRANDS: [&str; 6] = ["visa", "visa", "master", "mastercard", "american_express", "jcb"];
const MONTHS_BACK: i64 = 48;

/// A buyer as the world needs one.
pub(super) struct Buyer {
    pub(super) email: Option<String>,
    pub(super) customer_id: String,
    pub(super) locale: &'static str,
}

impl World {
    /// Makes the world. `base` is the first instant of the month everything is relative to; `whole` keeps the
    /// email of every buyer, also of those who never finished.
    pub(super) fn new(
        customers: u32,
        seed: u64,
        base: i64,
        whole: bool,
        buyer: impl Fn(u32) -> Buyer,
    ) -> Self {
        let mut world = Self::empty(seed, customers as usize);
        let span = MONTHS_BACK * 30 * DAY;
        let mut rows: Vec<(u32, i64)> = (0..customers)
            .map(|n| {
                let back = (pick(seed, 91, u64::from(n)) % span as u64) as i64;
                (n, base - DAY - back)
            })
            .collect();
        rows.sort_by_key(|(n, created)| (*created, *n));
        for (n, created) in rows {
            world.settle(n, created, base, whole, &buyer(n));
        }
        world.payments.sort_by_key(|payment| payment.created);
        world
            .subscriptions
            .sort_by_key(|subscription| subscription.created);
        world
    }

    fn settle(&mut self, n: u32, created: i64, base: i64, whole: bool, buyer: &Buyer) {
        let seed = self.seed;
        let part = Part::of(seed, n);
        let source = source_of(seed, n, part, base);
        let has_card = matches!(source, Some(Source::Card(_)));
        let metadata = metadata_of(seed, n, part, &buyer.customer_id);
        let id = object_id(seed, kind::CUSTOMER, u64::from(n));
        if let (Some(Source::Card(card)), true) =
            (&source, n == 0 || pick(seed, 92, u64::from(n)).is_multiple_of(30))
        {
            let details = Details::Card {
                card: card.clone(),
                name: None,
                email: buyer.email.clone(),
            };
            let mut payment = self.payment(base - DAY, 4_800, "JPY", details, PaymentStatus::Authorized);
            payment.id = object_id(seed, kind::PAYMENT, u64::from(n));
            payment.customer = Some(id.clone());
            self.payments.push(payment);
        }
        if has_card && (n == 0 || pick(seed, 93, u64::from(n)).is_multiple_of(25)) {
            self.subscriptions.push(Subscription {
                id: object_id(seed, kind::SUBSCRIPTION, u64::from(n)),
                created: created + 1_000,
                customer: id.clone(),
                amount: 980,
                currency: "JPY".to_owned(),
                period: "monthly".to_owned(),
                ended: None,
            });
        }
        if pick(seed, 94, u64::from(n)).is_multiple_of(5) {
            self.one_click.insert(buyer.customer_id.clone(), true);
        }
        self.add_customer(Customer {
            id,
            created,
            email: buyer
                .email
                .clone()
                .filter(|_| whole || part != Part::ShellWithoutEmail),
            source,
            metadata,
            locale: Some(buyer.locale.to_owned()),
            gone: false,
        });
    }
}

fn source_of(seed: u64, n: u32, part: Part, base: i64) -> Option<Source> {
    let chance = |salt: u64| pick(seed, salt, u64::from(n));
    let brand = match part {
        Part::ShellWithoutEmail | Part::Shell => return None,
        Part::PayPay => return Some(Source::PayPay),
        Part::NoBrand => None,
        Part::UnknownBrand => Some(["nordlicht", "銀聯カード"][(chance(95) % 2) as usize].to_owned()),
        _ => Some(BRANDS[(chance(96) % BRANDS.len() as u64) as usize].to_owned()),
    };
    let (this_year, this_month) = year_month(base);
    let months = match part {
        Part::Expired => -2 - (chance(97) % 12) as i32,
        _ => (chance(97) % 54) as i32 - 2,
    };
    let index = this_year * 12 + this_month as i32 - 1 + months;
    let year = index.div_euclid(12);
    Some(Source::Card(Card {
        brand,
        last_four: format!("{:04}", chance(98) % 10_000),
        month: index.rem_euclid(12) as u32 + 1,
        year: if part == Part::TwoDigitYear {
            year % 100
        } else {
            year
        },
    }))
}

fn metadata_of(seed: u64, n: u32, part: Part, customer_id: &str) -> Option<Metadata> {
    let mut metadata = Metadata::new();
    match part {
        Part::NoMetadata => return None,
        Part::SwitchedOff => {
            metadata.insert("tokendesk_active".to_owned(), "false".to_owned());
            metadata.insert("tokendesk_one_click".to_owned(), n.is_multiple_of(2).to_string());
        }
        Part::ForeignMetadata => {
            metadata.insert("メモ".to_owned(), "電話で確認済み".to_owned());
            metadata.insert("tokendesk_active".to_owned(), "yes".to_owned());
        }
        _ => {}
    }
    if !pick(seed, 99, u64::from(n)).is_multiple_of(3) {
        metadata.insert("crm_id".to_owned(), customer_id.to_owned());
    }
    Some(metadata)
}

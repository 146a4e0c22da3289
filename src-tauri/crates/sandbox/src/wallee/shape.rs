//! Tokens and token versions as JSON, members and collapse rule as in wallee fact sheet, sections 4.1 and 4.2.
//! Written straight into the answer: benchmarks read a hundred of these in every page.

use super::page::Expand;
use crate::clock;
use crate::switches::{Environment, Switches};
use crate::world::cards::{BRANDS, Brand, Told, told};
use crate::world::{Token, Version, VersionState, World, pick};

/// The one connector configuration of the space.
pub(crate) const CONNECTOR: u64 = 2_201;
const PROCESSOR: u64 = 1_801;
const VERSION_TYPE: u64 = 1_457_092_714_312;
const MASKED_NUMBER: u64 = 1_456_765_125_779;
const EXPIRY: u64 = 1_456_765_711_187;

/// Writes one JSON object, member by member.
pub(crate) struct Object<'b> {
    out: &'b mut Vec<u8>,
    first: bool,
}

impl<'b> Object<'b> {
    pub(crate) fn begin(out: &'b mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    pub(crate) fn end(self) {
        self.out.push(b'}');
    }

    /// Writes the name; the caller writes the value.
    pub(crate) fn name(&mut self, name: &str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    pub(crate) fn number(&mut self, name: &str, value: u64) {
        number(self.name(name), value);
    }

    pub(crate) fn text(&mut self, name: &str, value: &str) {
        text(self.name(name), value);
    }

    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        self.name(name)
            .extend_from_slice(if value { b"true" } else { b"false" });
    }

    pub(crate) fn null(&mut self, name: &str) {
        self.name(name).extend_from_slice(b"null");
    }

    fn time(&mut self, name: &str, at: i64) {
        let out = self.name(name);
        out.push(b'"');
        clock::write_rfc3339(out, at);
        out.push(b'"');
    }

    fn some_time(&mut self, name: &str, at: Option<i64>) {
        match at {
            Some(at) => self.time(name, at),
            None => self.null(name),
        }
    }

    /// `{"id":…}`
    fn collapsed(&mut self, name: &str, id: u64) {
        let mut inner = Object::begin(self.name(name));
        inner.number("id", id);
        inner.end();
    }

    /// `{"en-US":…,"de-DE":…}`
    fn translated(&mut self, name: &str, value: &str) {
        let mut inner = Object::begin(self.name(name));
        inner.text("en-US", value);
        inner.text("de-DE", value);
        inner.end();
    }
}

fn number(out: &mut Vec<u8>, value: u64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut left = value;
    loop {
        at -= 1;
        digits[at] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

pub(super) fn text(out: &mut Vec<u8>, value: &str) {
    out.push(b'"');
    let mut plain = 0;
    for (at, byte) in value.bytes().enumerate() {
        if byte < 0x20 || byte == b'"' || byte == b'\\' {
            out.extend_from_slice(&value.as_bytes()[plain..at]);
            out.extend_from_slice(format!("\\u{byte:04x}").as_bytes());
            plain = at + 1;
        }
    }
    out.extend_from_slice(&value.as_bytes()[plain..]);
    out.push(b'"');
}

/// A token. Empty fields are null in some rows and absent in others, as readers must treat both alike.
pub(crate) fn token(out: &mut Vec<u8>, world: &World, switches: &Switches, token: &Token) {
    let absent = pick(world.seed, 70, token.id).is_multiple_of(2);
    let mut o = Object::begin(out);
    o.number("id", token.id);
    o.number("version", token.version.into());
    let state = if switches.unknown_enum && world.has_odd_state(token) {
        "SUSPENDED"
    } else {
        token.state.text()
    };
    o.text("state", state);
    let mut optional = |name: &str, value: Option<&str>| match value {
        Some(value) => o.text(name, value),
        None if absent => {}
        None => o.null(name),
    };
    optional("externalId", Some(&world.external_id(token)));
    optional("tokenReference", world.reference(token).as_deref());
    optional("customerId", world.customer_id(token));
    optional("customerEmailAddress", world.email(token));
    optional("language", world.language(token));
    optional("timeZone", world.time_zone(token));
    o.flag("enabledForOneClickPayment", token.one_click);
    o.time("createdOn", token.created);
    o.number("linkedSpaceId", world.space);
    match token.purge {
        Some(at) => o.time("plannedPurgeDate", at),
        None if absent => {}
        None => o.null("plannedPurgeDate"),
    }
    o.end();
}

/// When a version became ACTIVE; a little after it was made.
pub(crate) fn activated(version: &Version) -> Option<i64> {
    (version.state != VersionState::Uninitialized).then_some(version.created + 4_300)
}

/// The environment all versions claim.
pub(crate) fn environment(switches: &Switches) -> &'static str {
    match switches.environment {
        Environment::Test => "TEST",
        Environment::Production => "PRODUCTION",
    }
}

fn tells(world: &World, version: &Version) -> Told {
    if version.own.is_some() {
        Told::Both
    } else {
        told(world.seed, version.id)
    }
}

/// The version's display name, when it has one.
pub(crate) fn version_name(world: &World, version: &Version) -> Option<String> {
    if !matches!(
        tells(world, version),
        Told::Both | Told::BothShortYear | Told::NameOnly
    ) {
        return None;
    }
    let brand = &BRANDS[version.brand as usize];
    Some(brand.shown(&world.last_four(version).unwrap_or_default()))
}

/// A token version.
pub(crate) fn version(
    out: &mut Vec<u8>,
    world: &World,
    switches: &Switches,
    expand: &Expand,
    version: &Version,
) {
    let of = world.token_of(version);
    let brand = &BRANDS[version.brand as usize];
    let mut o = Object::begin(out);
    o.number("id", version.id);
    o.number("version", version.version.into());
    o.text("state", version.state.text());
    if expand.has("token") {
        token(o.name("token"), world, switches, of);
    } else {
        o.collapsed("token", of.id);
    }
    match version_name(world, version) {
        Some(name) => o.text("name", &name),
        None => o.null("name"),
    }
    o.text("environment", environment(switches));
    if expand.has("type") {
        let mut inner = Object::begin(o.name("type"));
        inner.number("id", VERSION_TYPE);
        inner.translated("name", "Card Tokenization");
        inner.end();
    } else {
        o.collapsed("type", VERSION_TYPE);
    }
    o.time("createdOn", version.created);
    o.some_time("activatedOn", activated(version));
    o.some_time("obsoletedOn", version.obsoleted);
    o.some_time("expiresOn", version.expires);
    payment_method(&mut o, expand, brand);
    payment_brand(&mut o, expand, brand);
    connector(&mut o, expand, world.space);
    hashes(o.name("paymentInformationHashes"), world, version, brand);
    labels(o.name("labels"), world, version, brand);
    match world.holder(version) {
        Some((given, family)) => {
            let mut inner = Object::begin(o.name("billingAddress"));
            inner.text("givenName", given);
            inner.text("familyName", family);
            if let Some(person) = world.person(of) {
                inner.text("country", person.country());
            }
            inner.end();
        }
        None => o.null("billingAddress"),
    }
    o.number("linkedSpaceId", world.space);
    if let Some(language) = world.language(of) {
        o.text("language", language);
    }
    o.text("retryStrategy", "NO_RETRY");
    o.end();
}

fn payment_method(o: &mut Object<'_>, expand: &Expand, brand: &Brand) {
    let (id, name) = brand.method;
    if !expand.has("paymentMethod") {
        return o.collapsed("paymentMethod", id);
    }
    let mut inner = Object::begin(o.name("paymentMethod"));
    inner.number("id", id);
    inner.translated("name", name);
    inner.translated("description", name);
    inner.end();
}

fn payment_brand(o: &mut Object<'_>, expand: &Expand, brand: &Brand) {
    if !expand.has("paymentMethodBrand") {
        return o.collapsed("paymentMethodBrand", brand.id);
    }
    let mut inner = Object::begin(o.name("paymentMethodBrand"));
    inner.number("id", brand.id);
    if let Some(name) = brand.name {
        inner.translated("name", name);
    }
    inner.number("paymentMethod", brand.method.0);
    inner.end();
}

fn connector(o: &mut Object<'_>, expand: &Expand, space: u64) {
    if !expand.has("paymentConnectorConfiguration") {
        return o.collapsed("paymentConnectorConfiguration", CONNECTOR);
    }
    let mut inner = Object::begin(o.name("paymentConnectorConfiguration"));
    inner.number("id", CONNECTOR);
    inner.text("name", "Cards in the shop");
    inner.text("state", "ACTIVE");
    inner.number("version", 3);
    inner.number("linkedSpaceId", space);
    if expand.has("paymentConnectorConfiguration.processorConfiguration") {
        let mut processor = Object::begin(inner.name("processorConfiguration"));
        processor.number("id", PROCESSOR);
        processor.text("name", "Sandbox processor");
        processor.text("state", "ACTIVE");
        processor.end();
    } else {
        inner.collapsed("processorConfiguration", PROCESSOR);
    }
    inner.end();
}

/// Equal card facts give equal hashes, so duplicates can be told.
fn hashes(out: &mut Vec<u8>, world: &World, version: &Version, brand: &Brand) {
    out.push(b'[');
    if let Some(last_four) = world.last_four(version) {
        let card = brand.id ^ last_four.parse::<u64>().unwrap_or_default().rotate_left(40);
        let owner = u64::from(world.token_of(version).customer);
        let mut o = Object::begin(out);
        o.number("id", 31);
        o.collapsed("type", 1);
        o.text(
            "value",
            &format!(
                "{:016x}{:016x}",
                pick(world.seed, 71, card),
                pick(world.seed, 72, card ^ owner)
            ),
        );
        o.end();
    }
    out.push(b']');
}

fn labels(out: &mut Vec<u8>, world: &World, version: &Version, brand: &Brand) {
    let tells = tells(world, version);
    out.push(b'[');
    if let (Told::Both | Told::BothShortYear | Told::LabelsOnly, Some(last_four)) =
        (tells, world.last_four(version))
    {
        let masked = brand.masked(&last_four).unwrap_or_default();
        label(out, MASKED_NUMBER, &masked, &masked);
        if let Some(expires) = version.expires {
            let (year, month) = clock::year_month(expires);
            let content = format!("{year:04}-{month:02}");
            let shown = if tells == Told::BothShortYear {
                format!("{month:02}/{:02}", year % 100)
            } else {
                format!("{month:02}/{year:04}")
            };
            out.push(b',');
            label(out, EXPIRY, &content, &shown);
        }
    }
    out.push(b']');
}

fn label(out: &mut Vec<u8>, descriptor: u64, content: &str, shown: &str) {
    let mut o = Object::begin(out);
    o.collapsed("descriptor", descriptor);
    o.text("content", content);
    o.text("contentAsString", shown);
    o.end();
}

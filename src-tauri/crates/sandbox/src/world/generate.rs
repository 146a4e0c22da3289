//! Makes a world from a number of customers and a seed: the same two give the same world, only dates move
//! with the month it is made in.

use std::collections::HashMap;

use super::cards::{UNKNOWN_BRAND, brand_by_chance};
use super::cast::{self, Role};
use super::chance::pick;
use super::{NONE, Token, TokenState, Version, VersionState, World};
use crate::clock::{DAY, month_offset};

/// Ids no 7-digit guess expects. All pass the Luhn check; the last one even looks like a card number.
const LONG_IDS: [u64; 3] = [1_472_041_806_456, 1_472_041_806_464, 4_222_222_222_222];

/// Makes the world. `base` is the first instant of the month everything is relative to.
pub(crate) fn generate(customers: u32, seed: u64, space: u64, base: i64) -> World {
    let roles: Vec<Role> = (0..customers).map(|i| cast::role(seed, i, customers)).collect();
    let people = roles
        .iter()
        .zip(0..)
        .map(|(role, i)| cast::person(seed, i, *role))
        .collect();

    let mut slots: Vec<(u32, u32)> = Vec::with_capacity(customers as usize * 5 / 2);
    for (role, customer) in roles.iter().zip(0_u32..) {
        slots.extend((0..card_count(seed, customer, *role)).map(|ordinal| (customer, ordinal)));
    }
    // People come back over the years: their tokens lie scattered over the list.
    for last in (1..slots.len()).rev() {
        let other = (pick(seed, 40, last as u64) % (last as u64 + 1)) as usize;
        slots.swap(last, other);
    }

    let begin = month_offset(base, -48);
    let step = (base - begin - DAY) / (slots.len() as i64 + 1);
    let mut id = 1_000_003;
    let plain_ids = slots
        .len()
        .saturating_sub(if slots.len() >= 20 { LONG_IDS.len() } else { 0 });
    let mut tokens = Vec::with_capacity(slots.len());
    let mut versions = Vec::with_capacity(slots.len() * 5 / 4);
    for (place, (customer, ordinal)) in slots.into_iter().enumerate() {
        if place >= plain_ids {
            id = LONG_IDS[place - plain_ids];
        } else {
            id += 1 + pick(seed, 41, place as u64) % 5;
        }
        let role = roles[customer as usize];
        let jitter = (pick(seed, 42, id) % step.max(1) as u64) as i64;
        let created = begin + step * place as i64 + jitter;
        let state = state_of(seed, id, role);
        tokens.push(Token {
            id,
            created,
            purge: state
                .is_leaving()
                .then(|| base + (40 + (pick(seed, 43, id) % 300) as i64) * DAY),
            version: 1 + (pick(seed, 44, id) % 7) as u32,
            customer,
            state,
            one_click: !pick(seed, 45, id).is_multiple_of(5) && state != TokenState::Create,
            no_reference: role == Role::NoReference,
            gone: false,
            newest: NONE,
            own: None,
        });
        let token = &tokens[place];
        plan_versions(seed, base, role, ordinal, token, place as u32, &mut versions);
    }
    versions.sort_by_key(|v| v.created);
    let mut version_id = 20_000_011;
    for (place, version) in versions.iter_mut().enumerate() {
        version_id += 1 + pick(seed, 46, place as u64) % 4;
        version.id = version_id;
        let newest = &mut tokens[version.token as usize].newest;
        version.before = std::mem::replace(newest, place as u32);
    }
    World {
        seed,
        space,
        people,
        tokens,
        versions,
        created_here: HashMap::new(),
        leaving: Vec::new(),
        touched: Vec::new(),
    }
}

fn card_count(seed: u64, customer: u32, role: Role) -> u32 {
    match role {
        Role::FiftyCards => 50,
        Role::FiveThousandCards => 5_000,
        _ => match pick(seed, 47, u64::from(customer)) % 100 {
            0..=34 => 1,
            35..=61 => 2,
            62..=81 => 3,
            82..=91 => 4,
            92..=96 => 5,
            chance => 6 + (chance % 4) as u32,
        },
    }
}

fn state_of(seed: u64, id: u64, role: Role) -> TokenState {
    match role {
        Role::Deleting => TokenState::Deleting,
        Role::Deleted => TokenState::Deleted,
        Role::Inactive => TokenState::Inactive,
        Role::ExpiredButActive | Role::EmptyShell | Role::ObsoleteShell | Role::UnknownBrand => {
            TokenState::Active
        }
        _ => match pick(seed, 48, id) % 200 {
            0..=13 => TokenState::Inactive,
            14..=16 => TokenState::Deleting,
            17..=21 => TokenState::Deleted,
            22..=23 => TokenState::Create,
            _ => TokenState::Active,
        },
    }
}

/// Which states the versions of a token have, oldest first.
fn version_states(seed: u64, token: &Token, role: Role) -> &'static [VersionState] {
    use VersionState::{Active, Obsolete, Uninitialized};
    match (role, token.state) {
        (Role::EmptyShell, _) => &[],
        (Role::ObsoleteShell, _) | (_, TokenState::Deleted) => &[Obsolete],
        (Role::ExpiredButActive | Role::UnknownBrand, _) => &[Active],
        (_, TokenState::Create) => &[Uninitialized],
        _ => match pick(seed, 49, token.id) % 100 {
            0 => &[],
            1..=2 => &[Obsolete],
            3..=4 => &[Obsolete, Obsolete],
            5..=16 => &[Obsolete, Active],
            17 => &[Obsolete, Obsolete, Active],
            18 => &[Active, Uninitialized],
            _ => &[Active],
        },
    }
}

fn plan_versions(
    seed: u64,
    base: i64,
    role: Role,
    ordinal: u32,
    token: &Token,
    place: u32,
    out: &mut Vec<Version>,
) {
    let states = version_states(seed, token, role);
    let room = (base - DAY - token.created).max(1);
    for (nth, state) in states.iter().enumerate() {
        let created = token.created + 650 + room * nth as i64 / (states.len() as i64 + 1);
        let next = token.created + 650 + room * (nth as i64 + 1) / (states.len() as i64 + 1);
        let card = token.id.wrapping_mul(8) + nth as u64;
        // One person mostly keeps one brand over renewals.
        let brand = match role {
            Role::UnknownBrand => UNKNOWN_BRAND + (ordinal % 2) as u8,
            _ => brand_by_chance(seed, token.id),
        };
        let expires = super::cards::BRANDS
            .get(brand as usize)
            .and_then(|b| b.number)
            .map(|_| {
                let months = match state {
                    VersionState::Obsolete => return month_offset(next, 1) - 1_000,
                    _ => expiry_month(seed, card, role),
                };
                month_offset(base, months + 1) - 1_000
            });
        out.push(Version {
            id: 0,
            created,
            expires,
            obsoleted: (*state == VersionState::Obsolete).then_some(next),
            token: place,
            before: NONE,
            version: match state {
                VersionState::Uninitialized => 1,
                VersionState::Active => 2,
                VersionState::Obsolete => 3,
            },
            state: *state,
            brand,
            own: None,
        });
    }
}

/// The month a card in use runs out, counted from the world's month.
fn expiry_month(seed: u64, card: u64, role: Role) -> i32 {
    let chance = pick(seed, 50, card);
    let spread = (chance >> 32) as i32 & 0xffff;
    match (role, chance % 100) {
        (Role::ExpiredButActive, _) | (_, 0..=4) => -1 - spread % 14,
        (_, 5..=11) => spread % 2,
        (_, 12..=21) => 2 + spread % 10,
        _ => 12 + spread % 37,
    }
}

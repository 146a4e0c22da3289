//! What happens to tokens: created, changed, deleted step by step, purged, edited by somebody else.
//! Every change raises the token's version by one and is remembered for the journal.

use super::cards::{self, BRANDS};
use super::{NONE, Own, OwnCard, Token, TokenState, Version, VersionState, World};

/// How long the steps of a deletion take, milliseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LifeTimes {
    pub(crate) deleting: i64,
    pub(crate) purge: i64,
}

/// A deletion under way.
pub(crate) struct Leaving {
    place: u32,
    since: i64,
    deleted_at: Option<i64>,
}

/// Values a PATCH sets; an outer none leaves the field alone, an inner none clears it.
#[derive(Default)]
pub(crate) struct Patch {
    pub(crate) reference: Option<Option<String>>,
    pub(crate) customer_id: Option<Option<String>>,
    pub(crate) email: Option<Option<String>>,
    pub(crate) language: Option<Option<String>>,
    pub(crate) time_zone: Option<Option<String>>,
    pub(crate) one_click: Option<bool>,
    pub(crate) state: Option<TokenState>,
}

impl Patch {
    fn touches_texts(&self) -> bool {
        self.reference.is_some()
            || self.customer_id.is_some()
            || self.email.is_some()
            || self.language.is_some()
            || self.time_zone.is_some()
    }
}

/// A token to be made.
pub(crate) struct NewToken {
    pub(crate) own: Own,
    pub(crate) one_click: bool,
    pub(crate) state: TokenState,
    pub(crate) version: u32,
    pub(crate) card: Option<CardWish>,
}

/// The card of a version to be made; what is not given is invented.
#[derive(Default, Clone)]
pub(crate) struct CardWish {
    pub(crate) brand: Option<String>,
    pub(crate) last_four: Option<String>,
    /// Last second of the expiry month.
    pub(crate) expires: Option<i64>,
    pub(crate) given: Option<String>,
    pub(crate) family: Option<String>,
}

/// An edit by somebody else, in the back office.
#[derive(Default)]
pub(crate) struct Edit {
    pub(crate) patch: Patch,
    pub(crate) delete: bool,
    pub(crate) new_version: Option<CardWish>,
}

impl World {
    fn touch(&mut self, place: usize) {
        self.touched.push(place as u32);
    }

    fn raise(&mut self, place: usize) {
        self.tokens[place].version += 1;
        self.touch(place);
    }

    /// Whether the patch would change anything.
    pub(crate) fn would_change(&self, place: usize, patch: &Patch) -> bool {
        let token = &self.tokens[place];
        let differs = |wish: &Option<Option<String>>, now: Option<&str>| {
            wish.as_ref().is_some_and(|wish| wish.as_deref() != now)
        };
        patch.one_click.is_some_and(|wish| wish != token.one_click)
            || patch.state.is_some_and(|wish| wish != token.state)
            || differs(&patch.reference, self.reference(token).as_deref())
            || differs(&patch.customer_id, self.customer_id(token))
            || differs(&patch.email, self.email(token))
            || differs(&patch.language, self.language(token))
            || differs(&patch.time_zone, self.time_zone(token))
    }

    /// Applies a patch and raises the version.
    pub(crate) fn apply(&mut self, place: usize, patch: Patch) {
        if patch.touches_texts() {
            let own = self.own_of(place);
            for (slot, wish) in [
                (&mut own.reference, patch.reference),
                (&mut own.customer_id, patch.customer_id),
                (&mut own.email, patch.email),
                (&mut own.language, patch.language),
                (&mut own.time_zone, patch.time_zone),
            ] {
                if let Some(wish) = wish {
                    *slot = wish;
                }
            }
        }
        let token = &mut self.tokens[place];
        token.one_click = patch.one_click.unwrap_or(token.one_click);
        token.state = patch.state.unwrap_or(token.state);
        self.raise(place);
    }

    fn own_of(&mut self, place: usize) -> &mut Own {
        let token = &self.tokens[place];
        let copy = Own {
            external_id: token.own.as_ref().and_then(|own| own.external_id.clone()),
            reference: self.reference(token).map(Into::into),
            customer_id: self.customer_id(token).map(Into::into),
            email: self.email(token).map(Into::into),
            language: self.language(token).map(Into::into),
            time_zone: self.time_zone(token).map(Into::into),
        };
        self.tokens[place].own.insert(Box::new(copy))
    }

    /// Begins a deletion: DELETING, version raised, purge planned.
    pub(crate) fn begin_delete(&mut self, place: usize, now: i64, times: LifeTimes) {
        let token = &mut self.tokens[place];
        token.state = TokenState::Deleting;
        token.purge = Some(now + times.deleting + times.purge);
        self.leaving.push(Leaving {
            place: place as u32,
            since: now,
            deleted_at: None,
        });
        self.raise(place);
    }

    /// Whether any deletion is under way.
    pub(crate) fn is_restless(&self) -> bool {
        !self.leaving.is_empty()
    }

    /// Moves deletions on: DELETING to DELETED to gone.
    pub(crate) fn advance(&mut self, now: i64, times: LifeTimes) {
        let mut leaving = std::mem::take(&mut self.leaving);
        leaving.retain_mut(|item| {
            let place = item.place as usize;
            if self.tokens[place].gone || !self.tokens[place].state.is_leaving() {
                return false;
            }
            if item.deleted_at.is_none() && now >= item.since + times.deleting {
                item.deleted_at = Some(item.since + times.deleting);
                self.become_deleted(place, now);
            }
            if item.deleted_at.is_some_and(|at| now >= at + times.purge) {
                self.purge(place);
                return false;
            }
            true
        });
        self.leaving = leaving;
    }

    fn become_deleted(&mut self, place: usize, now: i64) {
        if self.tokens[place].state == TokenState::Deleted {
            return;
        }
        self.tokens[place].state = TokenState::Deleted;
        self.retire_versions(place, now);
        self.raise(place);
    }

    fn retire_versions(&mut self, place: usize, now: i64) {
        for at in self.version_places(place).collect::<Vec<_>>() {
            let version = &mut self.versions[at];
            if version.state != VersionState::Obsolete {
                version.state = VersionState::Obsolete;
                version.obsoleted = Some(now);
                version.version += 1;
            }
        }
    }

    /// Removes the token for good.
    pub(crate) fn purge(&mut self, place: usize) {
        self.tokens[place].gone = true;
        self.touch(place);
    }

    /// Makes a token; its id is higher than every other.
    pub(crate) fn create(&mut self, new: NewToken, now: i64) -> usize {
        let id = self
            .tokens
            .last()
            .map_or(1_000_003, |t| t.id + 1 + super::pick(self.seed, 60, t.id) % 5);
        let place = self.tokens.len();
        if let Some(external_id) = &new.own.external_id {
            self.created_here.insert(external_id.clone(), place as u32);
        }
        self.tokens.push(Token {
            id,
            created: now,
            purge: None,
            version: new.version,
            customer: NONE,
            state: new.state,
            one_click: new.one_click,
            no_reference: false,
            gone: false,
            newest: NONE,
            own: Some(Box::new(new.own)),
        });
        if let Some(card) = new.card {
            self.add_version(place, card, now);
        }
        self.touch(place);
        place
    }

    /// Gives the token new card data: a new ACTIVE version, the old one OBSOLETE.
    pub(crate) fn add_version(&mut self, place: usize, wish: CardWish, now: i64) {
        let inherited = self.version_places(place).next().map(|v| self.versions[v].brand);
        self.retire_versions(place, now);
        let brand = wish
            .brand
            .as_deref()
            .and_then(cards::brand_by_name)
            .or(inherited)
            .unwrap_or(0);
        let id = self
            .versions
            .last()
            .map_or(20_000_011, |v| v.id + 1 + super::pick(self.seed, 61, v.id) % 4);
        let chance = super::pick(self.seed, 62, id);
        let names = self.person(&self.tokens[place]).map(cards_holder);
        let (given, family) = names.unwrap_or((None, None));
        let before = std::mem::replace(&mut self.tokens[place].newest, self.versions.len() as u32);
        self.versions.push(Version {
            id,
            created: now,
            expires: BRANDS[brand as usize].number.map(|_| {
                wish.expires
                    .unwrap_or_else(|| crate::clock::month_offset(now, 37) - 1_000)
            }),
            obsoleted: None,
            token: place as u32,
            before,
            version: 2,
            state: VersionState::Active,
            brand,
            own: Some(Box::new(OwnCard {
                last_four: wish
                    .last_four
                    .unwrap_or_else(|| BRANDS[brand as usize].last_four(chance)),
                given: wish.given.or(given),
                family: wish.family.or(family),
            })),
        });
    }

    /// An edit by somebody else.
    pub(crate) fn edit(&mut self, place: usize, edit: Edit, now: i64, times: LifeTimes) {
        if let Some(card) = edit.new_version {
            self.add_version(place, card, now);
        }
        if edit.delete {
            self.begin_delete(place, now, times);
            return;
        }
        let leaves = edit.patch.state.filter(|s| s.is_leaving());
        if leaves.is_none() && edit.patch.state.is_some() {
            self.tokens[place].purge = None;
        }
        self.apply(place, edit.patch);
        if let Some(state) = leaves {
            self.tokens[place].purge = Some(now + times.deleting + times.purge);
            let deleted_at = (state == TokenState::Deleted).then_some(now);
            self.leaving.push(Leaving {
                place: place as u32,
                since: now,
                deleted_at,
            });
        }
    }

    /// Puts back what a journal remembers of a token.
    pub(crate) fn restore(&mut self, id: u64, kept: Kept, now: i64) {
        let Some(place) = self.find(id) else { return };
        let token = &mut self.tokens[place];
        let began_here = kept.state.is_leaving() && !token.state.is_leaving();
        token.state = kept.state;
        token.one_click = kept.one_click;
        token.version = kept.version;
        token.purge = kept.purge;
        if kept.gone || (began_here && kept.purge.is_some_and(|at| at <= now)) {
            token.gone = true;
        } else if began_here {
            let deleted_at = (kept.state == TokenState::Deleted).then_some(now);
            self.leaving.push(Leaving {
                place: place as u32,
                since: now,
                deleted_at,
            });
        }
    }
}

/// What the journal keeps of a token.
pub(crate) struct Kept {
    pub(crate) state: TokenState,
    pub(crate) one_click: bool,
    pub(crate) version: u32,
    pub(crate) purge: Option<i64>,
    pub(crate) gone: bool,
}

fn cards_holder(person: &super::cast::Person) -> (Option<String>, Option<String>) {
    let (given, family) = person.names();
    (Some(given.to_owned()), Some(family.to_owned()))
}

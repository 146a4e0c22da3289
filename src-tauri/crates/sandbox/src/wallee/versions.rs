//! Token version calls (wallee fact sheet, section 3.2 and `active-version`). Read-only.

use super::matches::{Filter, Order, Row, Rows};
use super::page::{Expand, ListPage, SearchPage};
use super::problem::Problem;
use super::{envelope, find, search as language, shape};
use crate::playground::Playground;
use crate::switches::{NoActiveVersion, SearchEscape, Switches};
use crate::wire::Reply;
use crate::world::{Version, World};

type Query = [(String, String)];

fn one(world: &World, switches: &Switches, expand: &Expand, version: &Version) -> Reply {
    let mut out = Vec::with_capacity(1_500);
    shape::version(&mut out, world, switches, expand, version);
    Reply::json(200, out)
}

pub(super) fn list(playground: &Playground, switches: &Switches, query: &Query) -> Result<Reply, Problem> {
    let page = ListPage::from_query(query, switches.default_order)?;
    let expand = Expand::from_query(query);
    playground.look(|world| {
        let (places, more) = page.choose(&world.versions, |v| v.id, |v| !world.token_of(v).gone);
        Ok(envelope(&places, more, page.limit, None, |out, place| {
            shape::version(out, world, switches, &expand, &world.versions[*place]);
        }))
    })
}

pub(super) fn search(playground: &Playground, switches: &Switches, query: &Query) -> Result<Reply, Problem> {
    let page = SearchPage::from_query(query)?;
    let expand = Expand::from_query(query);
    let tree = language::read(&page.query, switches.search_escape == SearchEscape::Backslash)
        .map_err(|why| Problem::bad("query", why))?;
    let filter = Filter::of(tree, Rows::Versions, switches)?;
    let order = Order::of(&page.order, Rows::Versions, switches)?;
    playground.look(|world| {
        let (rows, more) = find(
            &world.versions,
            &page,
            &order,
            |v| !world.token_of(v).gone && filter.finds(world, switches, Row::Version(v)),
            |a, b| order.compare(world, switches, Row::Version(a), Row::Version(b)),
        );
        Ok(envelope(
            &rows,
            more,
            page.limit,
            Some(page.offset),
            |out, version| {
                shape::version(out, world, switches, &expand, version);
            },
        ))
    })
}

pub(super) fn read(
    playground: &Playground,
    switches: &Switches,
    query: &Query,
    id: u64,
) -> Result<Reply, Problem> {
    let expand = Expand::from_query(query);
    playground.look(|world| {
        let place = world
            .find_version(id)
            .ok_or_else(|| Problem::not_found("token version"))?;
        Ok(one(world, switches, &expand, &world.versions[place]))
    })
}

pub(super) fn active(
    playground: &Playground,
    switches: &Switches,
    query: &Query,
    token: u64,
) -> Result<Reply, Problem> {
    let expand = Expand::from_query(query);
    playground.look(|world| {
        let place = world.find(token).ok_or_else(|| Problem::not_found("token"))?;
        match (world.active_version(place), switches.active_version_missing) {
            (Some(version), _) => Ok(one(world, switches, &expand, version)),
            (None, NoActiveVersion::NotFound) => Err(Problem::not_found("active token version")),
            (None, NoActiveVersion::Empty) => Ok(Reply::empty(200)),
        }
    })
}

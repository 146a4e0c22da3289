//! Which column of a file holds what: the names a person chose, else the usual ones.
//!
//! Must not know: the rows below the first.

use super::{Columns, DirectoryError, Field, Purpose, ReadOptions};
use crate::fold::search_key;

impl Field {
    // Header names as `plain` writes them, the surest first.
    pub(super) fn names(self, purpose: Purpose) -> &'static [&'static str] {
        match (self, purpose) {
            (Self::CustomerId, Purpose::Customers) => &[
                "customerid",
                "customer",
                "custid",
                "customerreference",
                "customerref",
                "userid",
                "clientid",
                "connectorcustomerid",
                "id",
            ],
            (Self::CustomerId, Purpose::Tokens) => &[
                "connectorcustomerid",
                "connectorcustomer",
                "customerid",
                "customer",
                "custid",
                "customerreference",
                "customerref",
                "userid",
                "clientid",
                "id",
            ],
            (Self::Email, _) => &[
                "email",
                "emailaddress",
                "customeremail",
                "customeremailaddress",
                "mail",
            ],
            (Self::Name, _) => &[
                "name",
                "customername",
                "fullname",
                "cardholdername",
                "cardholder",
                "holder",
            ],
            (Self::Token, _) => &[
                "connectortoken",
                "token",
                "paymenttoken",
                "paymentmethodtoken",
                "tokenid",
                "connectormandateid",
                "mandateid",
                "mandate",
            ],
        }
    }
}

// Header names are compared without case, accents, blanks and signs.
fn plain(name: &str) -> String {
    search_key(name).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Where the columns that are read stand in each record.
#[derive(Default)]
pub(super) struct Places {
    pub(super) customer_id: Option<usize>,
    pub(super) email: Option<usize>,
    pub(super) name: Option<usize>,
    pub(super) token: Option<usize>,
}

impl Places {
    /// Finds them by the names a person chose, then by their usual ones.
    pub(super) fn find(names: &[String], options: &ReadOptions) -> Result<Self, DirectoryError> {
        let mut places = Self::default();
        let mut taken: Vec<usize> = Vec::new();
        for field in Field::ALL {
            let Some(chosen) = options.columns.of(field) else {
                continue;
            };
            let at = chosen_column(names, chosen.trim(), field)?;
            if taken.contains(&at) {
                return Err(DirectoryError::ChosenTwice(field));
            }
            taken.push(at);
            *places.slot(field) = Some(at);
        }
        let plain_names: Vec<String> = names.iter().map(|name| plain(name)).collect();
        for field in Field::ALL {
            let ignored = field == Field::Token && options.purpose == Purpose::Customers;
            if ignored || places.of(field).is_some() {
                continue;
            }
            for usual in field.names(options.purpose) {
                let mut found =
                    (0..names.len()).filter(|at| plain_names[*at] == *usual && !taken.contains(at));
                if let Some(at) = found.next() {
                    if found.next().is_some() {
                        return Err(DirectoryError::TwoColumns(field));
                    }
                    taken.push(at);
                    *places.slot(field) = Some(at);
                    break;
                }
            }
        }
        if options.purpose == Purpose::Customers {
            places.token = None;
        }
        let needed = match options.purpose {
            Purpose::Customers => Field::CustomerId,
            Purpose::Tokens => Field::Token,
        };
        if places.of(needed).is_none() {
            return Err(DirectoryError::NoColumn(needed));
        }
        Ok(places)
    }

    /// Where a field stands, if the file has it.
    pub(super) fn of(&self, field: Field) -> Option<usize> {
        match field {
            Field::CustomerId => self.customer_id,
            Field::Email => self.email,
            Field::Name => self.name,
            Field::Token => self.token,
        }
    }

    fn slot(&mut self, field: Field) -> &mut Option<usize> {
        match field {
            Field::CustomerId => &mut self.customer_id,
            Field::Email => &mut self.email,
            Field::Name => &mut self.name,
            Field::Token => &mut self.token,
        }
    }

    /// The same in the file's own words.
    pub(super) fn columns(&self, names: &[String]) -> Columns {
        let mut columns = Columns::default();
        for field in Field::ALL {
            if let Some(name) = self.of(field).and_then(|at| names.get(at)) {
                columns.set(field, name.clone());
            }
        }
        columns
    }
}

// The name as it is written wins over one that only reads alike.
fn chosen_column(names: &[String], chosen: &str, field: Field) -> Result<usize, DirectoryError> {
    let exact: Vec<usize> = (0..names.len()).filter(|at| names[*at] == chosen).collect();
    let alike = || {
        let wanted = plain(chosen);
        (0..names.len())
            .filter(|at| !wanted.is_empty() && plain(&names[*at]) == wanted)
            .collect()
    };
    let found: Vec<usize> = if exact.is_empty() { alike() } else { exact };
    match found.as_slice() {
        [at] => Ok(*at),
        [] => Err(DirectoryError::UnknownColumn(field)),
        _ => Err(DirectoryError::TwoColumns(field)),
    }
}

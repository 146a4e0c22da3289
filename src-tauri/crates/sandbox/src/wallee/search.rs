//! Reads the search language of wallee fact sheet, section 4.5, into a tree. Knows no field and no row.
//! AND binds tighter than OR, which no source states; callers put brackets.

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compare {
    Equal,
    Contains,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A query.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Query {
    /// No filter.
    All,
    And(Vec<Query>),
    Or(Vec<Query>),
    Not(Box<Query>),
    /// `field:*`
    IsNull(String),
    Term {
        field: String,
        compare: Compare,
        value: String,
    },
}

/// Brackets and minus signs deeper than this are refused.
const DEPTH: usize = 40;

/// Why a query was not understood, in words.
pub(crate) type Misread = &'static str;

/// Reads a query; `escapes` says whether a backslash in quotes takes the next character literally.
pub(crate) fn read(text: &str, escapes: bool) -> Result<Query, Misread> {
    let mut reader = Reader { text, at: 0, escapes };
    reader.blanks();
    if reader.rest().is_empty() {
        return Ok(Query::All);
    }
    let query = reader.any_of(0)?;
    if reader.rest().is_empty() {
        Ok(query)
    } else {
        Err("A closing bracket has no opening one.")
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    escapes: bool,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, token: &str) -> bool {
        let hit = self.rest().starts_with(token);
        if hit {
            self.at += token.len();
        }
        hit
    }

    /// Takes a word that stands alone.
    fn word(&mut self, word: &str) -> bool {
        let alone = self
            .rest()
            .strip_prefix(word)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == '('));
        if alone {
            self.at += word.len();
            self.blanks();
        }
        alone
    }

    fn any_of(&mut self, depth: usize) -> Result<Query, Misread> {
        let mut parts = vec![self.all_of(depth)?];
        while self.word("OR") {
            parts.push(self.all_of(depth)?);
        }
        Ok(single_or(parts, Query::Or))
    }

    fn all_of(&mut self, depth: usize) -> Result<Query, Misread> {
        let mut parts = vec![self.one(depth)?];
        loop {
            self.blanks();
            let asked = self.word("AND");
            let over = self.rest().is_empty() || self.rest().starts_with(')') || self.peek_or();
            match (asked, over) {
                (true, true) => return Err("AND needs something on both sides."),
                (false, true) => return Ok(single_or(parts, Query::And)),
                (_, false) => parts.push(self.one(depth)?),
            }
        }
    }

    fn peek_or(&mut self) -> bool {
        let at = self.at;
        let hit = self.word("OR");
        self.at = at;
        hit
    }

    fn one(&mut self, depth: usize) -> Result<Query, Misread> {
        if depth > DEPTH {
            return Err("The query is nested too deeply.");
        }
        self.blanks();
        if self.take("-") {
            return Ok(Query::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.any_of(depth + 1)?;
            self.blanks();
            return if self.take(")") {
                Ok(inner)
            } else {
                Err("A closing bracket is missing.")
            };
        }
        self.term()
    }

    fn term(&mut self) -> Result<Query, Misread> {
        let rest = self.rest();
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_'))
            .unwrap_or(rest.len());
        let field = rest[..length].to_owned();
        self.at += length;
        if field.is_empty() || !self.take(":") {
            return Err("A field name followed by a colon is expected.");
        }
        let compare = [
            (">=", Compare::GreaterOrEqual),
            ("<=", Compare::LessOrEqual),
            (">", Compare::Greater),
            ("<", Compare::Less),
            ("~", Compare::Contains),
        ]
        .into_iter()
        .find(|(sign, _)| self.take(sign))
        .map_or(Compare::Equal, |(_, compare)| compare);
        let (value, quoted) = self.value()?;
        if value == "*" && !quoted && compare == Compare::Equal {
            return Ok(Query::IsNull(field));
        }
        if value.is_empty() && !quoted {
            return Err("A value is missing.");
        }
        Ok(Query::Term {
            field,
            compare,
            value,
        })
    }

    fn value(&mut self) -> Result<(String, bool), Misread> {
        let rest = self.rest();
        let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            let length = rest
                .find(|c: char| c.is_whitespace() || c == ')')
                .unwrap_or(rest.len());
            self.at += length;
            return Ok((rest[..length].to_owned(), false));
        };
        let mut value = String::new();
        let mut chars = rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.at += at + 1;
                return Ok((value, true));
            }
            if c == '\\' && self.escapes {
                value.push(chars.next().ok_or("A quote is not closed.")?.1);
            } else {
                value.push(c);
            }
        }
        Err("A quote is not closed.")
    }
}

fn single_or(mut parts: Vec<Query>, join: impl Fn(Vec<Query>) -> Query) -> Query {
    if parts.len() > 1 {
        return join(parts);
    }
    parts.pop().unwrap_or(Query::All)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn term(field: &str, compare: Compare, value: &str) -> Query {
        Query::Term {
            field: field.into(),
            compare,
            value: value.into(),
        }
    }

    #[test]
    fn and_binds_tighter_than_or_and_a_blank_is_and() {
        let tree = read("a:1 b:2 OR c:~\"x y\"", true).unwrap();
        let both = Query::And(vec![
            term("a", Compare::Equal, "1"),
            term("b", Compare::Equal, "2"),
        ]);
        assert_eq!(tree, Query::Or(vec![both, term("c", Compare::Contains, "x y")]));
    }

    #[test]
    fn quotes_keep_a_star_and_a_backslash_follows_the_switch() {
        assert_eq!(read("a:*", true).unwrap(), Query::IsNull("a".into()));
        assert_eq!(read("a:\"*\"", true).unwrap(), term("a", Compare::Equal, "*"));
        assert_eq!(
            read(r#"a:"x\"y""#, true).unwrap(),
            term("a", Compare::Equal, "x\"y")
        );
        assert_eq!(
            read(r"a:'x\y'", false).unwrap(),
            term("a", Compare::Equal, r"x\y")
        );
    }

    #[test]
    fn what_is_not_the_language_is_refused() {
        for text in [
            "free text",
            "a:",
            "(a:1",
            "a:1)",
            "a:\"x",
            "a:1 AND",
            ":x",
            "a:1 OR",
            "OR a:1",
        ] {
            assert!(read(text, true).is_err(), "{text}");
        }
        assert!(read(&"(".repeat(5_000), true).is_err());
        assert_eq!(read("  ", true).unwrap(), Query::All);
    }
}

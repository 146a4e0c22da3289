//! The directory reader as a person meets it: files of all kinds, what is taken, what is refused and at which line.

#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use tokendesk_model::directory::{
    Columns, DirectoryError, DirectoryReport, DirectoryRow, DuplicateRow, Entered, Field, Outcome, Purpose,
    ReadOptions, RefusedRow, WhyRefused, header, read,
};

fn customers(file: impl AsRef<[u8]>) -> DirectoryReport {
    taken(file, &ReadOptions::new(Purpose::Customers))
}

fn taken(file: impl AsRef<[u8]>, options: &ReadOptions) -> DirectoryReport {
    match read(file.as_ref(), options).unwrap() {
        Outcome::Read(report) => report,
        asked => panic!("asked instead: {asked:?}"),
    }
}

fn error(file: impl AsRef<[u8]>) -> DirectoryError {
    read(file.as_ref(), &ReadOptions::new(Purpose::Customers)).unwrap_err()
}

fn ids(report: &DirectoryReport) -> Vec<(usize, &str)> {
    report
        .rows
        .iter()
        .map(|row| (row.line, row.customer_id.as_deref().unwrap()))
        .collect()
}

fn refused(report: &DirectoryReport) -> Vec<(usize, WhyRefused)> {
    report.refused.iter().map(|row| (row.line, row.why)).collect()
}

#[test]
fn comma_semicolon_and_tabulator_with_every_line_end_read_alike() {
    for delimiter in [",", ";", "\t"] {
        for end in ["\n", "\r\n", "\r"] {
            for mark in ["", "\u{feff}"] {
                let file = [
                    "customer_id,email,name",
                    "a-1,ada@example.com,Ada",
                    "b-2,,\"Byron,;\t B\"",
                ]
                .join(end)
                .replacen(',', delimiter, 4)
                .replacen("b-2,,", &format!("b-2{delimiter}{delimiter}"), 1);
                let report = customers(format!("{mark}{file}{end}"));
                let case = format!("{delimiter:?} {end:?} {mark:?}");
                assert_eq!(ids(&report)[0], (2, "a-1"), "{case}");
                assert_eq!(report.rows[0].email.as_deref(), Some("ada@example.com"), "{case}");
                assert_eq!(report.columns.name.as_deref(), Some("name"), "{case}");
                // The quoted name holds a tabulator, so the row is refused, whole.
                assert_eq!(
                    refused(&report),
                    [(3, WhyRefused::ControlCharacter(Field::Name))],
                    "{case}"
                );
            }
        }
    }
}

#[test]
fn quotes_hold_delimiters_quotes_and_ids_of_any_kind() {
    let report = customers(
        "name;customer_id;email\r\n\"Doe; Jane \"\"JD\"\"\";\"shop/7?x=1 ä\";jane@example.com\r\n; 渡邊 12 ;\r\n",
    );
    assert_eq!(ids(&report), [(2, "shop/7?x=1 ä"), (3, "渡邊 12")]);
    assert_eq!(report.rows[0].name.as_deref(), Some("Doe; Jane \"JD\""));
    assert_eq!(report.rows[1].email, None);
}

#[test]
fn blank_lines_and_quoted_line_breaks_do_not_move_the_line_numbers() {
    let file = "\n\ncustomer_id,note\r\n\r\na,\"one\r\ntwo\nthree\"\r\n\r\n\nb,\r\n,x\r\n";
    let report = customers(file);
    assert_eq!(ids(&report), [(5, "a"), (10, "b")]);
    assert_eq!(refused(&report), [(11, WhyRefused::Missing(Field::CustomerId))]);
}

#[test]
fn columns_are_found_by_their_usual_names_the_surest_first() {
    let report = customers("ID;Customer-ID;E-Mail;Full Name\n1;c;x@example.org;X\n");
    assert_eq!(report.columns.customer_id.as_deref(), Some("Customer-ID"));
    assert_eq!(report.columns.email.as_deref(), Some("E-Mail"));
    assert_eq!(ids(&report), [(2, "c")]);

    let tokens = taken(
        "customer_id,connector_customer_id,token,email\nshop-1,cus_9,pm_a,x@example.org\n",
        &ReadOptions::new(Purpose::Tokens),
    );
    let row = &tokens.rows[0];
    assert_eq!(row.customer_id.as_deref(), Some("cus_9"));
    assert_eq!(row.token.as_deref(), Some("pm_a"));
}

#[test]
fn a_person_can_choose_the_columns() {
    let mut options = ReadOptions::new(Purpose::Customers);
    options.columns = Columns {
        customer_id: Some("kunde nr".to_owned()),
        ..Columns::default()
    };
    let file = "id,Kunde Nr,customer\n1,77,z\n";
    let report = taken(file, &options);
    assert_eq!(ids(&report), [(2, "77")]);

    options.columns.email = Some("nothing like it".to_owned());
    assert_eq!(
        read(file.as_bytes(), &options),
        Err(DirectoryError::UnknownColumn(Field::Email))
    );
    options.columns.email = Some("Kunde Nr".to_owned());
    assert_eq!(
        read(file.as_bytes(), &options),
        Err(DirectoryError::ChosenTwice(Field::Email))
    );
}

#[test]
fn names_can_be_read_before_anything_is_chosen() {
    let shown = header(b"Kunde;Post\n1;2\n", &ReadOptions::new(Purpose::Customers)).unwrap();
    assert_eq!(shown.names, ["Kunde", "Post"]);
    assert_eq!(shown.columns, Columns::default());
}

#[test]
fn a_file_that_cannot_be_read_says_which_line_is_to_blame() {
    assert_eq!(
        error(b"customer_id,name\na,M\xfcller\n"),
        DirectoryError::NotUtf8 { line: 2 }
    );
    assert_eq!(error(b"\xff\xfec\0u\0"), DirectoryError::NotUtf8 { line: 1 });
    assert_eq!(error(""), DirectoryError::Empty);
    assert_eq!(error("\u{feff}\r\n\r\n"), DirectoryError::Empty);
    assert_eq!(error("a,ada@example.com\nb,\n"), DirectoryError::NoNames);
    assert_eq!(error("id,4111 1111 1111 1111\n"), DirectoryError::NoNames);
    assert_eq!(
        error("email\nx@example.com\n"),
        DirectoryError::NoColumn(Field::CustomerId)
    );
    assert_eq!(
        error("customer_id,Customer ID\na,b\n"),
        DirectoryError::TwoColumns(Field::CustomerId)
    );
    assert_eq!(
        error("id,name\na,ok\nb,\"never closed\nc,x\n"),
        DirectoryError::UnclosedQuote { line: 3 }
    );
    assert_eq!(
        read(b"customer_id\na\n", &ReadOptions::new(Purpose::Tokens)),
        Err(DirectoryError::NoColumn(Field::Token))
    );
}

#[test]
fn a_sign_for_inches_is_not_an_open_quote() {
    assert_eq!(ids(&customers("id,name\na,5\" pipe\n")), [(2, "a")]);
}

#[test]
fn a_line_that_names_the_delimiter_is_no_row() {
    let report = customers("sep=;\r\ncustomer_id;name\r\na;A, B\r\n");
    assert_eq!(ids(&report), [(3, "a")]);
}

#[test]
fn bad_rows_are_refused_one_by_one() {
    let long = "x".repeat(256);
    let file = format!(
        "customer_id,email\na,ada@example.com\nb\nc,c@example.com,more\nd,not an email\n{long},\n..,\ne,\n"
    );
    let report = customers(file);
    assert_eq!(ids(&report), [(2, "a"), (8, "e")]);
    assert_eq!(
        refused(&report),
        [
            (
                3,
                WhyRefused::Cells {
                    found: 1,
                    expected: 2
                }
            ),
            (
                4,
                WhyRefused::Cells {
                    found: 3,
                    expected: 2
                }
            ),
            (5, WhyRefused::NotAnEmail),
            (6, WhyRefused::TooLong(Field::CustomerId)),
            (7, WhyRefused::CannotBeAsked),
        ]
    );
}

#[test]
fn a_repeated_id_counts_once_and_is_named_with_the_first() {
    let report = customers("id,email\na,a@example.com\n a ,a@example.com\nb,\na,b@example.com\nA,\n");
    assert_eq!(ids(&report), [(2, "a"), (4, "b"), (6, "A")]);
    assert_eq!(
        report.duplicates,
        [
            DuplicateRow {
                line: 3,
                first_line: 2,
                differs: false
            },
            DuplicateRow {
                line: 5,
                first_line: 2,
                differs: true
            },
        ]
    );
}

#[test]
fn a_card_number_in_any_cell_refuses_its_row_and_leaves_no_trace() {
    let number = "4242 4242 4242 4242";
    for row in [
        format!("{number},,,"),
        format!("a,,{number},"),
        format!("a,,,card {number} 12/27"),
        // Too many cells, and the number in the one that has no name.
        format!("a,,,,{number}"),
        "a,,,５５５５５５５５５５５５４４４４".to_owned(),
    ] {
        let report = customers(format!("customer_id,email,name,note\nok,,,\n{row}\nlast,,,\n"));
        assert_eq!(ids(&report), [(2, "ok"), (4, "last")], "{row}");
        assert_eq!(refused(&report), [(3, WhyRefused::CardNumber)], "{row}");
        let kept = format!("{report:?} {}", WhyRefused::CardNumber);
        assert!(!kept.contains("4242") && !kept.contains("5555"));
    }
}

#[test]
fn tokens_that_look_like_card_numbers_are_asked_about_once_for_the_file() {
    let file =
        "email,token\na@example.com,4111111111111111\nb@example.com,tok_2\nc@example.com,5555555555554444\n";
    let mut options = ReadOptions::new(Purpose::Tokens);
    assert_eq!(
        read(file.as_bytes(), &options).unwrap(),
        Outcome::NeedsConfirmation {
            column: "token".to_owned(),
            count: 2
        }
    );
    options.tokens_confirmed = true;
    assert_eq!(taken(file, &options).rows.len(), 3);

    // What was confirmed is the token column, nothing else.
    let elsewhere = file.replace("b@example.com", "4111111111111111");
    assert_eq!(
        refused(&taken(elsewhere, &options)),
        [(3, WhyRefused::CardNumber)]
    );
    // An import of customers reads no tokens, so there is nothing to confirm.
    let report = customers("id,token\n1,4111111111111111\n2,tok\n");
    assert_eq!(ids(&report), [(3, "2")]);
    assert_eq!(report.rows[0].token, None);
}

#[test]
fn thirteen_digit_ids_are_ids() {
    assert_eq!(ids(&customers("id\n4222222222222\n")), [(2, "4222222222222")]);
}

#[test]
fn a_hundred_thousand_rows_are_read() {
    let mut file = String::from("\u{feff}customer_id;email;name\r\n");
    for n in 0..100_000 {
        file.push_str(&format!("shop-{n};person{n}@example.com;\"Person {n}\"\r\n"));
    }
    let report = customers(file);
    assert_eq!(report.rows.len(), 100_000);
    let last = report.rows.last().unwrap();
    assert_eq!(
        (last.line, last.customer_id.as_deref()),
        (100_001, Some("shop-99999"))
    );
    assert!(report.refused.is_empty() && report.duplicates.is_empty());
}

fn entry<'a>(customer_id: &'a str, email: Option<&'a str>, token: Option<&'a str>) -> Entered<'a> {
    Entered {
        customer_id,
        email,
        name: None,
        token,
    }
}

#[test]
fn one_customer_typed_is_checked_like_a_row() {
    let options = ReadOptions::new(Purpose::Customers);
    let typed = |id, email| DirectoryRow::entered(entry(id, email, None), &options);
    let row = typed(" shop/7 ", Some("a@example.com")).unwrap();
    assert_eq!(row.customer_id.as_deref(), Some("shop/7"));
    for (id, email, why) in [
        ("", None, WhyRefused::Missing(Field::CustomerId)),
        ("4111111111111111", None, WhyRefused::CardNumber),
        (
            "a",
            Some("4111-1111-1111-1111@example.com"),
            WhyRefused::CardNumber,
        ),
        ("a", Some("nobody"), WhyRefused::NotAnEmail),
        (".", None, WhyRefused::CannotBeAsked),
        ("(no id) a", None, WhyRefused::CannotBeAsked),
        ("a\u{0}b", None, WhyRefused::ControlCharacter(Field::CustomerId)),
    ] {
        assert_eq!(typed(id, email), Err(why));
    }
}

#[test]
fn a_token_typed_that_looks_like_a_card_number_is_asked_about() {
    let mut options = ReadOptions::new(Purpose::Tokens);
    let typed = |token, options: &ReadOptions| DirectoryRow::entered(entry("", None, token), options);
    let likely = Some("4111111111111111");
    assert_eq!(typed(likely, &options), Err(WhyRefused::TokenToConfirm));
    assert_eq!(typed(None, &options), Err(WhyRefused::Missing(Field::Token)));
    options.tokens_confirmed = true;
    assert_eq!(typed(likely, &options).unwrap().token.as_deref(), likely);
}

#[test]
fn rows_do_not_show_themselves_in_a_log() {
    let report = customers("id,email\nsecret-id,ada@example.com\n");
    let shown = format!("{report:?}");
    assert!(
        !shown.contains("ada@example.com") && !shown.contains("secret-id"),
        "{shown}"
    );
}

fn cell() -> impl Strategy<Value = String> {
    // No digits: what looks like a card number is another test's matter.
    "[a-zA-Zäß漢/?=. ,;\"'-]{0,12}".prop_map(|text| text.trim().to_owned())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

proptest! {
    #[test]
    fn what_was_written_is_read_back(
        cells in prop::collection::vec((cell(), cell()), 0..30),
        delimiter in prop::sample::select(vec![",", ";", "\t"]),
        end in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        let mut file = format!("customer_id{delimiter}name{end}");
        for (n, (id, name)) in cells.iter().enumerate() {
            file.push_str(&format!("{}{delimiter}{}{end}", quoted(&format!("{id}#{n}")), quoted(name)));
        }
        let report = customers(file);
        prop_assert_eq!(report.rows.len(), cells.len());
        for (n, (row, (id, name))) in report.rows.iter().zip(&cells).enumerate() {
            prop_assert_eq!(row.line, n + 2);
            prop_assert_eq!(row.customer_id.clone().unwrap(), format!("{id}#{n}"));
            prop_assert_eq!(row.name.clone().unwrap_or_default(), name.clone());
        }
    }

    #[test]
    fn every_row_is_taken_refused_or_a_duplicate(
        rows in prop::collection::vec("[a-c4 ]{0,2}(,[a-z@]{0,3}){0,2}", 0..40),
    ) {
        let report = customers(format!("customer_id,email\n{}", rows.join("\n")));
        let mut lines: Vec<usize> = report.rows.iter().map(|row| row.line)
            .chain(report.refused.iter().map(|row: &RefusedRow| row.line))
            .chain(report.duplicates.iter().map(|row| row.line))
            .collect();
        lines.sort_unstable();
        let expected: Vec<usize> = rows.iter().enumerate()
            .filter(|(_, row)| !row.is_empty())
            .map(|(n, _)| n + 2)
            .collect();
        prop_assert_eq!(lines, expected);
    }

    #[test]
    fn a_card_number_never_comes_through(
        before in "[a-z ]{0,8}", after in "[a-z ]{0,8}", at in 0usize..3,
    ) {
        let mut cells = ["id".to_owned(), String::new(), "name".to_owned()];
        cells[at] = format!("{before}4111-1111 1111.1111{after}");
        let report = customers(format!("customer_id,email,name\n{}\n", cells.join(",")));
        prop_assert!(report.rows.is_empty());
        prop_assert_eq!(refused(&report), vec![(2, WhyRefused::CardNumber)]);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), tokens: bool) {
        let purpose = if tokens { Purpose::Tokens } else { Purpose::Customers };
        let _ = read(&bytes, &ReadOptions::new(purpose));
        let named = [b"customer_id,token\n".as_slice(), &bytes].concat();
        let _ = read(&named, &ReadOptions::new(purpose));
    }

    #[test]
    fn no_text_makes_it_panic(text in "[\"a,;\t\r\n4 ]{0,80}") {
        let _ = customers_or_error(&text);
        let _ = customers_or_error(&format!("id,b\n{text}"));
    }
}

fn customers_or_error(text: &str) -> Result<Outcome, DirectoryError> {
    read(text.as_bytes(), &ReadOptions::new(Purpose::Customers))
}

//! Finding people.

use crate::answer::Answer;
use crate::layout::{Table, plain};
use crate::room::Room;
use crate::words;
use tokendesk_desk::contract::{FindPeople, PeopleFound, Problem};

pub async fn find(room: &Room, text: String, limit: u32, after: Option<String>) -> Result<Answer, Problem> {
    let env = room.one_env().await?;
    let found = room
        .desk
        .find_people(FindPeople {
            env,
            text,
            after,
            limit,
        })
        .await?;
    let text = found_text(&found);
    Ok(Answer::new(&found, text))
}

fn found_text(found: &PeopleFound) -> String {
    let mut lines = Vec::new();
    if !found.items.is_empty() {
        let mut table = Table::new(&words::PEOPLE_HEAD);
        for person in &found.items {
            let accounts: Vec<&str> = person.accounts.iter().map(|tag| tag.label.as_str()).collect();
            table.row([
                words::or_dash(person.email.as_deref()),
                words::or_dash(person.name.as_deref()),
                words::counts(&person.counts),
                accounts.join(", "),
            ]);
        }
        lines.push(table.to_text());
    }
    lines.push(words::people_found(found.total));
    lines.extend(
        found
            .searched
            .iter()
            .map(|searched| plain(&words::searched(searched))),
    );
    lines.extend(found.next.as_deref().map(words::more));
    lines.join("\n")
}

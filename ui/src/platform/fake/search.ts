/** The fake search: the same words and filters as the desk, over a list in memory. */

import { fold } from "../../components/fold";
import type { FoundBy, Problem } from "../../contract";
import { type Card, type Person, problem, type World } from "./records";
import { cardsOf, cardView } from "./views";

const STATES = ["creating", "active", "inactive", "deleting", "deleted"];

interface Query {
  words: string[];
  tests: ((card: ReturnType<typeof cardView>) => boolean)[];
}

export function parse(text: string): Query {
  if (text.length > 256) throw problem("query_too_long", "The search text is too long.");
  if (/(?:\d[ -]?){16}/.test(text)) throw problem("card_number", "This looks like a full card number.");
  const query: Query = { words: [], tests: [] };
  for (const part of text.split(/\s+/).filter(Boolean)) {
    const [key = "", value = ""] = part.split(/:(.*)/s);
    const known = value !== "" ? key.toLowerCase() : "";
    if (known === "state") {
      const wanted = value.split(",");
      if (wanted.some((x) => !STATES.includes(x))) throw badFilter("state", STATES.join(", "));
      query.tests.push((card) => wanted.includes(card.state));
    } else if (known === "brand") {
      const wanted = value.toLowerCase().split(",");
      query.tests.push((card) => wanted.includes(card.brand ?? ""));
    } else if (known === "one-click") {
      if (value !== "on" && value !== "off") throw badFilter("one-click", "on or off");
      query.tests.push((card) => card.one_click === (value === "on"));
    } else if (known === "exp") {
      const month = value.replace(/^[<>]/, "");
      if (!/^\d{4}-\d{2}$/.test(month)) throw badFilter("exp", "a month such as 2027-03");
      query.tests.push((card) => {
        if (!card.expiry) return false;
        return value[0] === "<" ? card.expiry < month : value[0] === ">" ? card.expiry > month : card.expiry === month;
      });
    } else query.words.push(fold(part));
  }
  return query;
}

function badFilter(key: string, accepts: string): Problem {
  return problem("filter_invalid", `The filter ${key} does not know this value.`, {
    hint: `It takes ${accepts}.`,
    params: { key, accepts },
  });
}

/** The cards themselves, newest first. */
export function findCards(world: World, people: Person[], query: Query): Card[] {
  return people
    .filter(({ folded: { email, name, other } }) =>
      query.words.every((w) => email.includes(w) || name.includes(w) || other.includes(w)),
    )
    .flatMap(cardsOf)
    .filter((card) => query.tests.every((test) => test(cardView(world, card))))
    .sort((a, b) => (b.createdOn ?? "").localeCompare(a.createdOn ?? ""));
}

const ORDER: FoundBy[] = ["email_start", "email_contains", "name", "other"];

export function find(world: World, people: Person[], query: Query): { person: Person; by: FoundBy }[] {
  const found: { person: Person; by: FoundBy }[] = [];
  for (const person of people) {
    const { email, name, other } = person.folded;
    if (!query.words.every((w) => email.includes(w) || name.includes(w) || other.includes(w))) continue;
    if (query.tests.length > 0 && !cardsOf(person).some((c) => query.tests.every((t) => t(cardView(world, c)))))
      continue;
    const first = query.words[0] ?? "";
    const by: FoundBy = email.startsWith(first)
      ? "email_start"
      : email.includes(first)
        ? "email_contains"
        : name.includes(first)
          ? "name"
          : "other";
    found.push({ person, by });
  }
  return found.sort((a, b) => ORDER.indexOf(a.by) - ORDER.indexOf(b.by));
}

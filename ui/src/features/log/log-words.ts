/** The words of groups, outcomes, periods and breaks of the log, and what a row's card is made of. */
import type { MessageId } from "../../messages/text";
import type { Period } from "./use-log";

export const GROUPS: readonly { id: string; word: MessageId }[] = [
  { id: "changes", word: "log.group.changes" },
  { id: "plans", word: "log.group.plans" },
  { id: "people", word: "log.group.people" },
  { id: "reading", word: "log.group.reading" },
  { id: "accounts", word: "log.group.accounts" },
  { id: "desk", word: "log.group.desk" },
  { id: "log", word: "log.group.log" },
];

export const OUTCOMES: readonly { id: string; word: MessageId }[] = [
  { id: "ok", word: "log.outcome.ok" },
  { id: "asked", word: "log.outcome.asked" },
  { id: "refused", word: "log.outcome.refused" },
  { id: "failed", word: "log.outcome.failed" },
  { id: "conflict", word: "log.outcome.conflict" },
];

export const PERIODS: readonly { id: Period; word: MessageId }[] = [
  { id: "today", word: "log.period.today" },
  { id: "week", word: "log.period.week" },
  { id: "month", word: "log.period.month" },
  { id: "all", word: "log.period.all" },
];

/** What a broken row means, by how it is broken. */
export const BREAKS: Record<string, MessageId> = {
  edited: "verify.edited",
  text_edited: "verify.textEdited",
  missing: "verify.missing",
  inserted: "verify.inserted",
  out_of_order: "verify.outOfOrder",
  cut: "verify.cut",
  anchor_differs: "verify.anchorDiffers",
};

/** "Visa 4242" as brand and last four; anything else has neither. */
export function cardParts(words: string): { brand: string; last4: string } | null {
  const found = /^(.*\S)\s+(\d{4})$/.exec(words);
  return found?.[1] && found[2] ? { brand: found[1], last4: found[2] } : null;
}

/** Who, without the desk where it is this one. */
export function nameOf(actor: string, desk: string): string {
  const here = `, desk ${desk}`;
  return actor.endsWith(here) ? actor.slice(0, -here.length) : actor;
}

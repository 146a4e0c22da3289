/**
 * Which cards are selected: single cards, or everything that a search finds. Pure; it must not know how rows are shown.
 */
import type { CardView } from "../../contract";

/** What the selection has to remember of a card that may have scrolled away. */
export interface Picked {
  account: string;
  person: string;
}

export interface Selection {
  picked: ReadonlyMap<string, Picked>;
  /** Everything that the search finds, also what is not loaded; `picked` then holds what was shown at that moment. */
  all: boolean;
  /** Where a range began. */
  anchor: string | null;
  /** What was selected when the range began: a range that shrinks gives back only its own. */
  before: ReadonlyMap<string, Picked>;
}

const NOBODY: ReadonlyMap<string, Picked> = new Map();

export const NOTHING: Selection = { picked: NOBODY, all: false, anchor: null, before: NOBODY };

type Row = Pick<CardView, "id" | "account_id" | "person">;

const entry = (card: Row): [string, Picked] => [card.id, { account: card.account_id, person: card.person }];

export const isEmpty = (selection: Selection) => !selection.all && selection.picked.size === 0;

export const isPicked = (selection: Selection, card: Pick<CardView, "id">) =>
  selection.all || selection.picked.has(card.id);

/** Turns one card. Out of "all that match" it leaves the cards that are shown, without this one. */
export function toggle(selection: Selection, card: Row, shown: readonly Row[]): Selection {
  const picked = new Map(selection.all ? shown.map(entry) : selection.picked);
  if (picked.has(card.id)) picked.delete(card.id);
  else picked.set(...entry(card));
  return { picked, all: false, anchor: card.id, before: picked };
}

/** Everything between where the range began and here. Without a beginning, `from` is one. */
export function extend(selection: Selection, rows: readonly Row[], from: number, to: number): Selection {
  const known = rows.findIndex((row) => row.id === selection.anchor);
  const start = known === -1 ? from : known;
  const begun = rows[start];
  if (!begun || !rows[to]) return selection;
  const before = known === -1 ? (selection.all ? NOBODY : selection.picked) : selection.before;
  const range = rows.slice(Math.min(start, to), Math.max(start, to) + 1);
  return { picked: new Map([...before, ...range.map(entry)]), all: false, anchor: begun.id, before };
}

export function pickRows(rows: readonly Row[], all = false): Selection {
  const picked = new Map(rows.map(entry));
  return { picked, all, anchor: null, before: picked };
}

/** Accounts and customers among the selected cards. */
export function spread(selection: Selection): { accounts: number; people: number } {
  const picked = [...selection.picked.values()];
  return { accounts: new Set(picked.map((x) => x.account)).size, people: new Set(picked.map((x) => x.person)).size };
}

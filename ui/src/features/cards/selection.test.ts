import { describe, expect, it } from "vitest";
import { extend, isEmpty, isPicked, NOTHING, pickRows, spread, toggle } from "./selection";

const card = (n: number) => ({ id: `c${n}`, account_id: `a${n % 2}`, person: `p${Math.floor(n / 2)}` });
const rows = Array.from({ length: 10 }, (_, n) => card(n));
const ids = (selection: { picked: ReadonlyMap<string, unknown> }) => [...selection.picked.keys()].sort();

describe("a selection", () => {
  it("turns single cards", () => {
    const one = toggle(NOTHING, card(3), rows);
    expect(isPicked(one, card(3))).toBe(true);
    expect(isEmpty(toggle(one, card(3), rows))).toBe(true);
  });

  it("gives back only its own when a range shrinks", () => {
    let s = toggle(NOTHING, card(0), rows);
    s = toggle(s, card(4), rows);
    s = extend(s, rows, 4, 7);
    expect(ids(s)).toEqual(["c0", "c4", "c5", "c6", "c7"]);
    s = extend(s, rows, 7, 5);
    expect(ids(s)).toEqual(["c0", "c4", "c5"]);
    s = extend(s, rows, 5, 2);
    expect(ids(s)).toEqual(["c0", "c2", "c3", "c4"]);
  });

  it("begins a range where the keyboard stands", () => {
    expect(ids(extend(NOTHING, rows, 2, 3))).toEqual(["c2", "c3"]);
  });

  it("leaves what is shown when one card is taken out of everything", () => {
    const all = pickRows(rows, true);
    expect(isPicked(all, card(99))).toBe(true);
    const rest = toggle(all, card(1), rows);
    expect(rest.all).toBe(false);
    expect(rest.picked.size).toBe(9);
    expect(isPicked(rest, card(99))).toBe(false);
  });

  it("counts accounts and customers", () => {
    expect(spread(pickRows(rows.slice(0, 5)))).toEqual({ accounts: 2, people: 3 });
  });
});

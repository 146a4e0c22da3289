import { describe, expect, it } from "vitest";
import { cutAround, fold, matches } from "./fold";

const marked = (text: string, words: string[]) => matches(text, words).map((r) => text.slice(r.start, r.end));

describe("folding", () => {
  it("meets what the desk folds", () => {
    expect(fold("KÖNIG")).toBe("konig");
    expect(fold("Søren Łukasz")).toBe("soren lukasz");
    expect(fold("Straße")).toBe("strasse");
    expect(fold("がか")).toBe("がか");
  });

  it("marks the letters that were meant", () => {
    expect(marked("María José", ["jose"])).toEqual(["José"]);
    expect(marked("Straße 1", ["ss"])).toEqual(["ß"]);
    expect(marked("浜田 美咲", ["美咲"])).toEqual(["美咲"]);
    expect(marked("ada@ada.example.com", ["ada"])).toEqual(["ada", "ada"]);
    expect(marked("Nobody", ["ada"])).toEqual([]);
    expect(marked("e\u0301ada", ["ada"])).toEqual(["ada"]);
  });

  it("joins matches that touch", () => {
    expect(marked("lindqvist", ["lind", "dqv"])).toEqual(["lindqv"]);
  });
});

describe("a long email", () => {
  const email = "wilhelmina.van-den-berghe.szczepanska.posada@kundendienst-nordwest.example.org";
  const cut = (words: string[], room: number) => cutAround(email, matches(email, words), room);

  it("keeps its start, the match and its end", () => {
    const pieces = cut(["ada@"], 40);
    const text = pieces.map((p) => p.text).join("");
    expect(text.length).toBeLessThanOrEqual(42);
    expect(text.startsWith("wilh")).toBe(true);
    expect(text).toMatch(/…org$/);
    expect(pieces.filter((p) => p.hit).map((p) => p.text)).toEqual(["ada@"]);
  });

  it("uses the room that a match at the start leaves", () => {
    const text = cut(["wil"], 40)
      .map((p) => p.text)
      .join("");
    expect(text.length).toBeGreaterThan(36);
    expect(text.length).toBeLessThanOrEqual(40);
  });

  it("is cut in the middle when nothing matched", () => {
    const text = cut([], 30)
      .map((p) => p.text)
      .join("");
    expect(text.length).toBe(30);
    expect(text).toMatch(/^wilh.*…/);
    expect(text).toMatch(/example\.org$/);
  });

  it("is whole where there is room", () => {
    expect(
      cut(["posada"], 200)
        .map((p) => p.text)
        .join(""),
    ).toBe(email);
  });

  it("loses nothing but what the ellipsis stands for", () => {
    for (const room of [12, 18, 25, 33, 47, 60]) {
      for (const words of [["wil"], ["ada@"], ["org"], ["den", "nord"], []]) {
        const kept = cut(words, room).filter((p) => !p.gap);
        let from = 0;
        for (const piece of kept) {
          const at = email.indexOf(piece.text, from);
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + piece.text.length;
        }
      }
    }
  });
});

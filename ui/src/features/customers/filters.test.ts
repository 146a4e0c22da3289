import { describe, expect, it } from "vitest";
import { filtersIn, plainWords, withFilter, withoutFilter } from "./filters";

describe("filters in words", () => {
  const text = "state:inactive ada@ Brand:visa exp:<2027-03";

  it("are told from words", () => {
    expect(filtersIn(text).map((f) => `${f.key} ${f.value}`)).toEqual(["state inactive", "brand visa", "exp <2027-03"]);
    expect(plainWords(text)).toBe("ada@");
    expect(filtersIn("https://x.example state: :y")).toEqual([]);
  });

  it("can be taken away one by one", () => {
    const [first, second] = filtersIn(text);
    expect(first && withoutFilter(text, first)).toBe("ada@ Brand:visa exp:<2027-03");
    expect(second && withoutFilter(text, second)).toBe("state:inactive ada@ exp:<2027-03");
  });

  it("are replaced by another value", () => {
    expect(withFilter(text, "state", "active")).toBe("ada@ Brand:visa exp:<2027-03 state:active");
    expect(withFilter("", "one-click", "off")).toBe("one-click:off");
  });
});

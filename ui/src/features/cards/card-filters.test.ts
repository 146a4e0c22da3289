import { describe, expect, it } from "vitest";
import { monthFrom, readMonth, valuesOf, withValues } from "./card-filters";

describe("filters that chips write", () => {
  it("reads several values of one filter", () => {
    expect(valuesOf("ada state:active,inactive exp:>2026-11 exp:<2027-03", "state")).toEqual(["active", "inactive"]);
    expect(valuesOf("ada exp:>2026-11 exp:<2027-03", "exp")).toEqual([">2026-11", "<2027-03"]);
  });

  it("writes in the old place, and takes away without a trace", () => {
    expect(withValues("state:active ada", "state", ["active", "inactive"])).toBe("state:active,inactive ada");
    expect(withValues("ada", "brand", ["visa"])).toBe("ada brand:visa");
    expect(withValues("exp:>2026-11 ada exp:<2027-03", "exp", [])).toBe("ada");
    expect(withValues("OneClick:on ada", "one-click", ["off"])).toBe("one-click:off ada");
  });

  it("leaves words with a colon alone", () => {
    expect(withValues("https://x state: ada", "state", ["active"])).toBe("https://x state: ada state:active");
  });

  it("counts months over the year", () => {
    expect(monthFrom(new Date(2026, 10, 17), 2)).toBe("2027-01");
    expect(readMonth("<2027-03")).toEqual({ how: "before", year: "2027", month: "03" });
    expect(readMonth("soon")).toBeNull();
  });
});

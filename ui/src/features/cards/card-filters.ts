/** The filters that the chips of the cards write, in the words of the search box. Must not know how they are shown. */
import { FILTER_KEYS, type FilterKey, filtersIn } from "../customers/filters";

/** The values of one filter: `state:active,inactive` has two. */
export function valuesOf(text: string, key: FilterKey): string[] {
  return filtersIn(text)
    .filter((x) => x.key === key)
    .flatMap((x) => x.value.split(","))
    .filter((x) => x !== "");
}

const typed = (word: string) => {
  const name = word.slice(0, word.indexOf(":")).toLowerCase();
  return FILTER_KEYS.find((k) => k === (name === "oneclick" ? "one-click" : name));
};

/** The text with this filter saying exactly `values`, in its old place; without values it is gone. */
export function withValues(text: string, key: FilterKey, values: readonly string[]): string {
  const words = text.split(/\s+/).filter((x) => x !== "");
  const mine = (word: string) => word.includes(":") && !word.endsWith(":") && typed(word) === key;
  const at = words.findIndex(mine);
  const rest = words.filter((word) => !mine(word));
  if (values.length > 0) rest.splice(at === -1 ? rest.length : at, 0, `${key}:${values.join(",")}`);
  return rest.join(" ");
}

/** `YYYY-MM`, so many months after `now`. */
export function monthFrom(now: Date, months: number): string {
  const n = now.getFullYear() * 12 + now.getMonth() + months;
  return `${Math.floor(n / 12)}-${String((n % 12) + 1).padStart(2, "0")}`;
}

/** "exp:" takes a month, one before, or one after. */
export function readMonth(value: string): { how: "before" | "after" | "in"; year: string; month: string } | null {
  const found = /^([<>]?)(\d{4})-(\d{2})$/.exec(value);
  if (!found) return null;
  return {
    how: found[1] === "<" ? "before" : found[1] === ">" ? "after" : "in",
    year: found[2] ?? "",
    month: found[3] ?? "",
  };
}

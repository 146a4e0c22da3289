/** Filters typed in words: which parts of the search text are filters, and the text without one of them. */

export const FILTER_KEYS = ["state", "brand", "exp", "one-click"] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

export interface Filter {
  key: FilterKey;
  value: string;
  /** Which word of the text it is. */
  at: number;
}

const words = (text: string) => text.split(/\s+/).filter((word) => word !== "");

export function filtersIn(text: string): Filter[] {
  return words(text).flatMap((word, at) => {
    const colon = word.indexOf(":");
    if (colon < 1 || colon === word.length - 1) return [];
    const typed = word.slice(0, colon).toLowerCase();
    const key = FILTER_KEYS.find((k) => k === (typed === "oneclick" ? "one-click" : typed));
    return key ? [{ key, value: word.slice(colon + 1), at }] : [];
  });
}

export function withoutFilter(text: string, filter: Filter): string {
  return words(text)
    .filter((_, at) => at !== filter.at)
    .join(" ");
}

/** One value a key: choosing another one replaces it. */
export function withFilter(text: string, key: FilterKey, value: string): string {
  const others = filtersIn(text).filter((f) => f.key === key);
  const rest = words(text).filter((_, at) => !others.some((f) => f.at === at));
  return [...rest, `${key}:${value}`].join(" ");
}

/** What was typed apart from filters. */
export function plainWords(text: string): string {
  const filters = filtersIn(text);
  return words(text)
    .filter((_, at) => !filters.some((f) => f.at === at))
    .join(" ");
}

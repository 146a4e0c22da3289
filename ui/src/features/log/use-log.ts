/** The rows of the log that were asked for, page by page. Knows nothing of how they look. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import type { Env, LogFilter, LogPage, LogRow, Problem } from "../../contract";
import { asProblem } from "../../platform/platform";
import { usePlatform } from "../../platform/queries";

const FIRST_PAGE = 100;
const NEXT_PAGES = 200;

export type Period = "today" | "week" | "month" | "all";

/** Days of a period, today included. */
const DAYS: Record<Exclude<Period, "all">, number> = { today: 1, week: 7, month: 30 };

/** What a person chose to see. */
export interface LogChoice {
  groups: readonly string[];
  outcomes: readonly string[];
  account: string | null;
  card: { id: string; words: string } | null;
  period: Period;
  text: string;
}

export const EVERYTHING: LogChoice = { groups: [], outcomes: [], account: null, card: null, period: "all", text: "" };

export const isFiltered = (choice: LogChoice) =>
  choice.groups.length + choice.outcomes.length > 0 ||
  choice.account !== null ||
  choice.card !== null ||
  choice.period !== "all" ||
  choice.text !== "";

/** The first moment of a period: days begin at midnight where this computer is. */
export function beginOf(period: Period, now: Date): string | null {
  if (period === "all") return null;
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - (DAYS[period] - 1)).toISOString();
}

export function filterOf(choice: LogChoice, env: Env, now: Date): LogFilter {
  return {
    env,
    account_id: choice.account,
    card_id: choice.card?.id ?? null,
    groups: [...choice.groups],
    outcomes: [...choice.outcomes],
    text: choice.text === "" ? null : choice.text,
    from: beginOf(choice.period, now),
    until: null,
  };
}

export interface Log {
  filter: LogFilter;
  rows: LogRow[];
  /** Rows in the whole log, whatever the filter. */
  total: number | null;
  hasMore: boolean;
  more: () => void;
  loadingMore: boolean;
  /** The first page was not read. */
  problem: Problem | null;
  /** A later page was not read; the rows before it are here. */
  moreProblem: Problem | null;
  waiting: boolean;
  /** The rows still belong to an earlier choice. */
  stale: boolean;
  /** Rows were written since these were read. */
  newer: boolean;
  readAgain: () => void;
}

/** `acting`: what is announced now is this window's own doing, and no news. */
export function useLog(choice: LogChoice, env: Env, acting: boolean): Log {
  const platform = usePlatform();
  const [turn, setTurn] = useState(0);
  const [newer, setNewer] = useState(false);
  // Each reading is a row of the log: nothing is read again unless a person asks. So "today" is the day of the choice.
  const filter = useMemo(() => filterOf(choice, env, new Date()), [choice, env]);
  const answer = useInfiniteQuery<LogPage, Problem, { pages: LogPage[] }, readonly unknown[], string | null>({
    queryKey: ["log-rows", filter, turn],
    queryFn: ({ pageParam }) =>
      platform
        .call("list_log", { filter, after: pageParam, limit: pageParam ? NEXT_PAGES : FIRST_PAGE })
        .catch((error: unknown) => {
          throw asProblem(error);
        }),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
    gcTime: 0,
    placeholderData: (old, query) => {
      const before = query?.queryKey[1] as LogFilter | undefined;
      return before?.env === env ? keepPreviousData(old) : undefined;
    },
  });

  const own = useRef(false);
  own.current = answer.isFetching || acting;
  useEffect(() => platform.onInvalidated((tags) => tags.includes("log") && !own.current && setNewer(true)), [platform]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another question, or the same one again, brings the newest
  useEffect(() => setNewer(false), [filter, turn]);

  const pages = answer.data?.pages ?? [];
  const rows = useMemo(() => pages.flatMap((page) => page.items), [pages]);
  return {
    filter,
    rows,
    total: pages.at(-1)?.rows ?? null,
    hasMore: answer.hasNextPage,
    more: () => {
      if (answer.hasNextPage && !answer.isFetching) void answer.fetchNextPage();
    },
    loadingMore: answer.isFetchingNextPage,
    problem: answer.isFetchNextPageError ? null : answer.error,
    moreProblem: answer.isFetchNextPageError ? answer.error : null,
    waiting: answer.isPending,
    stale: answer.isPlaceholderData,
    newer,
    readAgain: () => setTurn((old) => old + 1),
  };
}

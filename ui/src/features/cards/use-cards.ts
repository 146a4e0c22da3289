/** The cards of the environment in view that a search finds, page by page, newest first. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import type { CardPage, CardView, Count, Env, Problem } from "../../contract";
import { asProblem } from "../../platform/platform";
import { usePlatform } from "../../platform/queries";

const FIRST_PAGE = 100;
const NEXT_PAGES = 400;
/** What the desk gives at most, for collecting ids. */
const WHOLE_PAGES = 1_000;
const KEPT_MS = 30_000;

export interface CardsAsked {
  env: Env;
  text: string;
  account: string | null;
}

export interface Cards {
  rows: CardView[];
  total: Count | null;
  hasMore: boolean;
  more: () => void;
  problem: Problem | null;
  waiting: boolean;
  /** The rows still belong to an earlier search. */
  stale: boolean;
  again: () => void;
}

export function useCards({ env, text, account }: CardsAsked): Cards {
  const platform = usePlatform();
  const answer = useInfiniteQuery<CardPage, Problem, { pages: CardPage[] }, readonly unknown[], string | null>({
    queryKey: ["cards", "list_cards", { env, text, account }],
    queryFn: ({ pageParam }) =>
      platform
        .call("list_cards", {
          env,
          text,
          account_id: account,
          after: pageParam,
          limit: pageParam ? NEXT_PAGES : FIRST_PAGE,
        })
        .catch((error: unknown) => {
          throw asProblem(error);
        }),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
    gcTime: KEPT_MS,
    // The rows of the search before stay until the new ones are here, but never those of another environment.
    placeholderData: (old, query) => {
      const before = query?.queryKey[2] as { env: Env } | undefined;
      return before?.env === env ? keepPreviousData(old) : undefined;
    },
  });
  const pages = answer.data?.pages;
  const rows = useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = answer;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  return {
    rows,
    total: pages?.[0]?.total ?? null,
    hasMore: hasNextPage,
    more,
    problem: answer.error,
    waiting: answer.isPending,
    stale: answer.isPlaceholderData,
    again: () => void refetch(),
  };
}

/** Every card of a search that a plan's own search text cannot say: one by one, while `goOn` says so. */
export function useCollect() {
  const platform = usePlatform();
  return useCallback(
    async (asked: CardsAsked, goOn: (soFar: number) => boolean): Promise<CardView[] | null> => {
      const found: CardView[] = [];
      let after: string | null = null;
      do {
        const page: CardPage = await platform.call("list_cards", {
          env: asked.env,
          text: asked.text,
          account_id: asked.account,
          after,
          limit: WHOLE_PAGES,
        });
        found.push(...page.items);
        after = page.next;
        if (!goOn(found.length)) return null;
      } while (after !== null);
      return found;
    },
    [platform],
  );
}

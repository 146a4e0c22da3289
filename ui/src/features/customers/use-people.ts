/** The people of the list: found by what was typed, or opened lately. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { PeopleFound, PersonRow, Problem } from "../../contract";
import { NewestFirst } from "../../platform/newest";
import { asProblem } from "../../platform/platform";
import { usePlatform } from "../../platform/queries";
import { useView } from "../shell/view";

const FIRST_PAGE = 60;
const NEXT_PAGES = 200;
// Each keystroke is a question of its own; answers nobody looks at any more are forgotten soon.
const KEPT_MS = 20_000;
// One that is slow, and the newest beside it.
const AT_ONCE = 2;

export interface People {
  rows: PersonRow[];
  first: PeopleFound | undefined;
  hasMore: boolean;
  more: () => void;
  problem: Problem | null;
  waiting: boolean;
  /** The rows still belong to an earlier text. */
  stale: boolean;
  recent: boolean;
}

export function usePeople(): People {
  const view = useView();
  const platform = usePlatform();
  const [searches] = useState(() => new NewestFirst(AT_ONCE));
  const text = view.query.trim();
  const recent = text === "";
  const name = recent ? "recent_people" : "find_people";
  const answer = useInfiniteQuery<PeopleFound, Problem, { pages: PeopleFound[] }, readonly unknown[], string | null>({
    queryKey: ["cards", name, { env: view.env, text }],
    // A text that was typed over is no longer waited for: its signal says so, and it is not asked at all.
    queryFn: ({ pageParam, signal }) =>
      searches.ask(signal, () =>
        platform
          .call(name, { env: view.env, text, after: pageParam, limit: pageParam ? NEXT_PAGES : FIRST_PAGE })
          .catch((error: unknown) => {
            throw asProblem(error);
          }),
      ),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
    gcTime: KEPT_MS,
    // Opening a customer changes who was opened lately, and nothing announces that.
    staleTime: recent ? 0 : Number.POSITIVE_INFINITY,
    // The rows of the text before stay until the new ones are here, but never those of another environment.
    placeholderData: (old, query) => {
      const before = query?.queryKey[2] as { env: string; text: string } | undefined;
      return before?.env === view.env && (before.text === "") === recent ? keepPreviousData(old) : undefined;
    },
  });
  const pages = answer.data?.pages ?? [];
  return {
    rows: pages.flatMap((page) => page.items),
    first: pages[0],
    hasMore: answer.hasNextPage,
    more: () => {
      if (answer.hasNextPage && !answer.isFetchingNextPage) void answer.fetchNextPage();
    },
    problem: answer.error,
    waiting: answer.isPending,
    stale: answer.isPlaceholderData,
    recent,
  };
}

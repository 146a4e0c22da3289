/** One group of changes with as many pages as were asked for, newest first. */
import { useInfiniteQuery } from "@tanstack/react-query";
import type { ChangeList, ChangeView, Env, Problem } from "../../contract";
import { asProblem } from "../../platform/platform";
import { usePlatform } from "../../platform/queries";

const PAGE = 50;

export interface Changes {
  items: ChangeView[];
  hasMore: boolean;
  more: () => void;
  busy: boolean;
  problem: Problem | null;
  waiting: boolean;
}

export function useChanges(which: { env: Env; statuses: string[]; mine: boolean; enabled?: boolean }): Changes {
  const platform = usePlatform();
  const request = { env: which.env, open_only: false, statuses: which.statuses, mine_only: which.mine };
  const answer = useInfiniteQuery<ChangeList, Problem, { pages: ChangeList[] }, readonly unknown[], string | null>({
    queryKey: ["changes", "list_changes", request],
    queryFn: ({ pageParam }) =>
      platform.call("list_changes", { ...request, after: pageParam, limit: PAGE }).catch((error: unknown) => {
        throw asProblem(error);
      }),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
    enabled: which.enabled ?? true,
  });
  // A change may have moved to a later page between two answers.
  const seen = new Map<string, ChangeView>();
  for (const page of answer.data?.pages ?? []) for (const item of page.items) seen.set(item.id, item);
  return {
    items: [...seen.values()],
    hasMore: answer.hasNextPage,
    more: () => {
      if (answer.hasNextPage && !answer.isFetchingNextPage) void answer.fetchNextPage();
    },
    busy: answer.isFetchingNextPage,
    problem: answer.error,
    waiting: answer.isPending && answer.fetchStatus !== "idle",
  };
}

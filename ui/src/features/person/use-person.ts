/** One customer with as many of their cards as were scrolled to. */
import { useInfiniteQuery } from "@tanstack/react-query";
import type { CardView, PersonView, Problem } from "../../contract";
import { asProblem } from "../../platform/platform";
import { usePlatform } from "../../platform/queries";
import { useView } from "../shell/view";

const PAGE = 200;

interface Page {
  /** Only the first page. */
  view: PersonView | null;
  cards: CardView[];
  next: string | null;
}

export interface PersonOnScreen {
  view: PersonView | null;
  cards: CardView[];
  hasMore: boolean;
  more: () => void;
  problem: Problem | null;
  waiting: boolean;
  again: () => void;
}

export function usePerson(person: string): PersonOnScreen {
  const { env } = useView();
  const platform = usePlatform();
  const answer = useInfiniteQuery<Page, Problem, { pages: Page[] }, readonly unknown[], string | null>({
    queryKey: ["cards", "open_person", { env, person }],
    queryFn: async ({ pageParam }) => {
      try {
        if (pageParam === null) {
          const view = await platform.call("open_person", { env, person });
          return { view, cards: view.cards, next: view.next };
        }
        const page = await platform.call("person_cards", { env, person, after: pageParam, limit: PAGE });
        return { view: null, cards: page.items, next: page.next };
      } catch (error) {
        throw asProblem(error);
      }
    },
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
  });
  const pages = answer.data?.pages ?? [];
  return {
    view: pages[0]?.view ?? null,
    cards: pages.flatMap((page) => page.cards),
    hasMore: answer.hasNextPage,
    more: () => {
      if (answer.hasNextPage && !answer.isFetchingNextPage) void answer.fetchNextPage();
    },
    problem: answer.error,
    waiting: answer.isPending,
    again: () => void answer.refetch(),
  };
}

/** Reads are cached under the tag that outdates them; writes go through unchanged. */
import {
  keepPreviousData,
  QueryClient,
  QueryClientProvider,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useMemo } from "react";
import type { Problem, Tag } from "../contract";
import { noteDeadlines } from "./deadlines";
import { asProblem, type CommandName, type Platform, type Request, type Response } from "./platform";

/** What each read shows, and so what makes it stale. */
export const READ_TAGS = {
  desk_status: "status",
  list_accounts: "accounts",
  provider_options: "settings",
  removal_facts: "accounts",
  list_directory: "accounts",
  list_flows: "settings",
  flow_runs: "accounts",
  show_flow_run: "accounts",
  single_use_tokens: "accounts",
  verify_offer: "cards",
  recognise: "cards",
  find_people: "cards",
  recent_people: "cards",
  open_person: "cards",
  person_cards: "cards",
  list_cards: "cards",
  show_card: "cards",
  list_changes: "changes",
  list_plans: "plans",
  show_plan: "plans",
  plan_rows: "plans",
  list_timeline: "log",
  list_backups: "settings",
  desk_settings: "settings",
} as const satisfies Partial<Record<CommandName, Tag>>;

export type ReadName = keyof typeof READ_TAGS;

export const readKey = <C extends ReadName>(name: C, request: Request<C>) => [READ_TAGS[name], name, request] as const;

const PlatformContext = createContext<Platform | null>(null);

export function usePlatform(): Platform {
  const platform = useContext(PlatformContext);
  if (!platform) throw new Error("no platform");
  return platform;
}

export function makeQueryClient(): QueryClient {
  // The host is this computer: the browser's idea of being online, focus and time say nothing about its answers.
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        retry: false,
        networkMode: "always",
        refetchOnWindowFocus: false,
        refetchOnReconnect: false,
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/** Fetches again what these tags outdate; resolves when everything in view is fresh. */
export function refetch(client: QueryClient, tags: Iterable<Tag>): Promise<unknown> {
  const all = new Set(tags);
  // An account tells how many of its changes are open, a plan how far its own are, and the log what became of them.
  if (all.has("changes")) for (const tag of ["accounts", "plans", "log"] as const) all.add(tag);
  // What a read showed of a card is in its timeline too.
  if (all.has("cards")) all.add("log");
  return Promise.all([...all].map((tag) => client.invalidateQueries({ queryKey: [tag] })));
}

// A first read announces pages faster than anybody can look: the first one counts at once, the rest together.
const TOGETHER_MS = 120;

function Invalidations() {
  const platform = usePlatform();
  const client = useQueryClient();
  useEffect(() => {
    let waiting = new Set<Tag>();
    let timer: ReturnType<typeof setTimeout> | null = null;
    const flush = () => {
      timer = null;
      const tags = waiting;
      waiting = new Set();
      void refetch(client, tags);
      if (tags.size > 0) timer = setTimeout(flush, TOGETHER_MS);
    };
    const stop = platform.onInvalidated((tags) => {
      for (const tag of tags) waiting.add(tag);
      if (timer === null) flush();
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [platform, client]);
  return null;
}

/** The same host; what it says ends soon is noted at the moment it says so. */
function timed(host: Platform): Platform {
  return {
    call: async (name, request) => {
      const answer = await host.call(name, request);
      noteDeadlines(answer);
      return answer;
    },
    onInvalidated: (listener) => host.onInvalidated(listener),
    onQuitting: (listener) => host.onQuitting(listener),
  };
}

export function HostProvider(props: { platform: Platform; client: QueryClient; children: ReactNode }) {
  const platform = useMemo(() => timed(props.platform), [props.platform]);
  return (
    <PlatformContext.Provider value={platform}>
      <QueryClientProvider client={props.client}>
        <Invalidations />
        {props.children}
      </QueryClientProvider>
    </PlatformContext.Provider>
  );
}

export interface ReadOptions {
  enabled?: boolean;
  /** Show the last answer while the next one is fetched. */
  keep?: boolean;
}

export function useRead<C extends ReadName>(
  name: C,
  request: Request<C>,
  options: ReadOptions = {},
): UseQueryResult<Response<C>, Problem> {
  const platform = usePlatform();
  return useQuery<Response<C>, Problem>({
    queryKey: readKey(name, request),
    queryFn: () =>
      platform.call(name, request).catch((error: unknown) => {
        throw asProblem(error);
      }),
    enabled: options.enabled ?? true,
    placeholderData: options.keep ? (keepPreviousData as never) : undefined,
  });
}

/** A command that changes something. `tags` are fetched again before it counts as finished. */
export function useAct<C extends CommandName>(name: C, tags: readonly Tag[] = []) {
  const platform = usePlatform();
  const client = useQueryClient();
  return useMutation<Response<C>, Problem, Request<C>>({
    mutationFn: (request) =>
      platform.call(name, request).catch((error: unknown) => {
        throw asProblem(error);
      }),
    onSettled: () => refetch(client, tags),
  });
}

/** What happened to a customer's cards: this desk's own changes and what reading them showed, newest first. */
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useIntl } from "react-intl";
import { Button } from "../../components/button";
import { Icon, type IconName } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { PersonView, Problem, TimelineItem, TimelinePage } from "../../contract";
import { type MessageId, Say } from "../../messages/text";
import { asProblem } from "../../platform/platform";
import { READ_TAGS, usePlatform } from "../../platform/queries";
import { nameOf } from "../log/log-words";
import { useView } from "../shell/view";

const FIRST = 8;
const NEXT_PAGES = 200;

const STATUS: Record<string, MessageId> = {
  held: "timeline.held",
  waiting: "timeline.waiting",
  sending: "timeline.sending",
  done: "timeline.done",
  conflict: "timeline.conflict",
  stuck: "timeline.stuck",
  withdrawn: "timeline.withdrawn",
};

const NEEDS_YOU = ["conflict", "stuck"];

/** A read that shows what was asked here before. */
const asAsked = (item: TimelineItem) => item.source === "desk" && item.status === null && item.actor === null;

function iconOf(item: TimelineItem): IconName {
  if (item.source === "provider" || asAsked(item)) return "refresh";
  if (item.status && NEEDS_YOU.includes(item.status)) return "alert";
  if (item.status === "withdrawn") return "undo";
  if (item.kind === "delete") return "trash";
  if (item.kind === "opened") return "people";
  if (item.kind === "note") return "note";
  return item.status === "done" ? "check" : "clock";
}

export function Timeline({ person }: { person: PersonView }) {
  const intl = useIntl();
  const platform = usePlatform();
  const [whole, setWhole] = useState(false);
  const { env, person: id } = person;
  const answer = useInfiniteQuery<TimelinePage, Problem, { pages: TimelinePage[] }, readonly unknown[], string | null>({
    queryKey: [READ_TAGS.list_timeline, "list_timeline", { env, person: id }],
    queryFn: ({ pageParam }) =>
      platform
        .call("list_timeline", {
          env,
          person: id,
          card_id: null,
          after: pageParam,
          limit: pageParam ? NEXT_PAGES : FIRST,
        })
        .catch((error: unknown) => {
          throw asProblem(error);
        }),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  });
  const pages = answer.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const total = pages[0]?.total ?? 0;
  const shown = whole ? items : items.slice(0, FIRST);
  const zone = intl.formatDateToParts(Date.now(), { timeZoneName: "short" }).find((x) => x.type === "timeZoneName");
  const showAll = () => {
    setWhole(true);
    if (answer.hasNextPage && pages.length === 1) void answer.fetchNextPage();
  };
  return (
    <section className="timeline" aria-labelledby="timeline-title" data-testid="timeline">
      <div className="sect">
        <h3 id="timeline-title">
          <Say id="timeline.title" />
        </h3>
        <span className="c-3 f12">
          <Say id="timeline.means" zone={zone?.value ?? ""} />
        </span>
        <span className="grow" />
        {total > FIRST && (
          <Button
            kind="link"
            className="f12"
            aria-expanded={whole}
            onPress={whole ? () => setWhole(false) : showAll}
            data-testid="timeline-all"
          >
            {whole ? <Say id="timeline.first" n={FIRST} /> : <Say id="timeline.all" n={total} />}
          </Button>
        )}
      </div>
      {answer.error && (
        <ProblemNote problem={answer.error} level="warn">
          <Button size="s" onPress={() => (items.length > 0 ? answer.fetchNextPage() : answer.refetch())}>
            <Say id="action.tryAgain" />
          </Button>
        </ProblemNote>
      )}
      {answer.data && items.length === 0 && (
        <p className="c-2 f12">
          <Say id="timeline.empty" />
        </p>
      )}
      <ol>
        {shown.map((item, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: entries have no id; two may be alike to the millisecond
          <TimelineLine key={`${item.at} ${at}`} item={item} />
        ))}
      </ol>
      {whole && answer.hasNextPage && (
        <Button
          kind="link"
          className="f12"
          isDisabled={answer.isFetchingNextPage}
          onPress={() => answer.fetchNextPage()}
        >
          {answer.isFetchingNextPage ? (
            <Say id="timeline.loading" />
          ) : (
            <Say id="timeline.more" n={total - items.length} />
          )}
        </Button>
      )}
    </section>
  );
}

function TimelineLine({ item }: { item: TimelineItem }) {
  const times = useTimes();
  const status = item.status ? STATUS[item.status] : undefined;
  const needsYou = item.status !== null && NEEDS_YOU.includes(item.status);
  const who = useWho(item.actor);
  // The words may name the card already; its last four told twice would be noise.
  const named = item.card === null || item.words.includes(item.card);
  const beside: ReactNode[] = [
    !named && <span key="card">{item.card}</span>,
    status && (
      <span key="status" className={needsYou ? "c-warn" : ""}>
        <Say id={status} />
      </span>
    ),
    asAsked(item) && (
      <span key="asked">
        <Say id="timeline.asAsked" />
      </span>
    ),
    who && (
      <span key="who" dir="auto">
        {who}
      </span>
    ),
  ].filter(Boolean);
  return (
    <li
      title={item.account_label ?? undefined}
      data-testid="timeline-item"
      data-source={item.source}
      data-status={item.status ?? undefined}
    >
      <time dateTime={item.at} title={`${times.ago(item.at)}, ${times.exact(item.at)}`}>
        <When at={item.at} />
      </time>
      <Icon name={iconOf(item)} size="s" className={needsYou ? "c-warn" : ""} />
      <span className="timeline-words">
        {item.words}
        {item.reason && (
          <span dir="auto" className="timeline-reason">
            {" "}
            <Say id="log.reason" reason={item.reason} />
          </span>
        )}
        {beside.length > 0 && (
          <>
            {" "}
            <span className="timeline-by">{beside}</span>
          </>
        )}
      </span>
    </li>
  );
}

/** "14:32" today, "16 Nov, 18:04" this year, "16 Nov 2025" before: as exact as is still of use; the rest on hover. */
function When({ at }: { at: string }) {
  const intl = useIntl();
  const [then, now] = [new Date(at), new Date()];
  const clock = { hour: "2-digit", minute: "2-digit" } as const;
  const day = { day: "numeric", month: "short" } as const;
  if (then.toDateString() === now.toDateString()) return intl.formatDate(at, clock);
  if (then.getFullYear() === now.getFullYear()) return intl.formatDate(at, { ...day, ...clock });
  return intl.formatDate(at, { ...day, year: "numeric" });
}

/** Who, or "you" for this user of this desk. */
function useWho(actor: string | null): ReactNode {
  const { status } = useView();
  if (actor === null) return null;
  const name = nameOf(actor, status.desk);
  return name === status.who ? <Say id="timeline.you" /> : name;
}

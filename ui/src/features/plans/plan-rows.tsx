/** The rows of a plan, in its order: which card, how it stands, and what a person can do where it went wrong. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { BrandMark } from "../../components/brand-mark";
import { IconButton } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote, useProblemTexts } from "../../components/problem";
import { ListSkeleton, useWaitedLong } from "../../components/skeleton";
import type { PlanRow, PlanRowPage, PlanView, Problem } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { asProblem } from "../../platform/platform";
import { usePlatform } from "../../platform/queries";
import { ChangeActions } from "../changes/change-actions";
import { useCardName } from "../person/card-words";
import { StuckWords } from "../person/pending-line";
import { useView } from "../shell/view";
import type { RowStatus } from "./plan-words";

const PAGE = 200;
const ROW = 34;
const AHEAD = 40;

const STATUS: Record<string, MessageId> = {
  planned: "plan.row.planned",
  held: "plan.row.held",
  waiting: "plan.row.waiting",
  sending: "plan.row.sending",
  done: "plan.row.done",
  stuck: "plan.row.stuck",
  conflict: "plan.row.conflict",
  skipped: "plan.row.skipped",
  withdrawn: "plan.row.withdrawn",
};

function useRows(plan: PlanView, statuses: readonly RowStatus[]) {
  const platform = usePlatform();
  const answer = useInfiniteQuery<PlanRowPage, Problem, { pages: PlanRowPage[] }, readonly unknown[], string | null>({
    queryKey: ["plans", "plan_rows", { plan: plan.id, statuses }],
    queryFn: ({ pageParam }) =>
      platform
        .call("plan_rows", { plan_id: plan.id, statuses: [...statuses], after: pageParam, limit: PAGE })
        .catch((error: unknown) => {
          throw asProblem(error);
        }),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
    // Rows move from one outcome to the next: those kept of another one are old.
    gcTime: 0,
  });
  const pages = answer.data?.pages;
  return { ...answer, rows: useMemo(() => pages?.flatMap((page) => page.items) ?? [], [pages]) };
}

/** `brief`: before the plan runs, nothing can be done with a row yet. */
export function PlanRowsList(props: { plan: PlanView; statuses: readonly RowStatus[]; brief?: boolean }) {
  const { plan, statuses, brief = false } = props;
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const { rows, hasNextPage, isFetchingNextPage, fetchNextPage, error, isPending } = useRows(plan, statuses);
  const long = useWaitedLong(isPending);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (i) => rows[i]?.number ?? i,
    overscan: 8,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasNextPage && !isFetchingNextPage && last >= rows.length - AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage, last, rows.length]);

  if (error) return <ProblemNote problem={error} />;
  return (
    <div
      ref={scroller}
      className={`scroll plan-rows ${brief ? "brief" : ""}`}
      data-scroll
      role="table"
      aria-label={text("plan.rows")}
      aria-rowcount={hasNextPage ? -1 : rows.length + 1}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by keyboard
      tabIndex={0}
    >
      <div role="rowgroup">
        <div role="row" aria-rowindex={1} className="sr">
          <span role="columnheader">{text("plan.col.number")}</span>
          <span role="columnheader">{text("cards.card")}</span>
          <span role="columnheader">{text("cards.customer")}</span>
          <span role="columnheader">{text("cards.account")}</span>
          <span role="columnheader">{text("plan.col.result")}</span>
        </div>
      </div>
      {long && <ListSkeleton rows={4} />}
      {!isPending && rows.length === 0 && (
        <p className="c-2 plan-none">
          <Say id="plan.noRows" />
        </p>
      )}
      <div role="rowgroup" className="virtual" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const row = rows[item.index];
          return (
            row && (
              <div
                key={item.key}
                ref={virtual.measureElement}
                data-index={item.index}
                role="row"
                aria-rowindex={item.index + 2}
                className={`pr ${row.status}`}
                style={{ transform: `translateY(${item.start}px)` }}
                data-testid="plan-row"
                data-status={row.status}
                data-card={row.card_id}
              >
                <Row row={row} brief={brief} />
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function Row({ row, brief }: { row: PlanRow; brief: boolean }) {
  const view = useView();
  const text = useText();
  const cardName = useCardName();
  const { card } = row;
  // An open row says where its change stands: held, waiting or sending.
  const stands = row.status === "queued" ? (row.change?.status ?? "waiting") : row.status;
  const word: MessageId =
    brief && row.status === "planned" ? "plan.row.inPlan" : (STATUS[stands] ?? "plan.row.planned");
  const name = card ? cardName(card) : text("card.nameId", { id: row.remote_id });
  return (
    <>
      <span role="cell" className="c-3 f12 num">
        {row.number}
      </span>
      <span role="cell" className="card-title" title={name}>
        <BrandMark brand={card?.brand ?? null} name={card?.brand_name ?? null} />
        {card?.last4 ? (
          <span className="l4">
            <i aria-hidden="true">••••</i>
            {card.last4}
          </span>
        ) : (
          <span className="id c-2 cut">{row.remote_id}</span>
        )}
      </span>
      <span role="cell" className="cut" title={card?.email ?? undefined}>
        {card ? (
          (card.email ?? card.name ?? <Say id="person.noEmail" />)
        ) : (
          <span className="c-3">
            <Say id="plan.cardGone" />
          </span>
        )}
      </span>
      <span role="cell" className="cut c-2">
        <bdi>{card?.account.label}</bdi>
      </span>
      <span role="cell" className="pr-result">
        <span className="pr-status">
          <RowMark status={row.status} />
          <Say id={word} />
        </span>
        <RowWhy row={row} />
        {!brief && (
          <span className="pr-acts">
            {row.change && (row.status === "stuck" || row.status === "conflict") && (
              <ChangeActions change={row.change} place="plan" />
            )}
            {card && (
              <IconButton
                icon="panel"
                label={text("card.details", { card: name })}
                onPress={() => view.showCard(row.card_id)}
                data-testid="plan-open-card"
              />
            )}
          </span>
        )}
      </span>
    </>
  );
}

function RowMark({ status }: { status: string }) {
  if (status === "stuck" || status === "conflict") return <Icon name="alert" size="s" />;
  if (status === "done") return <Icon name="check" size="s" />;
  if (status === "queued") return <Icon name="clock" size="s" />;
  if (status === "withdrawn") return <Icon name="undo" size="s" />;
  return <span className="pr-dot" aria-hidden="true" />;
}

/** Why a row did not do what was planned. */
function RowWhy({ row }: { row: PlanRow }) {
  const words = useProblemTexts();
  const { change } = row;
  if (row.status === "skipped") return row.skipped && <span className="pr-why c-2">{row.skipped.words}</span>;
  if (row.status === "conflict") return change?.conflict && <span className="pr-why">{change.conflict.title}</span>;
  if (row.status === "stuck" && change) {
    return (
      <span className="pr-why">
        <StuckWords change={change} />
      </span>
    );
  }
  return row.problem && <span className="pr-why">{words(row.problem).title}</span>;
}

/** The rows of the log in a virtual list, by day. Arrow keys move from row to row, Enter opens a row's details. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { useIntl } from "react-intl";
import { Button } from "../../components/button";
import { singleKeysOn } from "../../components/keys";
import { ProblemNote } from "../../components/problem";
import type { LogRow } from "../../contract";
import { Say, useText } from "../../messages/text";
import { LogRowView } from "./log-row";
import type { Log } from "./use-log";

const ROW = 35;
const SECOND_LINE = 17;
const DAY_HEAD = 34;
/** Rows before the end at which the next page is fetched. */
const AHEAD = 40;
const PAGE_KEYS = 12;

const dayOf = (row: LogRow) => new Date(row.at).toDateString();

export function LogList({ log, onCard }: { log: Log; onCard: (card: { id: string; words: string }) => void }) {
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<number | null>(null);
  const [wanted, setWanted] = useState<number | null>(null);
  const [open, setOpen] = useState<ReadonlySet<number>>(new Set());
  const { rows } = log;
  const beginsDay = (at: number) => {
    const [row, before] = [rows[at], rows[at - 1]];
    return row !== undefined && (before === undefined || dayOf(row) !== dayOf(before));
  };

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => {
      const row = rows[i];
      return ROW + (row?.reason || row?.detail ? SECOND_LINE : 0) + (i > 0 && beginsDay(i) ? DAY_HEAD : 0);
    },
    getItemKey: (i) => rows[i]?.number ?? i,
    overscan: 8,
  });

  // Another question begins at its newest row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of question that counts
  useEffect(() => {
    setActive(null);
    setOpen(new Set());
    scroller.current?.scrollTo({ top: 0 });
  }, [log.filter]);

  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const { more, hasMore, moreProblem } = log;
  useEffect(() => {
    if (hasMore && !moreProblem && lastShown >= rows.length - AHEAD) more();
  }, [hasMore, moreProblem, lastShown, rows.length, more]);

  const current = Math.max(
    0,
    rows.findIndex((x) => x.number === active),
  );
  const move = (by: number) => {
    const at = Math.min(rows.length - 1, Math.max(0, current + by));
    const next = rows[at];
    if (!next) return;
    setActive(next.number);
    setWanted(next.number);
    virtual.scrollToIndex(at);
  };
  // A row that was out of sight is there only after the list has moved.
  useEffect(() => {
    if (wanted === null) return;
    const button = scroller.current?.querySelector<HTMLElement>(`[data-row="${wanted}"] .log-what`);
    if (!button) return;
    button.focus();
    setWanted(null);
  });

  const firstInView = rows[items.find((x) => x.end > (virtual.scrollOffset ?? 0))?.index ?? 0];
  return (
    <>
      {firstInView && (
        <div className="log-day now" aria-hidden="true">
          <DayWords at={firstInView.at} />
        </div>
      )}
      <div
        ref={scroller}
        className="scroll log-scroll"
        data-scroll
        role="list"
        aria-label={text("log.rows")}
        aria-busy={log.stale || log.loadingMore}
        onFocus={(event) => {
          const row = event.target.closest<HTMLElement>("[data-row]")?.dataset.row;
          if (row) setActive(Number(row));
        }}
        onKeyDown={(event) => {
          if (event.ctrlKey || event.metaKey || event.altKey) return;
          if (event.key.length === 1 && !singleKeysOn()) return;
          const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
          if (key === "ArrowDown" || key === "j") move(1);
          else if (key === "ArrowUp" || key === "k") move(-1);
          else if (key === "PageDown") move(PAGE_KEYS);
          else if (key === "PageUp") move(-PAGE_KEYS);
          else return;
          event.preventDefault();
        }}
      >
        <div className="virtual" role="presentation" style={{ height: virtual.getTotalSize() }}>
          {items.map((item) => {
            const row = rows[item.index];
            if (!row) return null;
            return (
              <div
                key={item.key}
                ref={virtual.measureElement}
                className="log-line"
                role="listitem"
                aria-posinset={item.index + 1}
                aria-setsize={hasMore ? -1 : rows.length}
                data-index={item.index}
                data-row={row.number}
                data-testid="log-row"
                style={{ transform: `translateY(${item.start}px)` }}
              >
                {beginsDay(item.index) && (
                  <h2 className={item.index === 0 ? "sr" : "log-day"}>
                    <DayWords at={row.at} />
                  </h2>
                )}
                <LogRowView
                  row={row}
                  open={open.has(row.number)}
                  reachable={item.index === current}
                  onToggle={() =>
                    setOpen((old) => {
                      const next = new Set(old);
                      if (!next.delete(row.number)) next.add(row.number);
                      return next;
                    })
                  }
                  onCard={onCard}
                />
              </div>
            );
          })}
        </div>
        {moreProblem && (
          <div className="log-more" role="listitem">
            <ProblemNote problem={moreProblem} level="warn">
              <Button size="s" onPress={more}>
                <Say id="action.tryAgain" />
              </Button>
            </ProblemNote>
          </div>
        )}
      </div>
    </>
  );
}

/** "Saturday 21 November 2026, times in CET" */
function DayWords({ at }: { at: string }) {
  const intl = useIntl();
  const zone = intl.formatDateToParts(at, { timeZoneName: "short" }).find((x) => x.type === "timeZoneName")?.value;
  const day = intl.formatDate(at, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
  return <Say id="log.day" day={<span className="day">{day}</span>} zone={zone ?? ""} />;
}

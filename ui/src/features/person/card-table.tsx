/**
 * The saved cards of a customer, by customer record. The keyboard moves by row. The table has no scroll of its own: it
 * stands in the page at its full height, and of a long one only the rows near the page's window exist.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type KeyboardEvent,
  type ReactNode,
  type RefObject,
  useCallback,
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { singleKeysOn, useKeys } from "../../components/keys";
import type { CardView, CustomerView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useView } from "../shell/view";
import { CardRow } from "./card-row";
import { useFlips } from "./flips";
import { GroupRow } from "./group-row";
import type { PersonOnScreen } from "./use-person";

const ROW = 34;
const GROUP = 32;
const HEAD = 28;
/** Up to this many cards, all loaded, are simply there. */
const WHOLE = 100;

type Line =
  | { kind: "group"; customer: CustomerView; empty: boolean; again: boolean }
  | { kind: "card"; card: CardView; provider: string; index: number };

const keyOf = (line: Line | undefined, at: number) =>
  line?.kind === "card" ? line.card.id : `group-${line?.customer.id ?? at}`;

/** Cards come in the order of the customer records; a card belongs to the record with its account and customer id. */
function linesOf(customers: CustomerView[], cards: CardView[], complete: boolean): Line[] {
  const lines: Line[] = [];
  const left = new Set(cards);
  let index = 0;
  let carriedOf: string | null = null;
  for (const customer of customers) {
    const own = cards.filter(
      (card) => left.has(card) && card.account_id === customer.account.id && card.customer_id === customer.customer_id,
    );
    if (own.length > 0 || complete) {
      const again = carriedOf === customer.account.id;
      if (own.length > 0) carriedOf = customer.account.id;
      lines.push({ kind: "group", customer, empty: own.length === 0, again });
    }
    for (const card of own) {
      left.delete(card);
      lines.push({ kind: "card", card, provider: customer.account.provider_name, index });
      index += 1;
    }
  }
  for (const card of left) {
    lines.push({ kind: "card", card, provider: card.account.provider_name, index });
    index += 1;
  }
  return lines;
}

export interface CardTableProps {
  shown: PersonOnScreen;
  total: number;
  page: RefObject<HTMLElement | null>;
  onDeleteRecord: (customer: CustomerView) => void;
}

export function CardTable({ shown, total, page, onDeleteRecord }: CardTableProps) {
  const view = useView();
  const text = useText();
  const flips = useFlips();
  const body = useRef<HTMLDivElement>(null);
  const { cards, hasMore, more } = shown;
  const customers = shown.view?.customers ?? [];
  const lines = useMemo(() => linesOf(customers, cards, !hasMore), [customers, cards, hasMore]);
  const verified = cards.some((x) => x.verification !== null || x.chargeable !== null);
  const [focused, setFocused] = useState<string | null>(null);
  const [moving, setMoving] = useState<string | null>(null);
  const current = cards.find((x) => x.id === focused) ?? cards[0] ?? null;

  const whole = !hasMore && cards.length <= WHOLE;
  const above = useHeightAbove(body, page);
  const virtual = useVirtualizer({
    count: lines.length,
    enabled: !whole,
    getScrollElement: () => page.current,
    scrollMargin: above,
    scrollPaddingStart: HEAD,
    estimateSize: (i) => (lines[i]?.kind === "group" ? GROUP : ROW),
    getItemKey: (i) => keyOf(lines[i], i),
    overscan: 10,
  });
  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= lines.length - 30) more();
  }, [hasMore, last, lines.length, more]);

  // A customer opened with the keyboard: the keyboard goes on at the first card.
  const first = cards[0]?.id ?? null;
  useEffect(() => {
    if (first && view.wantsFocus.current === view.person) {
      view.wantsFocus.current = null;
      setMoving(first);
    }
  }, [first, view.wantsFocus, view.person]);

  // A row far away exists only after scrolling to it.
  useEffect(() => {
    if (!moving) return;
    const row = body.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(moving)}"]`);
    if (row) {
      row.focus();
      setMoving(null);
    }
  });

  const move = useCallback(
    (to: number) => {
      const card = lines.find((line) => line.kind === "card" && line.index === to);
      if (card?.kind !== "card") return;
      if (!whole) virtual.scrollToIndex(lines.indexOf(card));
      setMoving(card.card.id);
    },
    [lines, virtual, whole],
  );
  const at =
    cards.length === 0
      ? -1
      : ((lines.find((l) => l.kind === "card" && l.card.id === current?.id) as { index: number } | undefined)?.index ??
        0);

  const rowKeys = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length === 1 && !singleKeysOn()) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "ArrowDown" || key === "j") move(at + 1);
    else if (key === "ArrowUp" || key === "k") move(Math.max(0, at - 1));
    else if (key === "PageDown") move(Math.min(cards.length - 1, at + 10));
    else if (key === "PageUp") move(Math.max(0, at - 10));
    else if (key === "Home") move(0);
    else if (key === "End") move(cards.length - 1);
    else if (key === "Enter" && current) view.showCard(current.id);
    else if (key === "Escape") view.searchField.current?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const inTable = () => body.current?.contains(document.activeElement) ?? false;
  useKeys({
    o: () => {
      if (current && inTable() && !current.switches.one_click_blocked)
        flips.flip(current, "one_click", !flips.value(current, "one_click"));
    },
    s: () => {
      if (current && inTable() && !current.switches.active_blocked)
        flips.flip(current, "active", !flips.value(current, "active"));
    },
    d: () => {
      if (current && inTable() && !current.switches.delete_blocked) view.askDelete(current);
    },
  });

  const row = (line: Line): ReactNode =>
    line.kind === "group" ? (
      <GroupRow
        customer={line.customer}
        empty={line.empty}
        again={line.again}
        among={among(line.customer, customers)}
        onDelete={onDeleteRecord}
      />
    ) : (
      <CardRow
        card={line.card}
        provider={line.provider}
        verified={verified}
        index={line.index}
        current={line.card.id === current?.id}
        onFocus={setFocused}
        onKeyDown={rowKeys}
        onOpen={view.showCard}
        onDelete={view.askDelete}
      />
    );

  return (
    <div className="ctwrap">
      <div role="grid" aria-label={text("cards.label")} aria-rowcount={hasMore ? -1 : lines.length + 1} className="ct">
        <div role="row" className="ct-head" aria-rowindex={1}>
          <div role="columnheader">
            <Say id="cards.card" />
          </div>
          <div role="columnheader">
            <Say id="cards.expires" />
          </div>
          <div role="columnheader">
            <Say id="cards.state" />
          </div>
          <div role="columnheader">
            <Say id="cards.oneClick" />
          </div>
          <div role="columnheader" className="c-read">
            <Say id={verified ? "cards.verified" : "cards.read"} />
          </div>
          <div role="columnheader">
            <span className="sr">
              <Say id="cards.actions" />
            </span>
          </div>
        </div>
        <div
          ref={body}
          role="rowgroup"
          className={whole ? undefined : "virtual"}
          style={whole ? undefined : { height: virtual.getTotalSize() }}
        >
          {whole
            ? lines.map((line, i) => (
                <div key={keyOf(line, i)} role="presentation" className="ct-line">
                  {row(line)}
                </div>
              ))
            : items.map((item) => {
                const line = lines[item.index];
                return (
                  line && (
                    <div
                      key={item.key}
                      ref={virtual.measureElement}
                      data-index={item.index}
                      role="presentation"
                      className="ct-line placed"
                      style={{ transform: `translateY(${item.start - above}px)` }}
                    >
                      {row(line)}
                    </div>
                  )
                );
              })}
        </div>
      </div>
      {hasMore && (
        <p className="hint ct-more">
          <Say id="cards.loaded" shown={cards.length} total={total} />
        </p>
      )}
    </div>
  );
}

/** Records of one account that carry the same email are told apart: which of how many this is. */
function among(customer: CustomerView, all: CustomerView[]): { n: number; of: number } | null {
  const email = customer.email?.toLowerCase() ?? null;
  if (email === null) return null;
  const same = all.filter((x) => x.account.id === customer.account.id && x.email?.toLowerCase() === email);
  return same.length > 1 ? { n: same.indexOf(customer) + 1, of: same.length } : null;
}

/** How far below the top of the scrolled page the rows begin; notes above them come and go. */
function useHeightAbove(body: RefObject<HTMLElement | null>, page: RefObject<HTMLElement | null>): number {
  const [above, setAbove] = useState(0);
  useLayoutEffect(() => {
    const scroller = page.current;
    const content = scroller?.firstElementChild;
    if (!scroller || !content) return;
    const measure = () => {
      const rows = body.current;
      if (!rows) return;
      setAbove(
        Math.round(rows.getBoundingClientRect().top - scroller.getBoundingClientRect().top + scroller.scrollTop),
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(content);
    return () => observer.disconnect();
  }, [body, page]);
  return above;
}

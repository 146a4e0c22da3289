/**
 * Every card that was found, as a table of which only the rows in view exist. The keyboard belongs to the table (or to the
 * search field above it), never to a row: a row may be gone before the next key.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, useCallback, useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { fold } from "../../components/fold";
import { singleKeysOn, useKeys } from "../../components/keys";
import type { CardView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { plainWords } from "../customers/filters";
import { useFlips } from "../person/flips";
import { useView } from "../shell/view";
import { CardLine } from "./card-line";
import { extend, isPicked, type Selection, toggle } from "./selection";
import type { Cards } from "./use-cards";

const ROW = 28;
/** The bar of the selection, with the room around it. */
const BAR = 66;
const PAGE = 20;
/** Rows before the end at which the next page is asked for. */
const AHEAD = 60;
/** From so many pixels on, email and name are two columns of their cell, this far apart; the styles have the same parts. */
const SHARED = 600;
const GAP = 16;

const HEADS: { id: MessageId; className?: string }[] = [
  { id: "cards.customer" },
  { id: "cards.card" },
  { id: "cards.expires" },
  { id: "cards.state" },
  { id: "cards.oneClick" },
  { id: "cards.account" },
  { id: "cards.read", className: "cl-read" },
];

export interface CardsTableProps {
  cards: Cards;
  selection: Selection;
  onSelect: (next: Selection) => void;
  /** Selects what is shown; again takes it back. */
  onPickShown: () => void;
  onClear: () => void;
}

export function CardsTable({ cards, selection, onSelect, onPickShown, onClear }: CardsTableProps) {
  const view = useView();
  const text = useText();
  const flips = useFlips();
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<string | null>(null);
  const [width, setWidth] = useState(300);
  const who = useRef<HTMLDivElement>(null);
  const { rows, hasMore, more, total } = cards;
  const words = useMemo(() => plainWords(view.query).split(" ").filter(Boolean).map(fold), [view.query]);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (i) => rows[i]?.id ?? i,
    // The head stays above the rows, the bar of the selection below them.
    scrollMargin: ROW,
    scrollPaddingStart: ROW,
    scrollPaddingEnd: selection.all || selection.picked.size > 0 ? BAR : 0,
    overscan: 12,
  });

  const found = rows.findIndex((row) => row.id === at);
  const index = found === -1 ? 0 : found;
  const current = rows[index] ?? null;
  const rowId = (card: CardView) => `cards-row-${card.id}`;
  const currentId = current ? rowId(current) : null;
  useEffect(() => {
    view.setActiveOption(currentId);
    return () => view.setActiveOption(null);
  }, [currentId, view.setActiveOption]);

  // A new search begins at its first row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of search that counts
  useEffect(() => {
    setAt(null);
    scroller.current?.scrollTo({ top: 0 });
  }, [view.query, view.env]);

  useEffect(() => {
    const node = who.current;
    if (!node) return;
    const observer = new ResizeObserver(
      ([entry]) => entry && entry.contentRect.width > 0 && setWidth(entry.contentRect.width),
    );
    observer.observe(node);
    return () => observer.disconnect();
  }, []);

  const items = virtual.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= rows.length - AHEAD) more();
  }, [hasMore, last, rows.length, more]);

  const go = (to: number): number => {
    const place = Math.min(rows.length - 1, Math.max(0, to));
    const row = rows[place];
    if (!row) return index;
    setAt(row.id);
    virtual.scrollToIndex(place);
    return place;
  };
  const move = (by: number) => go(index + by);
  const openPerson = () => {
    if (current && !cards.stale) view.open(current.person, true);
  };
  useImperativeHandle(view.list, () => ({ move, open: openPerson }));

  const pick = () => {
    if (current && !cards.stale) {
      setAt(current.id);
      onSelect(toggle(selection, current, rows));
    }
  };
  const stretch = (to: number) => {
    if (cards.stale) return;
    const from = index;
    onSelect(extend(selection, rows, from, go(to)));
  };

  const latest = useRef({ selection, rows, index, stale: cards.stale });
  latest.current = { selection, rows, index, stale: cards.stale };
  const onPick = useCallback(
    (card: CardView, place: number, shift: boolean) => {
      const now = latest.current;
      if (now.stale) return;
      setAt(card.id);
      onSelect(shift ? extend(now.selection, now.rows, now.index, place) : toggle(now.selection, card, now.rows));
      scroller.current?.focus({ preventScroll: true });
    },
    [onSelect],
  );
  const { showCard } = view;
  const onPress = useCallback(
    (card: CardView, place: number, how: { shift: boolean; toggle: boolean }) => {
      if (how.shift || how.toggle) return onPick(card, place, how.shift);
      setAt(card.id);
      scroller.current?.focus({ preventScroll: true });
      showCard(card.id);
    },
    [onPick, showCard],
  );

  const keys = (event: KeyboardEvent) => {
    if (event.altKey) return;
    const letter = event.key.length === 1;
    const key = letter ? event.key.toLowerCase() : event.key;
    if (event.ctrlKey || event.metaKey) {
      if (key !== "a" || event.shiftKey) return;
      onPickShown();
    } else if (letter && key !== " " && !singleKeysOn()) return;
    else if (key === "ArrowDown") event.shiftKey ? stretch(index + 1) : move(1);
    else if (key === "ArrowUp") event.shiftKey ? stretch(index - 1) : move(-1);
    else if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "PageDown") event.shiftKey ? stretch(index + PAGE) : go(index + PAGE);
    else if (key === "PageUp") event.shiftKey ? stretch(index - PAGE) : go(index - PAGE);
    else if (key === "Home") event.shiftKey ? stretch(0) : go(0);
    else if (key === "End") event.shiftKey ? stretch(rows.length - 1) : go(rows.length - 1);
    else if (key === "x" || key === " ") pick();
    else if (key === "Enter") {
      if (event.shiftKey && current) view.showCard(current.id);
      else openPerson();
    } else if (key === "Escape") {
      if (selection.all || selection.picked.size > 0) onClear();
      else view.searchField.current?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  const inTable = () => scroller.current?.contains(document.activeElement) ?? false;
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

  const shown = rows.length > 0 && (selection.all || rows.every((row) => selection.picked.has(row.id)));
  const some = selection.all || selection.picked.size > 0;
  const shared = width >= SHARED;
  const room = shared ? (width - GAP) * (1.2 / 2.2) : width;
  return (
    <div
      ref={scroller}
      id="cards-table"
      className="scroll cards-grid"
      data-scroll
      data-stale={cards.stale || undefined}
      data-shared={shared || undefined}
      role="grid"
      aria-label={text("cards.all")}
      aria-multiselectable="true"
      aria-rowcount={total?.exact ? total.n + 1 : -1}
      aria-activedescendant={currentId ?? undefined}
      tabIndex={0}
      onKeyDown={keys}
    >
      <div role="rowgroup" className="cl-top">
        <div role="row" aria-rowindex={1} className="cl cl-head">
          <div role="columnheader" className="cl-pick">
            <input
              ref={(box) => {
                if (box) box.indeterminate = some && !shown;
              }}
              type="checkbox"
              className="box"
              tabIndex={-1}
              checked={shown}
              disabled={rows.length === 0}
              aria-label={text("cards.pickShown")}
              onChange={() => (shown ? onClear() : onPickShown())}
              data-testid="pick-shown"
            />
          </div>
          {HEADS.map(({ id, className }) => (
            <div key={id} ref={id === "cards.customer" ? who : undefined} role="columnheader" className={className}>
              <Say id={id} />
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" className="virtual" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const card = rows[item.index];
          return (
            card && (
              <CardLine
                key={item.key}
                card={card}
                id={rowId(card)}
                index={item.index}
                top={item.start - ROW}
                words={words}
                room={room}
                picked={isPicked(selection, card)}
                current={card.id === current?.id}
                oneClick={flips.value(card, "one_click")}
                oneClickAsked={flips.pending(card, "one_click")}
                onPress={onPress}
                onPick={onPick}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

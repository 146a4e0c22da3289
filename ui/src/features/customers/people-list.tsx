/**
 * The list under the search field. The keyboard stays in the field: the list is told where to move, and the field names
 * the row that is active.
 */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useImperativeHandle, useMemo, useRef, useState } from "react";
import { AccountTagMark } from "../../components/account-tag";
import { lettersThatFit } from "../../components/fit";
import { singleKeysOn } from "../../components/keys";
import { Marked } from "../../components/marked";
import { StateCountMarks } from "../../components/state";
import type { FoundBy, PersonRow } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useView } from "../shell/view";
import { plainWords } from "./filters";
import type { People } from "./use-people";

const ROW = 52;
const HEAD = 28;
/** Pixels of an email's letters, of each tag and of each count beside it, and of the row's edges and gap. */
const EMAIL = 12;
const TAG = 25;
/** Of each letter of a tag beyond the second. */
const TAG_LETTER = 7;
const COUNT = 25;
const AROUND = 48;

const HEADS: Record<FoundBy, MessageId> = {
  email_start: "group.emailStart",
  email_contains: "group.emailContains",
  name: "group.name",
  other: "group.other",
  recent: "group.recent",
};

/** `closed`: no further row of the group is to come, so its number is exact. */
type Line = { kind: "head"; by: FoundBy; n: number; closed: boolean } | { kind: "person"; row: PersonRow; at: number };

function linesOf(rows: PersonRow[], complete: boolean): Line[] {
  const lines: Line[] = [];
  for (const [at, row] of rows.entries()) {
    const before = rows[at - 1];
    if (before?.found_by !== row.found_by) {
      const n = rows.filter((x) => x.found_by === row.found_by).length;
      const last = rows.at(-1)?.found_by === row.found_by;
      lines.push({ kind: "head", by: row.found_by, n, closed: complete || !last });
    }
    lines.push({ kind: "person", row, at });
  }
  return lines;
}

const optionId = (person: string) => `person-${person}`;

export interface PeopleListProps {
  people: People;
  /** Somebody is to be opened as soon as the answer is here. */
  onOpening: (opening: boolean) => void;
}

export function PeopleList({ people, onOpening }: PeopleListProps) {
  const view = useView();
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const [width, setWidth] = useState(368);
  const [wantsFirst, setWantsFirst] = useState<string | null>(null);
  const { rows } = people;
  const lines = useMemo(() => linesOf(rows, !people.hasMore), [rows, people.hasMore]);
  const words = people.first?.words ?? [];
  const typed = plainWords(view.query);

  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: (i) => (lines[i]?.kind === "head" ? HEAD : ROW),
    getItemKey: (i) => {
      const line = lines[i];
      return line?.kind === "person" ? line.row.person : `head-${line?.by}`;
    },
    overscan: 6,
  });
  // Which lines are headings changes with the rows; sizes are by line.
  // biome-ignore lint/correctness/useExhaustiveDependencies: measured again when the lines change
  useEffect(() => virtual.measure(), [lines]);

  const shownActive = rows.some((r) => r.person === active) ? active : (rows[0]?.person ?? null);
  useEffect(
    () => view.setActiveOption(shownActive ? optionId(shownActive) : null),
    [shownActive, view.setActiveOption],
  );

  // A new text begins at its first row.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of text that counts
  useEffect(() => {
    setActive(null);
    scroller.current?.scrollTo({ top: 0 });
  }, [view.query, view.env]);

  useEffect(() => {
    const node = scroller.current;
    if (!node) return;
    const observer = new ResizeObserver(
      ([entry]) => entry && entry.contentRect.width > 0 && setWidth(entry.contentRect.width),
    );
    observer.observe(node);
    return () => observer.disconnect();
  }, []);

  const items = virtual.getVirtualItems();
  const lastShown = items.at(-1)?.index ?? 0;
  const { more, hasMore } = people;
  useEffect(() => {
    if (hasMore && lastShown >= lines.length - 20) more();
  }, [hasMore, lastShown, lines.length, more]);

  const move = (by: number) => {
    const at = rows.findIndex((r) => r.person === shownActive);
    const next = rows[Math.min(rows.length - 1, Math.max(0, at + by))];
    if (!next) return;
    setActive(next.person);
    virtual.scrollToIndex(lines.findIndex((l) => l.kind === "person" && l.row.person === next.person));
  };
  const open = () => {
    // Rows of an earlier text are not what was asked for: the first of those that are is opened when they come.
    if (people.stale || people.waiting) setWantsFirst(view.query);
    else if (shownActive) view.open(shownActive, true);
  };
  const firstRow = rows[0]?.person;
  useEffect(() => {
    if (wantsFirst === null || people.stale || people.waiting) return;
    setWantsFirst(null);
    if (wantsFirst === view.query && firstRow) view.open(firstRow, true);
  }, [wantsFirst, people.stale, people.waiting, view, firstRow]);
  const opening = wantsFirst !== null && wantsFirst === view.query;
  useEffect(() => {
    onOpening(opening);
    return () => onOpening(false);
  }, [opening, onOpening]);
  useImperativeHandle(view.list, () => ({ move, open }));

  const tags = (row: PersonRow) =>
    row.accounts.slice(0, 5).reduce((px, { code }) => px + TAG + TAG_LETTER * Math.max(0, code.length - 2), 0);
  return (
    <div
      ref={scroller}
      id="people-list"
      className="scroll"
      data-scroll
      role="listbox"
      aria-label={text("people.label")}
      tabIndex={rows.length > 0 ? 0 : -1}
      aria-activedescendant={shownActive ? optionId(shownActive) : undefined}
      onKeyDown={(event) => {
        const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key.length === 1 && !singleKeysOn()) return;
        if (key === "ArrowDown" || key === "j") move(1);
        else if (key === "ArrowUp" || key === "k") move(-1);
        else if (key === "PageDown") move(10);
        else if (key === "PageUp") move(-10);
        else if (key === "Enter") open();
        else if (key === "Escape") view.searchField.current?.focus();
        else return;
        event.preventDefault();
      }}
    >
      <div className="virtual" role="presentation" style={{ height: virtual.getTotalSize() }}>
        {items.map((item) => {
          const line = lines[item.index];
          if (!line) return null;
          const place = { transform: `translateY(${item.start}px)` };
          if (line.kind === "head") {
            return (
              <div key={item.key} className="ghead" role="presentation" style={place}>
                <span className="cut">
                  <Say id={typed === "" && line.by !== "recent" ? "group.filtered" : HEADS[line.by]} text={typed} />
                </span>
                {line.by !== "recent" && line.closed && (
                  <span>
                    <Say id="group.count" n={line.n} />
                  </span>
                )}
              </div>
            );
          }
          const { row } = line;
          const counts = Object.entries(row.counts).filter(([state, n]) => n > 0 && state !== "deleted").length;
          const beside = Math.max(tags(row), counts * COUNT);
          const room = lettersThatFit(row.email ?? "", width - AROUND - beside, EMAIL);
          return (
            // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the list and by the search field
            <div
              key={item.key}
              id={optionId(row.person)}
              className={`person ${view.person === row.person ? "sel" : ""} ${shownActive === row.person ? "cur" : ""}`}
              role="option"
              aria-selected={view.person === row.person}
              aria-posinset={line.at + 1}
              aria-setsize={people.hasMore ? -1 : rows.length}
              data-testid="person-row"
              data-person={row.person}
              style={place}
              onClick={() => {
                setActive(row.person);
                view.open(row.person);
              }}
            >
              <span className="pn cut">
                <span dir="auto">{row.name ? <Marked text={row.name} words={words} room={60} /> : <NoName />}</span>
              </span>
              <span className="pc">
                <StateCountMarks counts={row.counts} />
              </span>
              <span className="pe cut" title={row.email ?? undefined}>
                {row.email ? (
                  <>
                    <span aria-hidden="true">
                      <Marked text={row.email} words={words} room={room} />
                    </span>
                    <span className="sr">{row.email}</span>
                  </>
                ) : (
                  <span className="c-3">
                    <Say id="person.noEmail" />
                  </span>
                )}
              </span>
              <span className="pa">
                {row.accounts.slice(0, 5).map((tag) => (
                  <AccountTagMark key={tag.id} tag={tag} />
                ))}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}

function NoName() {
  return (
    <span className="c-3 font-normal">
      <Say id="person.noName" />
    </span>
  );
}

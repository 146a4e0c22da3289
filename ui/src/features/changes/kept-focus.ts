/** The keyboard stays with a change that moves to another group, and goes to its neighbour when the change has left. */
import { type RefObject, useEffect, useRef } from "react";

const ROW = "[data-change-row]";

export function useKeptFocus(list: RefObject<HTMLElement | null>): void {
  const last = useRef<{ node: Element; change: string; at: number } | null>(null);
  useEffect(() => {
    const node = list.current;
    if (!node) return;
    const keep = (event: FocusEvent) => {
      const target = event.target as Element;
      const row = target.closest<HTMLElement>(ROW);
      last.current = row && {
        node: target,
        change: row.dataset.changeRow ?? "",
        at: [...node.querySelectorAll(ROW)].indexOf(row),
      };
    };
    node.addEventListener("focusin", keep);
    return () => node.removeEventListener("focusin", keep);
  }, [list]);
  useEffect(() => {
    const was = last.current;
    // Only what was taken away under the keyboard: whoever moved it elsewhere meant to.
    if (!was || was.node.isConnected || document.activeElement !== document.body) return;
    last.current = null;
    const rows = [...(list.current?.querySelectorAll<HTMLElement>(ROW) ?? [])];
    const row = rows.find((x) => x.dataset.changeRow === was.change) ?? rows[Math.min(was.at, rows.length - 1)];
    row?.focus();
  });
}

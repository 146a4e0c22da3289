/** Single-letter shortcuts: outside text fields, and never behind an open dialog. */
import { useEffect, useRef } from "react";

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

export const dialogOpen = () =>
  document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"],[role="listbox"].pop') !== null;

export type Keys = Record<string, (event: KeyboardEvent) => void>;

/** Keys by `event.key`, letters in lower case. */
export function useKeys(keys: Keys, on = true): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || dialogOpen()) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      const act = current.current[key];
      if (!act) return;
      event.preventDefault();
      act(event);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [on]);
}

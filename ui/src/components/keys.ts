/** Single-letter shortcuts: outside text fields, and never behind an open dialog. */
import { useEffect, useRef, useSyncExternalStore } from "react";

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  return target instanceof HTMLInputElement && !["checkbox", "radio", "button"].includes(target.type);
}

export const dialogOpen = () =>
  document.querySelector('[role="dialog"],[role="alertdialog"],[role="menu"],[role="listbox"].pop') !== null;

export type Keys = Record<string, (event: KeyboardEvent) => void>;

const listeners = new Set<() => void>();
let single = true;

/** Whether shortcuts of one character work (WCAG 2.1.4: they can be turned off). */
export const singleKeysOn = () => single;

export function setSingleKeys(on: boolean): void {
  single = on;
  for (const listener of listeners) listener();
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, singleKeysOn);
}

/** Keys by `event.key`, letters in lower case. */
export function useKeys(keys: Keys, on = true): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (isTyping(event.target) || dialogOpen()) return;
      if (event.key.length === 1 && !single) return;
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

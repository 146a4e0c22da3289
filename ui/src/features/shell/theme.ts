/** Light or dark: as the system says, or as chosen here. */
import { useSyncExternalStore } from "react";
import { recall, remember } from "./memory";

export type Theme = "system" | "light" | "dark";

const darkSystem = () => window.matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

export function chosenTheme(): Theme {
  const kept = recall("theme");
  return kept === "light" || kept === "dark" ? kept : "system";
}

let current: Theme = "system";

function apply(): void {
  const dark = current === "dark" || (current === "system" && darkSystem().matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

export function startTheme(): void {
  current = chosenTheme();
  apply();
  darkSystem().addEventListener("change", apply);
}

export function setTheme(theme: Theme): void {
  current = theme;
  remember("theme", theme);
  apply();
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => current,
  );
}

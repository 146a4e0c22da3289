import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";
import { startSingleKeys } from "../features/shell/single-keys";
import { startTheme } from "../features/shell/theme";

function height(this: HTMLElement): number {
  return this.hasAttribute("data-scroll") ? 720 : 36;
}

// A page without layout gives every box no height, and a virtual list without height shows no rows.
Object.defineProperties(HTMLElement.prototype, {
  offsetHeight: { configurable: true, get: height },
  clientHeight: { configurable: true, get: height },
  offsetWidth: { configurable: true, get: () => 400 },
  clientWidth: { configurable: true, get: () => 400 },
});
HTMLElement.prototype.scrollTo = () => {};
HTMLElement.prototype.scrollIntoView = () => {};

// The page's document is not an instance of its window's own Document here, and React Aria asks exactly that before it
// decides whether a dialog already holds the focus.
const owner = document.defaultView;
if (owner && !(document instanceof owner.Document)) {
  Object.defineProperty(owner.Document, Symbol.hasInstance, {
    configurable: true,
    value: (node: unknown) => node instanceof Node && node.nodeType === Node.DOCUMENT_NODE,
  });
}

// A busy computer is slow, not wrong.
configure({ asyncUtilTimeout: 5_000 });

startTheme();
beforeEach(startSingleKeys);

afterEach(() => {
  cleanup();
  window.localStorage.clear();
});

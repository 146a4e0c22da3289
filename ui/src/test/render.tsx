import { render, screen, within } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { expect } from "vitest";
import { App } from "../features/shell/app";
import { FakeDesk, type FakeOptions } from "../platform/fake/fake";
import { makeQueryClient } from "../platform/queries";

export interface Opened {
  desk: FakeDesk;
  user: UserEvent;
}

/** The whole window over a small fake desk that holds nothing unless told to. */
export function openWindow(options: FakeOptions = {}): Opened {
  const desk = new FakeDesk({ people: 40, step: 15, hold: 0, ...options });
  render(<App platform={desk} client={makeQueryClient()} />);
  return { desk, user: userEvent.setup() };
}

/** Types into the search field and opens the first customer found, by keyboard alone. */
export async function openCustomer({ user }: Opened, text: string): Promise<HTMLElement> {
  const search = await screen.findByTestId("search");
  await user.click(search);
  await user.keyboard(text);
  await screen.findAllByTestId("person-row");
  await screen.findAllByText((_, node) => node?.className === "lhead" && /customer/.test(node.textContent ?? ""));
  await user.keyboard("{Enter}");
  return screen.findByRole("heading", { level: 1 });
}

export async function cardRow(last4: string): Promise<HTMLElement> {
  const rows = await screen.findAllByTestId("card-row");
  const row = rows.find((r) => within(r).queryByText(last4));
  if (!row) throw new Error(`no row ending ${last4}`);
  return row;
}

/** WCAG A and AA by axe; colours are measured in the design's table, for there is no layout here. */
export async function expectAccessible(): Promise<void> {
  const result = await axe.run(document.body, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    rules: { "color-contrast": { enabled: false }, "target-size": { enabled: false } },
  });
  const found = result.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 160)).join(" | ")}`);
  expect(found).toEqual([]);
}

import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ExportLog, ListLog, LogRow } from "../../contract";
import { problem } from "../../platform/fake/records";
import { expectAccessible, type Opened, openWindow } from "../../test/render";
import { nameOf } from "./log-words";
import { beginOf } from "./use-log";

const rows = () => screen.queryAllByTestId("log-row");

async function openLog(options = {}): Promise<Opened> {
  const opened = openWindow({ start: "live", ...options });
  await opened.user.click(await screen.findByTestId("nav-log"));
  await screen.findByRole("heading", { level: 1, name: "Log" });
  return opened;
}

const askedOf = (opened: Opened) =>
  opened.desk.asked.filter((x) => x.name === "list_log").map((x) => x.request as ListLog);

async function choose({ user }: Opened, chip: string, ...words: string[]) {
  await user.click(screen.getByTestId(chip));
  for (const word of words) {
    const offered = await waitFor(() => {
      const item = [...document.querySelectorAll(".menu-item")].find((x) => x.textContent === word);
      if (!item) throw new Error(`no ${word}`);
      return item;
    });
    await user.click(offered);
  }
  if (document.querySelector(".menu")) await user.keyboard("{Escape}");
  await waitFor(() => expect(document.querySelector(".menu")).toBeNull());
}

const row = (more: Partial<LogRow>): LogRow => ({
  number: 1,
  at: new Date(Date.now() - 3_600_000).toISOString(),
  actor: "Mira Hoffmann, desk front-07",
  action: "change.done",
  words: "Delete, accepted by wallee",
  group: "changes",
  outcome: "ok",
  detail: null,
  account_id: null,
  account_label: null,
  card_id: null,
  card: null,
  person: null,
  email: null,
  change_id: null,
  reason: null,
  request_id: null,
  ...more,
});

/** A log of these rows only. */
async function openLogOf(...log: Partial<LogRow>[]): Promise<Opened> {
  const opened = openWindow({ start: "live" });
  Object.assign(opened.desk.world.history, { invented: true, log: log.map(row) });
  await opened.user.click(await screen.findByTestId("nav-log"));
  await waitFor(() => expect(rows()).toHaveLength(log.length));
  return opened;
}

describe("the log", () => {
  it("lists rows newest first by day, with the zone named and how many there are", async () => {
    const opened = await openLog();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    const numbers = rows().map((x) => Number(x.dataset.row));
    expect(numbers).toEqual([...numbers].sort((a, b) => b - a));
    const total = numbers[0] as number;
    expect(screen.getByTestId("log-total").textContent).toContain(total.toLocaleString("en-GB"));
    expect(screen.getAllByText(/, times in \S+/).length).toBeGreaterThan(0);
    expect(screen.getByText(/Reading the log, checking it and exporting it are written to the log too/)).toBeTruthy();
    expect(askedOf(opened)[0]).toMatchObject({ after: null, filter: { env: "live", groups: [], text: null } });
    await expectAccessible();
  });

  it("fetches the next page when its end comes near, each row once", async () => {
    const opened = await openLog({ people: 200 });
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    const scroller = screen.getByRole("list", { name: /Rows of the log/ });
    expect(askedOf(opened)).toHaveLength(1);
    const first = Number(rows()[0]?.dataset.row);
    act(() => {
      scroller.scrollTop = 3_300;
      scroller.dispatchEvent(new Event("scroll"));
    });
    await waitFor(() => expect(askedOf(opened)).toHaveLength(2));
    expect(askedOf(opened)[1]?.after).toBe(String(first - 99));
    await waitFor(() => expect(Number(rows().at(-1)?.dataset.row)).toBeLessThan(first - 90));
  });

  it("says so when a later page was not read, and keeps the rows that are here", async () => {
    const opened = await openLog({ people: 200 });
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    opened.desk.fail("list_log", problem("internal", "The log could not be read."));
    const scroller = screen.getByRole("list", { name: /Rows of the log/ });
    act(() => {
      scroller.scrollTop = 3_300;
      scroller.dispatchEvent(new Event("scroll"));
    });
    const again = await screen.findByRole("button", { name: "Try again" });
    expect(rows().length).toBeGreaterThan(10);
    opened.desk.fail("list_log", null);
    const asked = askedOf(opened).length;
    await opened.user.click(again);
    await waitFor(() => expect(askedOf(opened)).toHaveLength(asked + 1));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Try again" })).toBeNull());
  });

  it("filters by what, outcome, account and period as chips that can be taken away", async () => {
    const opened = await openLog();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    await choose(opened, "log-what", "Changes", "Accounts");
    await choose(opened, "log-outcome", "refused", "conflict");
    await choose(opened, "log-account", "Shop EU");
    await choose(opened, "log-period", "Last 7 days");
    const account = opened.desk.world.accounts[1]?.id;
    await waitFor(() =>
      expect(askedOf(opened).at(-1)?.filter).toEqual({
        env: "live",
        account_id: account,
        card_id: null,
        groups: ["changes", "accounts"],
        outcomes: ["refused", "conflict"],
        text: null,
        from: beginOf("week", new Date()),
        until: null,
      }),
    );
    expect(screen.getByTestId("log-what").textContent).toBe("WhatChanges, Accounts");
    expect(screen.getByTestId("log-total").textContent).toMatch(/^filtered from/);
    await expectAccessible();
    await opened.user.click(screen.getByRole("button", { name: "Remove the filter Account: Shop EU" }));
    await waitFor(() => expect(askedOf(opened).at(-1)?.filter.account_id).toBeNull());
    expect(document.activeElement).toBe(screen.getByTestId("log-account"));
    await opened.user.click(screen.getByTestId("log-clear"));
    await waitFor(() => expect(askedOf(opened).at(-1)?.filter).toMatchObject({ groups: [], outcomes: [], from: null }));
  });

  it("searches a text once, not at every letter", async () => {
    const opened = await openLog();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    await opened.user.click(screen.getByTestId("log-text"));
    await opened.user.keyboard("chargeback{Enter}");
    await waitFor(() => expect(rows().length).toBeGreaterThan(0));
    await waitFor(() => expect(askedOf(opened).map((x) => x.filter.text)).toEqual([null, "chargeback"]));
    await waitFor(() => expect(rows().every((x) => x.textContent?.includes("“chargeback”"))).toBe(true));
  });

  it("says what was looked through when nothing matches", async () => {
    const opened = await openLog();
    await opened.user.click(await screen.findByTestId("log-text"));
    await opened.user.keyboard("nobody at all{Enter}");
    expect(await screen.findByText("No row matches")).toBeTruthy();
    await expectAccessible();
    await opened.user.click(screen.getByRole("button", { name: "Show all rows" }));
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    expect(screen.getByTestId<HTMLInputElement>("log-text").value).toBe("");
  });

  it("is honest when it is empty", async () => {
    const opened = openWindow({ start: "live" });
    opened.desk.world.history.invented = true;
    await opened.user.click(await screen.findByTestId("nav-log"));
    expect(await screen.findByText("The log is empty")).toBeTruthy();
    expect(screen.queryByText("No row matches")).toBeNull();
  });

  it("shows the problem and reads again when asked", async () => {
    const opened = openWindow({ start: "live" });
    opened.desk.fail("list_log", problem("ledger_damaged", "The ledger is damaged."));
    await opened.user.click(await screen.findByTestId("nav-log"));
    expect(await screen.findByText("The ledger is damaged.")).toBeTruthy();
    opened.desk.fail("list_log", null);
    await opened.user.click(screen.getByRole("button", { name: "Try again" }));
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    expect(screen.queryByText("The ledger is damaged.")).toBeNull();
  });

  it("never reads itself again, but says that there are newer rows", async () => {
    const opened = await openLog();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    expect(screen.queryByTestId("log-newer")).toBeNull();
    act(() => opened.desk.changed(["log", "changes"]));
    await opened.user.click(await screen.findByTestId("log-newer"));
    await waitFor(() => expect(askedOf(opened)).toHaveLength(2));
    await waitFor(() => expect(screen.queryByTestId("log-newer")).toBeNull());
  });
});

describe("a row of the log", () => {
  it("opens its ids, the whole reason and the exact time, and copies the request id", async () => {
    const opened = await openLogOf({ request_id: "wl-77Kq", reason: "Buyer asked by phone", change_id: "9f2c61d0" });
    expect(screen.queryByText("wl-77Kq")).toBeNull();
    await opened.user.click(screen.getByRole("button", { name: "Delete, accepted by wallee", expanded: false }));
    expect(await screen.findByText("wl-77Kq")).toBeTruthy();
    expect(screen.getByText("9f2c61d0")).toBeTruthy();
    expect(screen.getByText("change.done")).toBeTruthy();
    await opened.user.click(screen.getByRole("button", { name: "Copy request id" }));
    expect(opened.desk.asked.find((x) => x.name === "copy_text")?.request).toEqual({ text: "wl-77Kq" });
    await expectAccessible();
  });

  it("colours only what was refused, failed or collided", async () => {
    await openLogOf({}, { outcome: "asked" }, { outcome: "refused" }, { outcome: "failed" }, { outcome: "conflict" });
    const looks = [...document.querySelectorAll(".log-outcome")].map((x) => [
      x.textContent,
      /c-(danger|warn)/.exec(x.className)?.[1] ?? "quiet",
    ]);
    expect(looks).toEqual([
      ["conflict", "warn"],
      ["failed", "danger"],
      ["refused", "danger"],
      ["asked", "quiet"],
      ["ok", "quiet"],
    ]);
  });

  it("goes to the customer and to the card while they are known here", async () => {
    const opened = openWindow({ start: "live" });
    const card = opened.desk.cardEnding("4242");
    const person = card.customer.person.id;
    const known = { card_id: card.id, card: "Visa 4242", person, email: "ada@lindqvist.example.com" };
    Object.assign(opened.desk.world.history, {
      invented: true,
      log: [row({ ...known, person: null, email: null, card: "Amex 9999" }), row(known)],
    });
    await opened.user.click(await screen.findByTestId("nav-log"));
    expect(await screen.findByText("9999")).toBeTruthy();
    expect(screen.queryByRole("button", { name: "Open the card Amex 9999" })).toBeNull();
    await opened.user.click(screen.getByRole("button", { name: "Open the card Visa 4242" }));
    expect(await screen.findByRole("dialog")).toBeTruthy();
    await opened.user.keyboard("{Escape}");
    expect(await screen.findByRole("heading", { level: 1, name: "Ada Lindqvist" })).toBeTruthy();
    await opened.user.click(screen.getByTestId("nav-log"));
    await opened.user.click(await screen.findByRole("button", { name: "Open the customer ada@lindqvist.example.com" }));
    expect(await screen.findByRole("heading", { level: 1, name: "Ada Lindqvist" })).toBeTruthy();
  });

  it("narrows the log to its card", async () => {
    const opened = await openLogOf({ card_id: "card-1", card: "Visa 4242" }, { words: "Tokendesk started" });
    await opened.user.click(screen.getByRole("button", { name: "Delete, accepted by wallee" }));
    await opened.user.click(screen.getByRole("button", { name: "Only rows about Visa 4242" }));
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(askedOf(opened).at(-1)?.filter.card_id).toBe("card-1");
    await opened.user.click(screen.getByRole("button", { name: "Remove the filter Card: Visa 4242" }));
    await waitFor(() => expect(rows().length).toBeGreaterThan(1));
  });

  it("is reached by arrow keys", async () => {
    const opened = await openLogOf({ words: "First" }, { words: "Second" }, { words: "Third" });
    act(() => screen.getByRole("button", { name: "Third" }).focus());
    await opened.user.keyboard("{ArrowDown}");
    await waitFor(() => expect(document.activeElement?.textContent).toBe("Second"));
    await opened.user.keyboard("j");
    await waitFor(() => expect(document.activeElement?.textContent).toBe("First"));
    await opened.user.keyboard("{Enter}");
    expect(document.activeElement?.getAttribute("aria-expanded")).toBe("true");
  });

  it("names the desk only where it is another one", () => {
    expect(nameOf("Mira Hoffmann, desk front-07", "front-07")).toBe("Mira Hoffmann");
    expect(nameOf("Mira Hoffmann, desk back-01", "front-07")).toBe("Mira Hoffmann, desk back-01");
  });
});

describe("checking the log", () => {
  it("says how many rows are as they were written, and up to where that is anchored", async () => {
    const opened = await openLog();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    await opened.user.click(screen.getByTestId("verify-log"));
    const note = await screen.findByTestId("verified");
    expect(note.dataset.intact).toBe("true");
    expect(note.textContent).toMatch(
      /^\d+ rows are as they were written, anchored at row \d+ on .+\.Checked in \d+ ms\./,
    );
    // What this window does itself is no news.
    expect(screen.queryByTestId("log-newer")).toBeNull();
    await expectAccessible();
  });

  it("says what is not covered while nothing is anchored", async () => {
    const opened = await openLogOf({});
    await opened.user.click(screen.getByTestId("verify-log"));
    const note = await screen.findByTestId("verified");
    expect(note.textContent).toContain("No row is anchored outside the ledger yet");
  });

  it("names the broken row, what it means and what to do", async () => {
    const means = {
      edited: "Row 12 was altered after it was written.",
      text_edited: "The reason kept with row 12 is not the one that was written.",
      missing: "Row 12 is missing: it was removed after it was written.",
      inserted: "Row 12 was not written by Tokendesk at that place: it was put in later.",
      out_of_order: "Row 12 does not stand where it was written: rows were moved.",
      cut: "The end of the log is missing, from row 12 on.",
      anchor_differs:
        "Row 12 differs from what was anchored outside the ledger: the log, or a part of it, was replaced.",
      // Of a kind that this window does not know, the desk's own words are said.
      new_kind: "Row 12 is not as it was written.",
    };
    const opened = await openLogOf({}, {});
    for (const [how, words] of Object.entries(means)) {
      opened.desk.world.history.broken = { row: 12, how };
      await opened.user.click(screen.getByTestId("verify-log"));
      await waitFor(() => expect(screen.getByTestId("verified").dataset.how).toBe(how));
      expect(screen.getByText(words)).toBeTruthy();
    }
    const note = screen.getByRole("alert");
    expect(within(note).getByText("The log is not as it was written: row 12")).toBeTruthy();
    expect(note.textContent).toContain("Rows 1 to 11 are as they were written.");
    expect(note.textContent).toContain("Make a backup now");
    expect(note.textContent).toMatch(/rows checked in \d+ ms/);
    await expectAccessible();
  });
});

describe("exporting the log", () => {
  const exportAs = async (opened: Opened, format: string) => {
    await opened.user.click(screen.getByTestId("export-log"));
    await opened.user.click(await screen.findByRole("menuitem", { name: new RegExp(`^${format}`) }));
  };

  it("writes exactly what is filtered, and says where", async () => {
    const opened = await openLog();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    await choose(opened, "log-what", "Reading");
    await waitFor(() => expect(askedOf(opened).at(-1)?.filter.groups).toEqual(["reading"]));
    await exportAs(opened, "JSON lines");
    const note = await screen.findByTestId("exported");
    const asked = opened.desk.asked.find((x) => x.name === "export_log")?.request as ExportLog;
    expect(asked).toEqual({ filter: askedOf(opened).at(-1)?.filter, format: "jsonl", path: null });
    expect(note.textContent).toMatch(/\d+ rows? exported to \/home\/mira\/Documents\//);
    await expectAccessible();
  });

  it("says no more than that when no file was chosen", async () => {
    const opened = await openLog();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    opened.desk.world.history.chosenFile = null;
    await exportAs(opened, "CSV");
    const note = await screen.findByTestId("exported");
    expect(note.querySelector(".whole")?.textContent).toBe("Not exported");
    expect(screen.queryByRole("alert")).toBeNull();
  });

  it("is a key away, and shows why it failed", async () => {
    const opened = await openLog();
    await waitFor(() => expect(rows().length).toBeGreaterThan(10));
    opened.desk.fail("export_log", problem("file_unusable", "The file could not be written."));
    act(() => (document.activeElement as HTMLElement).blur());
    await opened.user.keyboard("e");
    await opened.user.click(await screen.findByRole("menuitem", { name: /^CSV/ }));
    expect(await screen.findByText("The file could not be written.")).toBeTruthy();
  });
});

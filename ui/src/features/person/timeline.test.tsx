import { act, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { ListTimeline, TimelineItem } from "../../contract";
import { problem } from "../../platform/fake/records";
import { cardRow, expectAccessible, type Opened, openCustomer, openWindow } from "../../test/render";

const lines = () => screen.queryAllByTestId("timeline-item");

const item = (more: Partial<TimelineItem>): TimelineItem => ({
  at: new Date(Date.now() - 5 * 60_000).toISOString(),
  source: "desk",
  kind: "one_click",
  words: "One-click off for Visa 4242",
  status: null,
  actor: null,
  reason: null,
  card_id: null,
  card: "Visa 4242",
  account_label: "Shop CH",
  ...more,
});

async function openWith(...items: TimelineItem[]): Promise<Opened> {
  const opened = openWindow({ start: "live" });
  const person = opened.desk.cardEnding("4242").customer.person.id;
  opened.desk.world.history.timelines.set(person, items);
  await openCustomer(opened, "ada@lind");
  await screen.findByTestId("timeline");
  return opened;
}

describe("a customer's timeline", () => {
  it("shows the newest eight, then all of them", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "ada@lind");
    await waitFor(() => expect(lines()).toHaveLength(8));
    const times = lines().map((x) => Date.parse(x.querySelector("time")?.dateTime ?? ""));
    expect(times).toEqual([...times].sort((a, b) => b - a));
    await expectAccessible();
    const all = screen.getByTestId("timeline-all");
    expect(all.textContent).toBe("All 32");
    await opened.user.click(all);
    await waitFor(() => expect(lines()).toHaveLength(32));
    expect(screen.getByTestId("timeline-all").getAttribute("aria-expanded")).toBe("true");
    const asked = opened.desk.asked.filter((x) => x.name === "list_timeline").map((x) => x.request as ListTimeline);
    expect(asked.map((x) => [x.after, x.limit])).toEqual([
      [null, 8],
      ["8", 200],
    ]);
    await opened.user.click(screen.getByTestId("timeline-all"));
    expect(lines()).toHaveLength(8);
  });

  it("tells who did what here and what a read showed, and how a change stands", async () => {
    await openWith(
      item({ status: "held", actor: "Mira Hoffmann, desk front-07" }),
      item({
        source: "provider",
        kind: "state",
        words: "Read from wallee: Visa 7743 is now being deleted",
        card: null,
      }),
      item({
        kind: "delete",
        words: "Delete",
        status: "stuck",
        actor: "Jude Okafor, desk back-01",
        reason: "chargeback",
      }),
    );
    await waitFor(() => expect(lines()).toHaveLength(3));
    const [held, read, stuck] = lines() as [HTMLElement, HTMLElement, HTMLElement];
    expect(held.querySelector(".timeline-by")?.textContent).toBe("heldyou");
    expect(read.dataset.source).toBe("provider");
    expect(read.querySelector(".timeline-by")).toBeNull();
    // The words do not name the card: the line does.
    expect(within(stuck).getByText("Visa 4242")).toBeTruthy();
    expect(within(stuck).getByText("“chargeback”")).toBeTruthy();
    expect(within(stuck).getByText("Jude Okafor, desk back-01")).toBeTruthy();
    expect(within(stuck).getByText("stuck").className).toContain("c-warn");
    expect(held.querySelector("time")?.title).toMatch(/^5 min ago, \d+ \w+ \d{4}, \d\d:\d\d:\d\d \S+/);
    expect(screen.queryByTestId("timeline-all")).toBeNull();
  });

  it("follows a change until it is confirmed", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "ada@lind");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("4242")));
    await waitFor(() => expect(lines()).toHaveLength(8));
    await opened.user.keyboard("o");
    await waitFor(() => expect(lines()[0]?.dataset.status).toBe("done"));
    expect(lines()[0]?.textContent).toContain("One-click off for Visa 4242");
  });

  it.each([["log"], ["changes"], ["cards"]] as const)("is read again when %s may have changed", async (tag) => {
    const opened = await openWith(item({}));
    await waitFor(() => expect(lines()).toHaveLength(1));
    const person = opened.desk.cardEnding("4242").customer.person.id;
    opened.desk.world.history.timelines.set(person, [item({ words: "Newer" }), item({})]);
    act(() => opened.desk.changed([tag]));
    await waitFor(() => expect(lines()).toHaveLength(2));
    expect(lines()[0]?.textContent).toContain("Newer");
  });

  it("is honest when nothing happened, and when it could not be read", async () => {
    const opened = await openWith();
    expect(await screen.findByText(/Nothing has happened to these cards/)).toBeTruthy();
    opened.desk.fail("list_timeline", problem("internal", ""));
    act(() => opened.desk.changed(["cards"]));
    const again = await within(await screen.findByTestId("timeline")).findByRole("button", { name: "Try again" });
    await expectAccessible();
    opened.desk.fail("list_timeline", null);
    await opened.user.click(again);
    await waitFor(() => expect(screen.queryByRole("button", { name: "Try again" })).toBeNull());
  });
});

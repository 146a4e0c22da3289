import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { FakeDesk } from "../../platform/fake/fake";
import { expectAccessible, type Opened, openWindow } from "../../test/render";
import { answered, typedMatches } from "./plan-confirmation";

async function openCards(opened: Opened, text = ""): Promise<HTMLElement> {
  await opened.user.click(await screen.findByTestId("nav-cards"));
  const grid = await screen.findByRole("grid", { name: "All cards" });
  if (text) {
    fireEvent.change(screen.getByTestId("search"), { target: { value: text } });
    await waitFor(() => expect(screen.getByTestId<HTMLInputElement>("search").value).toBe(text));
  }
  await screen.findAllByTestId("cards-row");
  await waitFor(() => expect(grid.dataset.stale).toBeUndefined());
  act(() => grid.focus());
  return grid;
}

const SHOWN = "armada";

/** Selects what is shown and plans `action` for it. */
async function plan(opened: Opened, action: string, text = SHOWN): Promise<HTMLElement> {
  await openCards(opened, text);
  await waitFor(() => {
    for (const row of screen.getAllByTestId("cards-row")) expect(row.textContent).toContain("armada");
  });
  await opened.user.keyboard("{Control>}a{/Control}");
  await opened.user.click(await screen.findByTestId(`bulk-${action}`));
  return screen.findByTestId("plan-dialog");
}

const last = (desk: FakeDesk, name: string) => desk.asked.filter((x) => x.name === name).at(-1)?.request;

describe("a plan before it runs", () => {
  it("reads as a document: what happens where, what is left out and why, what follows", async () => {
    const opened = openWindow({ start: "live" });
    const dialog = await plan(opened, "deactivate");
    expect(within(dialog).getByRole("heading", { level: 1 }).textContent).toBe("Make 37 cards inactive?");
    expect(within(dialog).getByTestId("plan-made-from").textContent).toContain("50 selected cards were looked at");
    const account = within(dialog).getByTestId("plan-account");
    expect(account.textContent).toContain("37");
    expect(account.textContent).toContain("wallee sets the card inactive");
    const skip = within(dialog).getByTestId("plan-skip");
    expect(skip.textContent).toContain("13");
    expect(skip.textContent).toContain("It is so already");
    expect(within(dialog).getByTestId("plan-warnings").textContent).toContain("no other active card: 1");
    await expectAccessible();
  });

  it("lists its cards with what is left out", async () => {
    const opened = openWindow({ start: "live" });
    const dialog = await plan(opened, "deactivate");
    await opened.user.click(within(dialog).getByTestId("plan-show-rows"));
    const rows = await within(dialog).findAllByTestId("plan-row");
    expect(rows.some((x) => x.dataset.status === "skipped" && /It is so already/.test(x.textContent ?? ""))).toBe(true);
    expect(rows.some((x) => x.dataset.status === "planned")).toBe(true);
    await expectAccessible();
  });

  it("asks in live for the number and a reason, and names the deed", async () => {
    const opened = openWindow({ start: "live" });
    const { user, desk } = opened;
    const dialog = await plan(opened, "one_click_off");
    const run = within(dialog).getByTestId<HTMLButtonElement>("plan-run");
    expect(run.textContent).toBe("Switch one-click off for 50 cards");
    const field = within(dialog).getByTestId("plan-confirm-text");
    await waitFor(() => expect(document.activeElement).toBe(field));
    expect(run.disabled).toBe(true);
    await user.keyboard("50");
    expect(run.disabled).toBe(true);
    await user.type(within(dialog).getByTestId("plan-reason"), "Asked by the shop");
    expect(run.disabled).toBe(false);
    await user.clear(field);
    await user.type(field, "49");
    expect(run.disabled).toBe(true);
    await user.clear(field);
    await user.type(field, "50");
    await user.click(run);
    expect(last(desk, "run_plan")).toEqual({
      plan_id: "plan-1",
      confirmation: "50",
      reason: "Asked by the shop",
    });
    expect(await screen.findByTestId("plan-name")).toBeTruthy();
  });

  it("asks in live for the last four of a single card", async () => {
    const opened = openWindow({ start: "live" });
    await openCards(opened, "7003");
    await waitFor(() => expect(screen.getAllByTestId("cards-row").length).toBeGreaterThan(0));
    const row = (await screen.findAllByTestId("cards-row")).find((x) => x.textContent?.includes("7003"));
    await opened.user.click(within(row as HTMLElement).getByTestId("pick-card"));
    await opened.user.click(screen.getByTestId("bulk-delete"));
    const dialog = await screen.findByTestId("plan-dialog");
    const run = within(dialog).getByTestId<HTMLButtonElement>("plan-run");
    expect(run.textContent).toBe("Delete 1 card");
    expect(within(dialog).getByText(/Type the last four digits/)).toBeTruthy();
    await opened.user.type(within(dialog).getByTestId("plan-confirm-text"), "7003");
    expect(run.disabled).toBe(false);
  });

  it("asks for nothing in the demo, and the safe answer has the focus", async () => {
    const opened = openWindow({ start: "demo" });
    const dialog = await plan(opened, "one_click_off");
    await waitFor(() => expect(document.activeElement).toBe(within(dialog).getByTestId("plan-keep")));
    expect(within(dialog).queryByTestId("plan-confirm-text")).toBeNull();
    expect(within(dialog).getByTestId<HTMLButtonElement>("plan-run").disabled).toBe(false);
  });

  it("keeps everything as it is by Escape and by its own button", async () => {
    const opened = openWindow({ start: "live" });
    const { desk, user } = opened;
    await plan(opened, "delete");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("plan-dialog")).toBeNull());
    await waitFor(() => expect(last(desk, "drop_plan")).toEqual({ plan_id: "plan-1" }));
    await user.click(screen.getByTestId("bulk-delete"));
    await user.click(within(await screen.findByTestId("plan-dialog")).getByTestId("plan-keep"));
    await waitFor(() => expect(desk.world.plans).toHaveLength(0));
    expect(desk.world.changes).toHaveLength(0);
  });

  it("says when there is nothing to change", async () => {
    const opened = openWindow({ start: "live" });
    const dialog = await plan(opened, "one_click_on");
    expect(within(dialog).getByRole("heading", { level: 1 }).textContent).toBe("Nothing to change");
    expect(within(dialog).queryByTestId("plan-run")).toBeNull();
  });

  it("offers every deed by P", async () => {
    const opened = openWindow({ start: "live" });
    await openCards(opened, SHOWN);
    await opened.user.keyboard("xp");
    const menu = await screen.findByRole("menu");
    expect(
      within(menu)
        .getAllByRole("menuitem")
        .map((x) => x.textContent),
    ).toEqual(["One-click off", "One-click on", "Make inactive", "Make active", "Delete"]);
    await opened.user.click(within(menu).getByRole("menuitem", { name: "Make inactive" }));
    expect(await screen.findByTestId("plan-dialog")).toBeTruthy();
  });

  it("takes a number with or without marks between thousands, and nothing else", () => {
    const asked = { kind: "count_and_reason", expected: "3289" };
    expect(typedMatches(asked, "3,289")).toBe(true);
    expect(typedMatches(asked, " 3289 ")).toBe(true);
    expect(typedMatches(asked, "328")).toBe(false);
    expect(typedMatches({ kind: "last4", expected: "0057" }, "57")).toBe(false);
    expect(answered(asked, { typed: "3289", reason: "  " })).toBe(false);
    expect(answered({ kind: "nothing", expected: null }, { typed: "", reason: "" })).toBe(true);
  });
});

/** A slow machine is no error. */
const PATIENT = { timeout: 15_000 };

/** 500 demo cards of which seven are refused by the payment system. */
async function runFiveHundred(): Promise<Opened & { refused: string[] }> {
  const opened = openWindow({ start: "demo", people: 1_200, step: 5 });
  const { desk, user } = opened;
  const on = [...desk.world.cards.values()].filter((x) => x.oneClick && x.state === "active").slice(0, 500);
  const refused = on
    .filter((_, at) => at % 71 === 3)
    .slice(0, 7)
    .map((x) => x.id);
  for (const id of refused) desk.world.refused.add(id);
  await desk.call("make_plan", { env: "demo", action: "one_click_off", cards: on.map((x) => x.id), query: null });
  await user.click(await screen.findByTestId("nav-cards"));
  await user.click(await screen.findByTestId("tab-plans"));
  await user.click(within(await screen.findByTestId("plan-line")).getByRole("button"));
  await user.click(await screen.findByTestId("plan-run"));
  return { ...opened, refused };
}

describe("a plan that runs", () => {
  it("tells of 500 cards which seven need a person, row by row", async () => {
    const { user, refused } = await runFiveHundred();
    await waitFor(() => expect(screen.getByTestId("plan-show-need").textContent).toBe("7 need you"), PATIENT);
    await waitFor(() => expect(screen.getByTestId("plan-numbers").textContent).toContain("493 done"), PATIENT);
    await waitFor(() => expect(screen.getAllByTestId("plan-row")).toHaveLength(7));
    const rows = screen.getAllByTestId("plan-row");
    expect(rows.map((x) => x.dataset.card).sort()).toEqual([...refused].sort());
    for (const row of rows) {
      expect(row.dataset.status).toBe("stuck");
      expect(row.textContent).toContain("wallee refused it.");
      expect(within(row).getByTestId("retry-change")).toBeTruthy();
    }
    await expectAccessible();
    await user.click(within(rows[0] as HTMLElement).getByTestId("plan-open-card"));
    expect(await screen.findByTestId("card-panel")).toBeTruthy();
    await user.keyboard("{Escape}");
    await user.click(screen.getByTestId("plan-show-done"));
    await waitFor(() => {
      for (const row of screen.getAllByTestId("plan-row")) expect(row.dataset.status).toBe("done");
    });
    expect(screen.getAllByTestId("plan-row").length).toBeLessThan(200);
  }, 40_000);

  it("stops, keeps what was not begun as it is, and goes on", async () => {
    const opened = openWindow({ start: "demo", people: 400, step: 5 });
    const { desk, user } = opened;
    const on = [...desk.world.cards.values()].filter((x) => x.oneClick && x.state === "active").slice(0, 200);
    await desk.call("make_plan", { env: "demo", action: "one_click_off", cards: on.map((x) => x.id), query: null });
    // The first cards are done at once, the next ones not before they are told to.
    Object.defineProperty(desk, "step", {
      configurable: true,
      get: () => (desk.world.changes.length > 0 ? 600_000 : 5),
    });
    await desk.call("run_plan", { plan_id: "plan-1", confirmation: null, reason: null });
    await user.click(await screen.findByTestId("nav-cards"));
    await user.click(await screen.findByTestId("plan-running"));
    await waitFor(() => expect(screen.getByTestId("plan-numbers").textContent).toContain("25 done"), PATIENT);
    await user.click(screen.getByTestId("plan-stop"));
    const resume = await screen.findByTestId("plan-resume", undefined, PATIENT);
    expect(screen.getByTestId("plan-status").textContent).toBe("Stopped");
    expect(resume.textContent).toBe("Go on with 175 cards");
    expect(screen.getByTestId("plan-progress").getAttribute("aria-valuenow")).toBe("25");
    expect(on.filter((x) => x.oneClick)).toHaveLength(175);
    await expectAccessible();
    Object.defineProperty(desk, "step", { configurable: true, value: 5 });
    await user.click(resume);
    await waitFor(() => expect(screen.getByTestId("plan-numbers").textContent).toContain("200 done"), PATIENT);
    await waitFor(() => expect(screen.getByTestId("plan-status").textContent).toBe("Finished"), PATIENT);
    expect(screen.queryByTestId("plan-resume")).toBeNull();
    expect(desk.world.changes).toHaveLength(200);
  }, 60_000);

  it("takes back what is held when it is stopped, and in live asks again before it goes on", async () => {
    const opened = openWindow({ start: "live", hold: 600_000, step: 5 });
    const { desk, user } = opened;
    const on = [...desk.world.cards.values()].filter((x) => x.oneClick && x.state === "active").slice(0, 12);
    await desk.call("make_plan", { env: "live", action: "one_click_off", cards: on.map((x) => x.id), query: null });
    await desk.call("run_plan", { plan_id: "plan-1", confirmation: "12", reason: "Season is over" });
    await user.click(await screen.findByTestId("nav-cards"));
    await user.click(await screen.findByTestId("plan-running"));
    await waitFor(() => expect(screen.getByTestId("plan-numbers").textContent).toContain("12 open"), PATIENT);
    expect(screen.getByTestId("plan-status").textContent).toBe("Being confirmed");
    await waitFor(() => {
      for (const row of screen.getAllByTestId("plan-row")) expect(row.textContent).toContain("Held");
    }, PATIENT);
    await user.click(screen.getByTestId("plan-stop"));
    await user.click(await screen.findByTestId("plan-resume", undefined, PATIENT));
    expect(desk.world.changes.every((x) => x.status === "withdrawn")).toBe(true);
    const dialog = await screen.findByTestId("go-on-dialog");
    const run = within(dialog).getByTestId<HTMLButtonElement>("go-on");
    expect(run.disabled).toBe(true);
    await expectAccessible();
    await user.type(within(dialog).getByTestId("plan-confirm-text"), "12");
    await user.click(run);
    await waitFor(() => expect(screen.queryByTestId("go-on-dialog")).toBeNull(), PATIENT);
    expect(last(desk, "run_plan")).toEqual({ plan_id: "plan-1", confirmation: "12", reason: "Season is over" });
  }, 60_000);

  it("is found again after leaving the screen", async () => {
    const opened = openWindow({ start: "demo", people: 400, step: 600_000 });
    const { desk, user } = opened;
    const on = [...desk.world.cards.values()].filter((x) => x.oneClick && x.state === "active").slice(0, 100);
    await desk.call("make_plan", { env: "demo", action: "delete", cards: on.map((x) => x.id), query: null });
    await desk.call("run_plan", { plan_id: "plan-1", confirmation: "100", reason: "Closed" });
    await user.click(await screen.findByTestId("nav-cards"));
    expect((await screen.findByTestId("plan-running")).textContent).toContain("Delete 100 cards");
    await user.click(screen.getByTestId("tab-plans"));
    const line = await screen.findByTestId("plan-line");
    expect(line.dataset.status).toBe("running");
    await expectAccessible();
    await user.click(within(line).getByRole("button"));
    expect((await screen.findByTestId("plan-name")).textContent).toBe("Delete 100 cards");
    await user.click(screen.getByTestId("nav-customers"));
    await user.click(screen.getByTestId("nav-cards"));
    expect(await screen.findByTestId("plan-name")).toBeTruthy();
  }, 40_000);

  it("stands on the Changes screen while it runs or needs a person", async () => {
    const opened = openWindow({ start: "demo", people: 60, step: 5 });
    const { desk, user } = opened;
    const on = [...desk.world.cards.values()].filter((x) => x.oneClick && x.state === "active").slice(0, 20);
    if (on[4]) desk.world.refused.add(on[4].id);
    await desk.call("make_plan", { env: "demo", action: "one_click_off", cards: on.map((x) => x.id), query: null });
    await user.click(await screen.findByTestId("nav-changes"));
    expect(screen.queryByTestId("plans-under-way")).toBeNull();
    await act(async () => void (await desk.call("run_plan", { plan_id: "plan-1", confirmation: null, reason: null })));
    const section = await screen.findByTestId("plans-under-way");
    await waitFor(() => expect(section.textContent).toContain("1 needs you"));
    await expectAccessible();
    await user.click(within(within(section).getByTestId("plan-line")).getByRole("button"));
    expect((await screen.findByTestId("plan-name")).textContent).toBe("Switch one-click off for 20 cards");
  });

  it("leaves a card out whose turn comes when it is so already", async () => {
    const desk = new FakeDesk({ start: "demo", people: 20, step: 1, hold: 0 });
    const [card] = [...desk.world.cards.values()].filter((x) => x.oneClick && x.state === "active");
    if (!card) throw new Error("no card");
    await desk.call("make_plan", { env: "demo", action: "one_click_off", cards: [card.id], query: null });
    card.oneClick = false;
    await desk.call("run_plan", { plan_id: "plan-1", confirmation: null, reason: null });
    await waitFor(async () => {
      const now = await desk.call("show_plan", { plan_id: "plan-1" });
      expect(now.counts.skipped).toBe(1);
      expect(now.status).toBe("finished");
    });
    expect(desk.world.changes).toHaveLength(0);
  });
});

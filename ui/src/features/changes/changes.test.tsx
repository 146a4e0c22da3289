import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { cardRow, expectAccessible, type Opened, openCustomer, openWindow } from "../../test/render";

const SLOW = 600_000;

/** The screen of all changes over a desk that was prepared; nothing goes out by itself. */
async function openChanges(prepare: (desk: Opened["desk"]) => void, hold = 30_000): Promise<Opened> {
  const opened = openWindow({ start: "live", step: SLOW, hold });
  await screen.findByTestId("search");
  prepare(opened.desk);
  opened.desk.changed(["status", "changes", "cards"]);
  await opened.user.click(screen.getByTestId("nav-changes"));
  await screen.findByRole("heading", { level: 1, name: "Changes" });
  return opened;
}

const group = (name: string) => screen.findByRole("region", { name });
const rowsIn = async (name: string) => within(await group(name)).getAllByTestId("change-row");

describe("changes", () => {
  it("is honest when there are none", async () => {
    const { user } = openWindow({ start: "live" });
    await user.click(await screen.findByTestId("nav-changes"));
    expect(await screen.findByText("No changes to show")).toBeTruthy();
    await expectAccessible();
  });

  it("groups what waits, needs a person and is done, and acts on each", async () => {
    const opened = openWindow({ start: "live", truth: "ignores" });
    const { desk, user } = opened;
    for (const account of desk.world.accounts) account.lesson = "untried";
    await openCustomer(opened, "ada@lind");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("4242")));
    await user.keyboard("o");
    await waitFor(() => expect(desk.cardEnding("4242").oneClick).toBe(false));
    await user.keyboard("s");
    await waitFor(() => expect(desk.world.changes.at(-1)?.status).toBe("stuck"));
    desk.setOffline(true);
    await user.keyboard("{ArrowDown}");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("0057")));
    await user.keyboard("o");
    await user.keyboard("gh");
    await waitFor(() => expect(screen.getAllByTestId("change-row")).toHaveLength(3));
    const groups = screen.getAllByRole("heading", { level: 2 }).map((x) => x.textContent);
    expect(groups).toEqual(["Needs you", "Waiting for the network", "Done today"]);
    expect(screen.getByText(/^wallee answered, but did not change it\. Use one-click off/)).toBeTruthy();
    await expectAccessible();

    const row = (status: string) =>
      screen.getAllByTestId("change-row").find((x) => x.getAttribute("data-status") === status) as HTMLElement;
    await user.click(within(row("waiting")).getByText("Take back"));
    await waitFor(() => expect(desk.world.changes.filter((x) => x.status === "withdrawn")).toHaveLength(1));
    desk.setOffline(false);
    await user.click(within(row("stuck")).getByText("Discard"));
    await waitFor(() => expect(screen.getByText("everything is confirmed")).toBeTruthy());
  });

  it("says why sending did not help", async () => {
    const opened = openWindow({ start: "live" });
    opened.desk.setOffline(true);
    await openCustomer(opened, "ada@lind");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("4242")));
    await opened.user.keyboard("o");
    await screen.findByTestId("pending-line");
    await opened.user.keyboard("gh");
    await opened.user.click(await screen.findByTestId("push-changes"));
    expect(await screen.findByText("wallee was not reached.")).toBeTruthy();
  });

  it("shows a conflict's three sides in words, and keeps mine", async () => {
    const { desk, user } = await openChanges((desk) => {
      desk.outbox.collide(desk.outbox.ask(desk.cardEnding("4242"), "delete", null, "expired card"));
    });
    const conflict = within(await screen.findByTestId("conflict"));
    for (const head of ["When you decided", "Mine", "wallee now"]) {
      expect(conflict.getByRole("heading", { name: head })).toBeTruthy();
    }
    expect(conflict.getByText("The card was renewed at wallee since you decided.")).toBeTruthy();
    expect(conflict.getByText("Renewed, valid until 12/2029.")).toBeTruthy();
    expect(conflict.getAllByRole("listitem").map((x) => x.querySelector("time")?.dateTime)).toHaveLength(3);
    await expectAccessible();
    await user.click(conflict.getByRole("button", { name: "Delete the card anyway" }));
    await waitFor(() => expect(desk.world.changes[0]?.status).toBe("waiting"));
    expect(desk.asked.find((x) => x.name === "resolve_change")?.request).toEqual({
      change_id: "change-1",
      keep: "mine",
    });
    const [row] = await rowsIn("Waiting");
    // The keyboard went along.
    await waitFor(() => expect(document.activeElement).toBe(row));
  });

  it("takes theirs, and offers nothing that cannot be kept", async () => {
    const { desk, user } = await openChanges((desk) => {
      desk.outbox.collide(desk.outbox.ask(desk.cardEnding("4242"), "one_click", false, null), {
        kind: "being_deleted",
        title: "The card is being deleted at wallee.",
        can_keep_mine: false,
        now: null,
      });
    });
    const conflict = within(await screen.findByTestId("conflict"));
    expect(conflict.queryByTestId("keep-mine")).toBeNull();
    expect(conflict.getByText(/This cannot be kept/)).toBeTruthy();
    expect(conflict.getByText(/Not kept by the version that found it/)).toBeTruthy();
    await user.click(conflict.getByTestId("take-theirs"));
    await waitFor(() => expect(desk.world.changes[0]?.why).toBe("theirs"));
    expect(await screen.findByText("everything is confirmed")).toBeTruthy();
    await user.click(screen.getByTestId("filter-done"));
    expect((await rowsIn("Taken back"))[0]?.textContent).toContain("theirs taken");
  });

  it("says in place that a conflict was decided meanwhile", async () => {
    const { desk, user } = await openChanges((desk) => {
      desk.outbox.collide(desk.outbox.ask(desk.cardEnding("4242"), "one_click", false, null));
    });
    desk.fail("resolve_change", problem("change_not_in_conflict", "This change is not in conflict."));
    await user.click(await screen.findByTestId("keep-mine"));
    expect(await screen.findByText("This conflict was decided meanwhile")).toBeTruthy();
  });

  it("has a place and words for everything a change can be", async () => {
    const { desk, user } = await openChanges((desk) => {
      const cards = [...desk.world.cards.values()].filter((x) => x.state === "active");
      const ask = (n: number) => {
        const card = cards[n];
        if (!card) throw new Error("too few cards");
        return desk.outbox.ask(card, "one_click", false, null);
      };
      const to = (n: number, status: string, more: object = {}) => {
        const change = ask(n);
        desk.outbox.release(change);
        desk.outbox.move(Object.assign(change, more), status);
      };
      ask(0);
      to(1, "stuck", { why: "forbidden", attempts: 2 });
      desk.outbox.collide(ask(2));
      to(3, "sending", { attempts: 1 });
      to(4, "waiting", { held_up_by: "lane" });
      to(5, "waiting", { held_up_by: "asked_to_wait", next_attempt_at: new Date().toISOString() });
      desk.outbox.doubt(ask(6));
      to(7, "done");
    });
    expect(await screen.findByText("7 not yet confirmed: 1 held, 1 sending, 3 waiting, 2 need you")).toBeTruthy();
    await group("Not known yet");
    expect(screen.getAllByRole("heading", { level: 2 }).map((x) => x.textContent)).toEqual([
      "Held",
      "Needs you",
      "Sending",
      "Waiting",
      "Not known yet",
      "Done today",
    ]);
    expect((await rowsIn("Held"))[0]?.textContent).toMatch(/sends \d\d:\d\d:\d\d/);
    expect((await rowsIn("Sending"))[0]?.textContent).toContain("too late to undo");
    const waiting = (await rowsIn("Waiting")).map((x) => x.textContent);
    expect(waiting[0]).toContain("after an earlier one of this card");
    expect(waiting[1]).toContain("wallee asks to wait until");
    const [unsure] = await rowsIn("Not known yet");
    expect(unsure?.textContent).toContain("read again before any retry");
    expect(within(unsure as HTMLElement).queryByRole("button")).toBeNull();
    await expectAccessible();
    await user.click(screen.getByTestId("filter-needsYou"));
    await waitFor(() => expect(screen.getAllByTestId("change-row")).toHaveLength(2));
    await user.click(screen.getByTestId("filter-open"));
    await user.click(within((await rowsIn("Held"))[0] as HTMLElement).getByTestId("send-change"));
    await waitFor(() => expect(desk.world.changes[0]?.status).toBe("waiting"));
    await waitFor(async () => expect(await rowsIn("Waiting")).toHaveLength(3));
  });

  it("undoes a held change where it is listed, and says there when that is too late", async () => {
    const { desk, user } = await openChanges((desk) => {
      desk.outbox.ask(desk.cardEnding("4242"), "one_click", false, null);
    });
    const [row] = await rowsIn("Held");
    for (const change of desk.world.changes) change.attempts = 1;
    await user.click(within(row as HTMLElement).getByTestId("undo-change"));
    const problem = await screen.findByText("This change was already sent");
    expect(problem.closest("[data-testid=change-row]")).not.toBeNull();
  });

  it("shows only mine when asked, and says so when there are none", async () => {
    const { user } = await openChanges((desk) => {
      desk.outbox.ask(desk.cardEnding("4242"), "one_click", false, null).actor = "Jude Okafor";
    });
    await rowsIn("Held");
    await user.click(screen.getByTestId("mine-only"));
    expect(await screen.findByText(/Only your own changes are shown/)).toBeTruthy();
    await expectAccessible();
  });

  it("shows older ones when asked", async () => {
    const { user } = await openChanges((desk) => {
      for (let n = 0; n < 120; n += 1) {
        const change = desk.outbox.ask(desk.cardEnding("4242"), "one_click", n % 2 === 0, null);
        Object.assign(change, { status: "done", replaced: [] });
      }
    }, 0);
    await user.click(screen.getByTestId("filter-done"));
    await waitFor(async () => expect(await rowsIn("Done")).toHaveLength(50));
    expect((await group("Done")).textContent).toContain("50+");
    await user.click(screen.getByTestId("older-done"));
    await waitFor(async () => expect(await rowsIn("Done")).toHaveLength(100));
    await user.click(screen.getByTestId("older-done"));
    await waitFor(async () => expect(await rowsIn("Done")).toHaveLength(120));
    expect(screen.queryByTestId("older-done")).toBeNull();
  });
});

import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { expectAccessible, type Opened, openWindow } from "../../test/render";

async function openLive(prepare: (desk: Opened["desk"]) => void = () => {}): Promise<Opened> {
  const opened = openWindow({ start: "live", step: 600_000, hold: 30_000 });
  await screen.findByTestId("search");
  prepare(opened.desk);
  opened.desk.changed(["status", "changes", "cards", "accounts"]);
  return opened;
}

const hold = (desk: Opened["desk"], last4: string) => desk.outbox.ask(desk.cardEnding(last4), "one_click", false, null);

describe("quitting with open changes", () => {
  it("asks, and says what each answer does", async () => {
    const { desk, user } = await openLive((desk) => {
      hold(desk, "4242");
      desk.outbox.release(hold(desk, "0057"));
      const stuck = hold(desk, "1008");
      desk.outbox.release(stuck);
      desk.outbox.move(stuck, "stuck");
    });
    desk.closeWindow();
    const dialog = within(await screen.findByTestId("quit-dialog"));
    expect(await dialog.findByRole("heading", { name: "2 changes are not sent yet" })).toBeTruthy();
    expect(dialog.getByText(/stay on this computer and go out after the next start/)).toBeTruthy();
    expect(dialog.getByText(/Holding ends at once/)).toBeTruthy();
    expect(dialog.getByText("1 change stays as it is until somebody chooses.")).toBeTruthy();
    await waitFor(() => expect(document.activeElement).toBe(dialog.getByTestId("quit-stay")));
    await expectAccessible();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("quit-dialog")).toBeNull());
    expect(desk.asked.filter((x) => x.name === "quit").map((x) => x.request)).toEqual([{ send: false, stay: true }]);
  });

  it.each([
    ["quit-send", true],
    ["quit-keep", false],
  ])("answers by %s", async (button, send) => {
    const { desk, user } = await openLive((desk) => hold(desk, "4242"));
    desk.closeWindow();
    await user.click(await screen.findByTestId(button));
    await waitFor(() =>
      expect(desk.asked.filter((x) => x.name === "quit").map((x) => x.request)).toEqual([{ send, stay: false }]),
    );
  });

  it("says without a network what sending can do, and why it failed", async () => {
    const { desk, user } = await openLive((desk) => {
      hold(desk, "4242");
      desk.setOffline(true);
    });
    desk.closeWindow();
    const dialog = within(await screen.findByTestId("quit-dialog"));
    expect(await dialog.findByText(/There is no network: it is tried once/)).toBeTruthy();
    desk.fail("quit", problem("disk_full", "There is no room on the disk."));
    await user.click(dialog.getByTestId("quit-keep"));
    expect(await dialog.findByText("There is no room on the disk.")).toBeTruthy();
  });
});

describe("without a network", () => {
  it("says since when, how old the cards are, what waits and when it is tried again", async () => {
    const { desk, user } = await openLive((desk) => {
      desk.outbox.release(hold(desk, "4242"));
      hold(desk, "0057");
      desk.setOffline(true);
    });
    const banner = await screen.findByTestId("offline-banner");
    expect(banner.textContent).toMatch(/Offline since \d\d:\d\d/);
    expect(banner.textContent).toMatch(/Cards are as read at \d\d:\d\d/);
    expect(banner.textContent).toContain("2 changes wait on this computer.");
    expect(banner.textContent).toMatch(/next try in \d+ s/);
    // The words are read out; the seconds are not.
    expect(within(banner).getByRole("status").textContent).not.toMatch(/next try/);
    await expectAccessible();
    await user.click(within(banner).getByRole("button", { name: "Try now" }));
    await waitFor(() => expect(desk.asked.some((x) => x.name === "push_changes")).toBe(true));
    desk.setOffline(false);
    expect((await screen.findByTestId("online-banner")).textContent).toContain("Online again.");
    for (const change of desk.world.changes) Object.assign(change, { status: "done", hold: null, holdEnds: null });
    desk.changed(["status", "changes"]);
    await waitFor(() => expect(screen.queryByTestId("online-banner")).toBeNull());
  });
});

describe("an older ledger", () => {
  const older = {
    missing_rows: 37,
    ends_at: "2026-11-20T16:02:11Z",
    known_until: "2026-11-21T09:41:00Z",
    open_changes: 3,
  };

  it("says what is missing and asks before anything is sent", async () => {
    const { desk, user } = await openLive((desk) => {
      hold(desk, "4242");
      desk.world.olderLedger = older;
    });
    const dialog = within(await screen.findByTestId("older-ledger"));
    expect(dialog.getByText(/At least 37 rows of the log/)).toBeTruthy();
    expect(dialog.getByText("3 changes are not confirmed.")).toBeTruthy();
    expect(dialog.getByText(/Each card is read again before anything is sent/)).toBeTruthy();
    await expectAccessible();
    await user.click(dialog.getByTestId("older-keep"));
    await waitFor(() => expect(screen.queryByTestId("older-ledger")).toBeNull());
    expect(desk.asked.find((x) => x.name === "accept_older_ledger")?.request).toEqual({ discard_changes: false });
    expect(screen.queryByTestId("older-ledger-banner")).toBeNull();
  });

  it("can be put off, stays in sight, and discards when told", async () => {
    const { desk, user } = await openLive((desk) => {
      hold(desk, "4242");
      desk.world.olderLedger = older;
    });
    await screen.findByTestId("older-ledger");
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("older-ledger")).toBeNull());
    const banner = screen.getByTestId("older-ledger-banner");
    expect(banner.textContent).toContain("37 rows of the log are missing");
    expect(desk.asked.some((x) => x.name === "accept_older_ledger")).toBe(false);
    await user.click(within(banner).getByRole("button", { name: "Choose…" }));
    await user.click(await screen.findByTestId("older-discard"));
    await waitFor(() => expect(desk.world.changes[0]?.why).toBe("discard"));
    await waitFor(() => expect(screen.queryByTestId("older-ledger-banner")).toBeNull());
  });
});

describe("the time for undo", () => {
  it("is chosen in the settings", async () => {
    const { desk, user } = await openLive();
    await user.click(screen.getByRole("button", { name: "Settings" }));
    await user.click(await screen.findByTestId("open-hold"));
    const dialog = within(await screen.findByTestId("hold-dialog"));
    expect(dialog.getByText(/A deletion of a live card is held for at least 10 seconds/)).toBeTruthy();
    const now = await dialog.findByRole<HTMLInputElement>("radio", { name: "10 seconds" });
    expect(now.checked).toBe(true);
    await expectAccessible();
    await user.click(dialog.getByRole("radio", { name: "30 seconds" }));
    await user.click(dialog.getByTestId("save-hold"));
    await waitFor(() => expect(desk.world.settings.hold_seconds).toBe(30));
    await waitFor(() => expect(screen.queryByTestId("hold-dialog")).toBeNull());
  });
});

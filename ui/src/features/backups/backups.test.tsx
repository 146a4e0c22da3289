import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { expectAccessible, type Opened, openWindow } from "../../test/render";

async function openBackups(prepare: (opened: Opened) => void = () => {}): Promise<Opened> {
  const opened = openWindow({ start: "live" });
  prepare(opened);
  await opened.user.click(await screen.findByTestId("nav-accounts"));
  await opened.user.click(await screen.findByTestId("open-backups"));
  await screen.findByTestId("backups-dialog");
  return opened;
}

describe("backups", () => {
  it("are listed newest first with why, rows and open changes", async () => {
    await openBackups();
    const rows = await screen.findAllByTestId("backup-row");
    expect(rows).toHaveLength(4);
    expect(within(rows[0] as HTMLElement).getByText("12,391")).toBeTruthy();
    expect(within(rows[1] as HTMLElement).getByText("before an update")).toBeTruthy();
    expect(within(rows[3] as HTMLElement).getByText("not readable")).toBeTruthy();
    expect(screen.getByText("A backup opens only on this desk: it is encrypted with the same key.")).toBeTruthy();
    await expectAccessible();
  });

  it("are made when asked, and the newest is told beside the local copy", async () => {
    const opened = await openBackups(({ desk }) => {
      desk.world.history.backups = [];
    });
    expect(await screen.findByTestId("no-backups")).toBeTruthy();
    await opened.user.click(screen.getByTestId("make-backup"));
    expect(await screen.findAllByTestId("backup-row")).toHaveLength(1);
    expect(opened.desk.asked.find((x) => x.name === "make_backup")?.request).toEqual({ path: null });
    await opened.user.keyboard("{Escape}");
    expect(await screen.findByText(/Last backed up .*just now/)).toBeTruthy();
  });

  it("say why one could not be made", async () => {
    const opened = await openBackups(({ desk }) => desk.fail("make_backup", problem("disk_full", "The disk is full.")));
    await opened.user.click(screen.getByTestId("make-backup"));
    expect(await screen.findByText("The disk is full.")).toBeTruthy();
  });
});

describe("restoring a backup", () => {
  const ask = async (opened: Opened, at: number) => {
    const rows = await screen.findAllByTestId("backup-row");
    await opened.user.click(within(rows[at] as HTMLElement).getByTestId("restore-backup"));
    return screen.findByRole("alertdialog");
  };

  it("says plainly what it means before anything is done", async () => {
    const opened = await openBackups();
    const dialog = await ask(opened, 1);
    expect(dialog.textContent).toContain("Is kept as a backup too");
    expect(dialog.textContent).toContain("Every change, note and log row made since");
    expect(dialog.textContent).toContain("Tokendesk closes and starts anew with the backup.");
    expect(dialog.textContent).toContain("Nothing is sent until you have answered");
    expect(dialog.textContent).toContain("The backup opens on this desk only, with the key it was made with.");
    expect(document.activeElement?.textContent).toBe("Keep what stands now");
    await expectAccessible();
    await opened.user.keyboard("{Escape}");
    expect(await screen.findByTestId("backups-dialog")).toBeTruthy();
    expect(opened.desk.asked.some((x) => x.name === "restore_backup")).toBe(false);
  });

  it("restores exactly that one and waits for the new start", async () => {
    const opened = await openBackups();
    const path = opened.desk.world.history.backups[1]?.path;
    await ask(opened, 1);
    await opened.user.click(screen.getByTestId("confirm-restore"));
    expect(await screen.findByText("Restored. Tokendesk starts anew.")).toBeTruthy();
    expect(opened.desk.asked.find((x) => x.name === "restore_backup")?.request).toEqual({ path });
    await opened.user.keyboard("{Escape}");
    expect(screen.getByTestId("restore-dialog")).toBeTruthy();
    await waitFor(() => expect(screen.getByTestId<HTMLButtonElement>("confirm-restore").disabled).toBe(true));
  });

  it("keeps everything when the backup does not open", async () => {
    const opened = await openBackups();
    const dialog = await ask(opened, 3);
    expect(dialog.textContent).toContain("This backup could not be looked into.");
    await opened.user.click(screen.getByTestId("confirm-restore"));
    expect(await screen.findByText("This backup does not open with the key of this desk.")).toBeTruthy();
    expect(screen.getByTestId<HTMLButtonElement>("confirm-restore").disabled).toBe(false);
    expect(opened.desk.world.olderLedger).toBeNull();
  });
});

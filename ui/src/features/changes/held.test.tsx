import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { cardRow, expectAccessible, type Opened, openCustomer, openWindow } from "../../test/render";

const HOLD = 30_000;

/** Ada's page, with the keyboard on her first card. */
async function openAda(): Promise<Opened> {
  const opened = openWindow({ start: "live", hold: HOLD });
  await openCustomer(opened, "ada@lind");
  await waitFor(async () => expect(document.activeElement).toBe(await cardRow("4242")));
  return opened;
}

const toast = () => screen.findByTestId("undo-toast");
const noToast = () => waitFor(() => expect(screen.queryByTestId("undo-toast")).toBeNull());

describe("a change that is held", () => {
  it("is shown on its card with the seconds left and in the toast with the time it goes", async () => {
    const { desk, user } = await openAda();
    await user.keyboard("o");
    const line = await screen.findByTestId("pending-line");
    expect(line.textContent).toMatch(/One-click off is held on this desk and goes to wallee in \d+ s\./);
    expect(
      within(await cardRow("4242"))
        .getByTestId("one-click")
        .getAttribute("data-pending"),
    ).toBe("true");
    expect((await toast()).textContent).toContain("One-click off for Visa 4242");
    expect((await toast()).textContent).toMatch(/Sends in \d+ seconds, at \d\d:\d\d:\d\d/);
    expect(desk.cardEnding("4242").oneClick).toBe(true);
    await expectAccessible();
  });

  it("is said once, not each second", async () => {
    const { user } = await openAda();
    await user.keyboard("o");
    await toast();
    await waitFor(() =>
      expect(document.querySelector(".sr[role=status]")?.textContent).toMatch(/One-click off for Visa 4242 is held/),
    );
    // Nothing that counts is inside a live region.
    expect((await toast()).closest("[aria-live],[role=status],[role=alert]")).toBeNull();
    expect((await screen.findByTestId("pending-line")).closest("[aria-live],[role=status],[role=alert]")).toBeNull();
  });

  it("is undone from the toast", async () => {
    const { desk, user } = await openAda();
    await user.keyboard("o");
    await user.click(await screen.findByTestId("toast-undo"));
    await noToast();
    expect(desk.world.changes.map((x) => [x.status, x.why])).toEqual([["withdrawn", "undo"]]);
    const flip = within(await cardRow("4242")).getByTestId("one-click");
    await waitFor(() => expect(flip.getAttribute("data-value")).toBe("on"));
    expect(document.activeElement).toBe(await cardRow("4242"));
  });

  it("is undone with Ctrl+Z, the newest first, but never from a text field", async () => {
    const { desk, user } = await openAda();
    await user.keyboard("o");
    await toast();
    await user.keyboard("s");
    await waitFor(async () => expect((await toast()).textContent).toContain("and 1 more"));
    expect((await toast()).textContent).toContain("will be made inactive");
    screen.getByTestId("search").focus();
    await user.keyboard("{Control>}z{/Control}");
    expect(desk.world.changes.map((x) => x.status)).toEqual(["held", "held"]);
    (await cardRow("4242")).focus();
    await user.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(desk.world.changes.map((x) => x.status)).toEqual(["held", "withdrawn"]));
    await waitFor(async () => expect((await toast()).textContent).toContain("One-click off"));
    await user.keyboard("{Control>}z{/Control}");
    await noToast();
    expect(desk.world.changes.map((x) => x.status)).toEqual(["withdrawn", "withdrawn"]);
  });

  it("is undone on its card", async () => {
    const { desk, user } = await openAda();
    await user.keyboard("o");
    await user.click(await screen.findByTestId("undo-change"));
    await waitFor(() => expect(screen.queryByTestId("pending-line")).toBeNull());
    expect(desk.world.changes[0]?.why).toBe("undo");
  });

  it("goes on although its toast was closed, and the next one shows again", async () => {
    const { desk, user } = await openAda();
    await user.keyboard("o");
    await user.click(within(await toast()).getByRole("button", { name: "Close, it is still sent" }));
    await noToast();
    expect(desk.world.changes[0]?.status).toBe("held");
    (await cardRow("4242")).focus();
    await user.keyboard("s");
    expect((await toast()).textContent).toContain("and 1 more");
  });

  it("goes when its time is over", async () => {
    const opened = openWindow({ start: "live", hold: 300 });
    await openCustomer(opened, "ada@lind");
    await opened.user.keyboard("o");
    await toast();
    await waitFor(() => expect(opened.desk.cardEnding("4242").oneClick).toBe(false));
    await noToast();
  });

  it("says where it was pressed that undo came too late, and what can be done", async () => {
    const { desk, user } = await openAda();
    await user.keyboard("o");
    const button = await screen.findByTestId("toast-undo");
    // The desk has sent it meanwhile; the window does not know yet.
    for (const change of desk.world.changes) change.attempts = 1;
    await user.click(button);
    const problem = await screen.findByText("This change was already sent");
    expect(problem.closest(".toasts")).not.toBeNull();
    expect(screen.getByText(/Wait for the answer, then change it again/)).toBeTruthy();
  });

  it("keeps the reason on the card although the change has moved on", async () => {
    const { desk, user } = await openAda();
    await user.keyboard("o");
    const button = await screen.findByTestId("undo-change");
    for (const change of desk.world.changes) Object.assign(change, { status: "done", hold: null, holdEnds: null });
    await user.click(button);
    const problem = await screen.findByText("This change was already sent");
    expect(problem.closest(".pendrow")).not.toBeNull();
    await waitFor(() => expect(screen.queryByTestId("pending-line")).toBeNull());
    await user.click(within(problem.closest(".pendrow") as HTMLElement).getByText("Close"));
    await waitFor(() => expect(screen.queryByText("This change was already sent")).toBeNull());
  });

  it("never hides a card that is to be deleted", async () => {
    const { desk, user } = await openAda();
    await user.keyboard("d");
    const dialog = await screen.findByTestId("delete-dialog");
    expect(within(dialog).getByText(/Held for 10 seconds, then wallee is asked to delete/)).toBeTruthy();
    await user.keyboard("4242{Enter}");
    await waitFor(async () => expect((await cardRow("4242")).textContent).toContain("Deletion held"));
    expect((await toast()).textContent).toContain("Visa 4242 will be deleted at wallee");
    await expectAccessible();
    await user.keyboard("{Control>}z{/Control}");
    await waitFor(async () => expect((await cardRow("4242")).textContent).not.toContain("Deletion held"));
    expect(desk.cardEnding("4242").state).toBe("active");
  });

  it("brings back what it replaced when it is undone", async () => {
    const { desk, user } = await openAda();
    await user.keyboard("o");
    await toast();
    await user.keyboard("o");
    await waitFor(() => expect(desk.world.changes.map((x) => x.status)).toEqual(["withdrawn", "held"]));
    await waitFor(async () => expect((await toast()).textContent).toContain("One-click on"));
    await user.keyboard("{Control>}z{/Control}");
    await waitFor(() => expect(desk.world.changes.map((x) => x.status)).toEqual(["held", "withdrawn"]));
    await waitFor(async () => expect((await toast()).textContent).toContain("One-click off"));
  });
});

import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { cardRow, expectAccessible, openCustomer, openWindow } from "../../test/render";

describe("a customer's page", () => {
  it("shows every card with its words", async () => {
    const opened = openWindow({ start: "live" });
    const title = await openCustomer(opened, "ada@lind");
    expect(title.textContent).toBe("Ada Lindqvist");
    expect(screen.getByText("6 cards in 2 accounts")).toBeTruthy();
    expect(within(await cardRow("6610")).getByText(/expired/)).toBeTruthy();
    expect(within(await cardRow("7743")).getByText(/Planned: gone/)).toBeTruthy();
    expect(screen.getAllByText("One-click and state are set at wallee")).toHaveLength(2);
    await expectAccessible();
  });

  it("is walked, flipped and confirmed by keyboard alone", async () => {
    const opened = openWindow({ start: "live", step: 60 });
    const { desk, user } = opened;
    await openCustomer(opened, "ada@lind");
    const row = await cardRow("4242");
    await waitFor(() => expect(document.activeElement).toBe(row));
    await user.keyboard("o");
    const flip = within(await cardRow("4242")).getByTestId("one-click");
    expect(flip.getAttribute("data-value")).toBe("off");
    expect((await screen.findByTestId("pending-line")).textContent).toContain("One-click off is waiting for wallee.");
    await waitFor(() => expect(desk.cardEnding("4242").oneClick).toBe(false));
    await waitFor(() => expect(screen.queryByTestId("pending-line")).toBeNull());
    expect(flip.getAttribute("data-value")).toBe("off");
  });

  it("shows a press at once and takes it back when the desk refuses it", async () => {
    const opened = openWindow({ start: "live" });
    const { desk, user } = opened;
    await openCustomer(opened, "ada@lind");
    desk.fail("set_one_click", problem("disk_full", "There is no room on the disk.", { hint: "Make room." }));
    const flip = within(await cardRow("4242")).getByTestId("one-click");
    await user.click(flip);
    expect(await screen.findByText("There is no room on the disk.")).toBeTruthy();
    await waitFor(() => expect(flip.getAttribute("data-value")).toBe("on"));
  });

  it.each([
    ["ignores", "wallee answered, but did not change it. Use one-click off, or note it on this desk."],
    ["refuses", "wallee refused it. Use one-click off, or note it on this desk."],
  ] as const)("says that wallee %s the state", async (truth, words) => {
    const opened = openWindow({ start: "live", truth });
    const { desk, user } = opened;
    for (const account of desk.world.accounts) account.lesson = "untried";
    await openCustomer(opened, "ada@lind");
    expect(screen.getAllByText(/does not list state as changeable/).length).toBeGreaterThan(0);
    await user.keyboard("s");
    await waitFor(() => expect(screen.getByTestId("pending-line").getAttribute("data-status")).toBe("stuck"));
    expect(screen.getByTestId("pending-line").textContent).toContain(words);
    const active = within(await cardRow("4242")).getByTestId("active");
    expect(active.textContent).toBe("Active");
    expect(active.hasAttribute("data-blocked")).toBe(true);
    // Nothing will be sent for it, so nothing is "until sent".
    const [answer] = screen.getAllByTestId("one-click-answer");
    expect(answer?.textContent).toContain("Visa 4242One-click");
    expect(answer?.textContent).not.toContain("until sent");
    await user.click(screen.getByTestId("note-on-desk"));
    expect((await screen.findByTestId("noted-on-desk")).textContent).toContain("as inactive by Mira Hoffmann");
    expect(desk.cardEnding("4242").note?.active).toBe(false);
    await user.click(screen.getByTestId("discard-change"));
    await waitFor(() => expect(screen.queryByTestId("pending-line")).toBeNull());
    await expectAccessible();
  });

  it("never calls an unproven state done", async () => {
    const opened = openWindow({ start: "live", step: 80 });
    await openCustomer(opened, "ada@lind");
    await opened.user.keyboard("s");
    const active = within(await cardRow("4242")).getByTestId("active");
    expect(active.textContent).toBe("Inactive asked");
    await waitFor(() => expect(active.textContent).toBe("Inactive"));
    expect(opened.desk.cardEnding("4242").state).toBe("inactive");
  });

  it("answers whether this buyer can pay with one click, and what it cannot know", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "ada@lind");
    const [here] = screen.getAllByTestId("one-click-answer");
    expect(here?.textContent).toContain("Yes, at Shop CH: 2 cards can be picked");
    expect(here?.textContent).toContain("Not Visa 7743: it is being deleted.");
    expect(screen.getByText("What this desk cannot know")).toBeTruthy();
  });

  it("holds nobody's details, none and fifty cards", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "empty.posada");
    expect(screen.getByText(/has no saved cards/)).toBeTruthy();
    await opened.user.clear(screen.getByTestId("search"));
    await openCustomer(opened, "armada");
    expect(screen.getByText("50 cards in 1 account")).toBeTruthy();
    expect(screen.getAllByTestId("card-row")).toHaveLength(50);
    await opened.user.clear(screen.getByTestId("search"));
    await openCustomer(opened, "state:creating");
    expect(screen.getByText("No name and no email given")).toBeTruthy();
    expect(screen.getByText("“frozen”")).toBeTruthy();
    expect(screen.getByText("no customer id")).toBeTruthy();
    await expectAccessible();
  });

  it("holds 5,000 cards with a handful of rows on the page", async () => {
    const opened = openWindow({ start: "live" });
    const { desk } = opened;
    const { customer } = desk.cardEnding("7000");
    for (let n = customer.cards.length; n < 5_000; n += 1) {
      const card = { ...desk.cardEnding("7000"), id: `many-${n}`, remoteId: String(9_000_000 + n) };
      customer.cards.push(card);
      desk.world.cards.set(card.id, card);
    }
    await openCustomer(opened, "armada");
    expect(screen.getByText("5,000 cards in 1 account")).toBeTruthy();
    expect(screen.getByText(/of 5,000 cards listed/)).toBeTruthy();
    expect((await screen.findAllByTestId("card-row")).length).toBeLessThan(80);
    expect(screen.getByTestId("one-click-answer").textContent).toContain("and");
  });

  it("refreshes, and says so beside the button when it cannot", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "ada@lind");
    await opened.user.click(screen.getByTestId("refresh"));
    await waitFor(() => expect(opened.desk.asked.some((x) => x.name === "refresh_person")).toBe(true));
    opened.desk.setOffline(true);
    await opened.user.keyboard("{Escape}");
    await opened.user.click(screen.getByTestId("refresh"));
    expect(await screen.findByText("wallee was not reached.")).toBeTruthy();
    expect(await screen.findByTestId("offline-banner")).toBeTruthy();
    await expectAccessible();
  });

  it("keeps a change while offline and says when it goes", async () => {
    const opened = openWindow({ start: "live" });
    opened.desk.setOffline(true);
    await openCustomer(opened, "ada@lind");
    await opened.user.keyboard("o");
    expect((await screen.findByTestId("pending-line")).textContent).toContain("when the network is back");
    expect(screen.getByTestId("offline-banner").textContent).toContain("1 change waits");
    opened.desk.setOffline(false);
    await waitFor(() => expect(screen.queryByTestId("pending-line")).toBeNull());
    expect(opened.desk.cardEnding("4242").oneClick).toBe(false);
  });
});

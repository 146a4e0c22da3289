import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { cardRow, expectAccessible, openCustomer, openWindow } from "../../test/render";

const PROPERTIES =
  "Id,State,Version,Created,Planned purge,Email,Customer id,Token reference,External id,One-click,Language,Time zone,Linked space";

describe("a card's panel", () => {
  it("shows and copies all thirteen properties", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "ada@lind");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("4242")));
    await opened.user.keyboard("{Enter}");
    const panel = await screen.findByTestId("card-panel");
    await within(panel).findByText("Token reference");
    const names = [...panel.querySelectorAll(".props dt")].map((x) => x.textContent);
    expect(names.join()).toBe(PROPERTIES);
    await opened.user.click(within(panel).getByLabelText("Copy: External id"));
    const copied = opened.desk.asked.filter((x) => x.name === "copy_text").at(-1);
    expect(copied?.request).toEqual({ text: opened.desk.cardEnding("4242").externalId });
    await expectAccessible();
    await opened.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("card-panel")).toBeNull());
    expect(document.activeElement).toBe(await cardRow("4242"));
  });

  it("copies the id when the portal is opened", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "ada@lind");
    await opened.user.click(within(await cardRow("4242")).getByTestId("open-card"));
    await opened.user.click(await screen.findByTestId("open-portal"));
    expect(await screen.findByText(/The card’s id is copied/)).toBeTruthy();
    const copied = opened.desk.asked.filter((x) => x.name === "copy_text").at(-1);
    expect(copied?.request).toEqual({ text: opened.desk.cardEnding("4242").remoteId });
  });

  it("offers a note of this desk where wallee does not take the state", async () => {
    const opened = openWindow({ start: "live", truth: "ignores" });
    await openCustomer(opened, "ada@lind");
    await opened.user.click(within(await cardRow("4242")).getByTestId("open-card"));
    await opened.user.click(await screen.findByText("Note as inactive"));
    expect(await screen.findByText("Noted as inactive")).toBeTruthy();
    expect(opened.desk.cardEnding("4242").state).toBe("active");
  });
});

describe("deleting a card", () => {
  it("asks for the last four in live and is done by keyboard", async () => {
    const opened = openWindow({ start: "live", step: 60 });
    await openCustomer(opened, "ada@lind");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("4242")));
    await opened.user.keyboard("d");
    const dialog = await screen.findByRole("alertdialog");
    const confirm = within(dialog).getByTestId<HTMLButtonElement>("confirm-delete");
    await waitFor(() => expect(document.activeElement).toBe(within(dialog).getByTestId("confirm-text")));
    expect(confirm.disabled).toBe(true);
    expect(within(dialog).getByText(/2 other cards at Shop CH/)).toBeTruthy();
    await expectAccessible();
    await opened.user.keyboard("4241");
    expect(confirm.disabled).toBe(true);
    await opened.user.keyboard("{Backspace}2");
    expect(confirm.disabled).toBe(false);
    await opened.user.keyboard("{Enter}");
    expect((await screen.findByTestId("pending-line")).textContent).toContain("Deletion is waiting for wallee.");
    await waitFor(() => expect(opened.desk.cardEnding("4242").state).toBe("deleting"));
    await waitFor(async () => expect((await cardRow("4242")).textContent).toContain("Being deleted"));
  });

  it("keeps the card on Escape, and asks nothing to be typed in the demo", async () => {
    const opened = openWindow({ start: "demo" });
    await openCustomer(opened, "ada@lind");
    await opened.user.click(within(await cardRow("4242")).getByTestId("delete-card"));
    const dialog = await screen.findByRole("alertdialog");
    expect(within(dialog).queryByTestId("confirm-text")).toBeNull();
    await waitFor(() => expect(document.activeElement).toBe(within(dialog).getByTestId("keep-card")));
    await opened.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
    expect(opened.desk.asked.some((x) => x.name === "delete_card")).toBe(false);
  });

  it("logs the reason that was chosen, and none where none was", async () => {
    const opened = openWindow({ start: "demo" });
    await openCustomer(opened, "ada@lind");
    await opened.user.click(within(await cardRow("4242")).getByTestId("delete-card"));
    await opened.user.click(await screen.findByTestId("confirm-delete"));
    await waitFor(() => expect(opened.desk.asked.some((x) => x.name === "delete_card")).toBe(true));
    expect(opened.desk.asked.find((x) => x.name === "delete_card")?.request).toMatchObject({ reason: null });
  });
});

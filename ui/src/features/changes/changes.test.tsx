import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { cardRow, expectAccessible, openCustomer, openWindow } from "../../test/render";

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
});

import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { cardRow, expectAccessible, openCustomer, openWindow } from "../../test/render";

describe("the window", () => {
  it("starts with a choice and opens the demo", async () => {
    const { user } = openWindow();
    expect(await screen.findByText(/2,000 invented customers/)).toBeTruthy();
    expect(screen.getByText(/key is in this computer’s keychain/)).toBeTruthy();
    await expectAccessible();
    await user.click(screen.getByTestId("start-demo"));
    expect(await screen.findByTestId("search")).toBeTruthy();
    expect(document.querySelector(".strip")?.textContent).toContain("Demo");
  });

  it("says why it cannot start", async () => {
    const { desk } = openWindow({ start: "demo", latency: 5 });
    desk.fail("desk_status", problem("keychain_locked", "The keychain is locked.", { hint: "Unlock it." }));
    expect(await screen.findByText("The keychain is locked.")).toBeTruthy();
    expect(screen.getByText("Try again")).toBeTruthy();
    await expectAccessible();
  });

  it("goes to places by two letters, but never from a text field", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "ada@lind");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("4242")));
    await opened.user.keyboard("go");
    expect(await screen.findByTestId("sync-account")).toBeTruthy();
    await opened.user.keyboard("gh");
    expect(await screen.findByRole("heading", { level: 1, name: "Changes" })).toBeTruthy();
    await opened.user.click(screen.getByTestId("search"));
    await opened.user.keyboard("go");
    expect(screen.getByTestId<HTMLInputElement>("search").value).toBe("ada@lindgo");
    expect(screen.queryByTestId("sync-account")).toBeNull();
  });

  it("keeps the theme that was chosen", async () => {
    const { user } = openWindow({ start: "demo" });
    await user.click(await screen.findByRole("button", { name: "Settings" }));
    await user.click(await screen.findByRole("menuitemradio", { name: "Dark" }));
    expect(document.documentElement.dataset.theme).toBe("dark");
    expect(window.localStorage.getItem("tokendesk.theme")).toBe("dark");
  });

  it("has shortcuts of one key only while they are wanted", async () => {
    const opened = openWindow({ start: "live" });
    const { desk, user } = opened;
    await openCustomer(opened, "ada@lind");
    await user.click(screen.getByRole("button", { name: "Settings" }));
    await user.click(await screen.findByTestId("single-keys"));
    await user.keyboard("{Escape}");
    expect(window.localStorage.getItem("tokendesk.single-keys")).toBe("off");
    (await cardRow("4242")).focus();
    await user.keyboard("ojga?");
    expect(document.activeElement).toBe(await cardRow("4242"));
    expect(desk.asked.some((x) => x.name === "set_one_click")).toBe(false);
    expect(screen.queryByRole("dialog")).toBeNull();
    await user.keyboard("{ArrowDown}");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("0057")));
  });

  it("lists the shortcuts", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "ada@lind");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("4242")));
    await opened.user.keyboard("?");
    const dialog = await screen.findByRole("dialog");
    expect(within(dialog).getByText("one-click of the focused card")).toBeTruthy();
    await expectAccessible();
  });

  it("tells once that the copy was rebuilt", async () => {
    const { desk, user } = openWindow({ start: "demo" });
    await screen.findByTestId("search");
    desk.world.cacheRebuilt = "cache.damaged";
    desk.changed(["status"]);
    expect(await screen.findByText(/was damaged and is being read again/)).toBeTruthy();
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByText(/was damaged/)).toBeNull();
  });
});

import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { cardRow, expectAccessible, type Opened, openCustomer, openWindow } from "../../test/render";

const KEY = "a2V5a2V5a2V5a2V5a2V5a2V5";

async function fill({ user }: Opened, values: Record<string, string>) {
  for (const [name, value] of Object.entries({
    label: "Shop CH, test",
    host: "app-wallee.com",
    space: "41219",
    user: "88412",
    key: KEY,
    ...values,
  })) {
    await user.click(screen.getByTestId(`connect-${name}`));
    await user.paste(value);
  }
}

async function openConnect(opened: Opened) {
  await opened.user.click(await screen.findByTestId("nav-accounts"));
  await opened.user.click(await screen.findByTestId("connect-account"));
  await screen.findByTestId("connect-dialog");
}

describe("connecting an account", () => {
  it("is tested line by line, then connected and read", async () => {
    const opened = openWindow({ start: "demo" });
    await openConnect(opened);
    await expectAccessible();
    await fill(opened, {});
    await opened.user.click(screen.getByTestId("env-test"));
    await opened.user.click(screen.getByTestId("test-connection"));
    const result = await screen.findByTestId("check-result");
    expect(result.getAttribute("data-verdict")).toBe("limited");
    expect(within(result).getByText("Key accepted")).toBeTruthy();
    expect(within(result).getByText("“Shop CH”")).toBeTruthy();
    expect(within(result).getByText("at least 100 found")).toBeTruthy();
    expect(within(result).getByText("37 found")).toBeTruthy();
    await opened.user.click(screen.getByTestId("connect-submit"));
    expect(await screen.findByTestId("sync-progress")).toBeTruthy();
    expect(document.querySelector(".strip")?.getAttribute("data-env")).toBe("test");
    expect(await screen.findByTestId("sync-account")).toBeTruthy();
    const asked = opened.desk.asked.find((x) => x.name === "connect_account")?.request;
    expect(asked).toMatchObject({ provider: "wallee", env: "test", host: "app-wallee.com", space: "41219" });
  });

  it("shows a problem at the field it concerns", async () => {
    const opened = openWindow({ start: "demo" });
    await openConnect(opened);
    await fill(opened, { host: "http://shop.example.com", key: KEY });
    await opened.user.click(screen.getByTestId("connect-submit"));
    expect(await screen.findByText("Without encryption only this computer can be reached")).toBeTruthy();
    expect(screen.getByTestId("connect-host").getAttribute("aria-invalid")).toBe("true");
    await expectAccessible();
  });

  it("says which line failed and what to do", async () => {
    const opened = openWindow({ start: "demo" });
    await openConnect(opened);
    await fill(opened, { key: `wrong${KEY}` });
    await opened.user.click(screen.getByTestId("test-connection"));
    expect(await screen.findByText("Key not accepted")).toBeTruthy();
    expect(screen.getByText("wallee did not accept the key.")).toBeTruthy();
    expect(screen.getByText("Make a new key for this application user.")).toBeTruthy();
  });

  it("does not offer to connect half a form", async () => {
    const opened = openWindow({ start: "demo" });
    await openConnect(opened);
    expect(screen.getByTestId<HTMLButtonElement>("connect-submit").disabled).toBe(true);
  });
});

describe("an account's page", () => {
  it("says in words what each switch does, reads and stops", async () => {
    const opened = openWindow({ start: "live", step: 200 });
    await opened.user.click(await screen.findByTestId("nav-accounts"));
    expect(await screen.findByText("What each switch really does here")).toBeTruthy();
    expect(screen.getByText("Accepted by wallee")).toBeTruthy();
    await expectAccessible();
    await opened.user.click(screen.getByTestId("sync-account"));
    expect(await screen.findByTestId("sync-progress")).toBeTruthy();
    await opened.user.click(screen.getByTestId("stop-sync"));
    expect(await screen.findByText("Go on reading")).toBeTruthy();
  });

  it("forgets a lesson when asked to try again", async () => {
    const opened = openWindow({ start: "live", truth: "refuses" });
    await opened.user.click(await screen.findByTestId("nav-accounts"));
    await opened.user.click(await screen.findByTestId("forget-lesson"));
    expect(await screen.findByText("Asked, then checked")).toBeTruthy();
    expect(opened.desk.world.accounts[0]?.lesson).toBe("untried");
  });

  it("is removed only after saying what goes and what stays", async () => {
    const opened = openWindow({ start: "two" });
    await opened.user.click(await screen.findByTestId("nav-accounts"));
    await opened.user.click(await screen.findByTestId("account-menu"));
    await opened.user.click(await screen.findByTestId("remove-account"));
    const dialog = await screen.findByRole("alertdialog");
    expect(await within(dialog).findByText("The log of what was done with these cards: 214 rows.")).toBeTruthy();
    await expectAccessible();
    await opened.user.click(within(dialog).getByTestId("confirm-remove"));
    await waitFor(() => expect(opened.desk.world.accounts).toHaveLength(2));
  });

  it("is removed with open changes only after they are given up explicitly", async () => {
    const opened = openWindow({ start: "live" });
    opened.desk.setOffline(true);
    await openCustomer(opened, "ada@lind");
    await waitFor(async () => expect(document.activeElement).toBe(await cardRow("4242")));
    await opened.user.keyboard("o");
    await screen.findByTestId("pending-line");
    await opened.user.click(screen.getByTestId("nav-accounts"));
    await opened.user.click(await screen.findByTestId("account-menu"));
    await opened.user.click(await screen.findByTestId("remove-account"));
    expect(await screen.findByText(/1 change of this account is not confirmed/)).toBeTruthy();
    const confirm = screen.getByTestId<HTMLButtonElement>("confirm-remove");
    expect(confirm.disabled).toBe(true);
    await opened.user.click(screen.getByLabelText("Discard 1 change"));
    await expectAccessible();
    await opened.user.click(confirm);
    await waitFor(() => expect(opened.desk.world.accounts).toHaveLength(1));
    expect(opened.desk.asked.find((x) => x.name === "remove_account")?.request).toMatchObject({
      discard_changes: true,
    });
  });

  it("rebuilds the copy after asking", async () => {
    const opened = openWindow({ start: "live" });
    await opened.user.click(await screen.findByTestId("nav-accounts"));
    await opened.user.click(await screen.findByTestId("rebuild-cache"));
    expect(await screen.findByText(/Nothing of this desk’s own is lost/)).toBeTruthy();
    await opened.user.click(screen.getByTestId("confirm-rebuild"));
    await waitFor(() => expect(opened.desk.asked.some((x) => x.name === "rebuild_cache")).toBe(true));
  });
});

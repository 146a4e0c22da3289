import { screen, waitFor } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { expectAccessible, type Opened, openWindow } from "../../test/render";

const GOOD = "bmV3bmV3bmV3bmV3bmV3";

async function openForm(prepare: (opened: Opened) => void = () => {}): Promise<Opened> {
  const opened = openWindow({ start: "live" });
  prepare(opened);
  await opened.user.click(await screen.findByTestId("nav-accounts"));
  await opened.user.click(await screen.findByTestId("replace-credentials"));
  await screen.findByTestId("credentials-dialog");
  return opened;
}

const keyField = () => screen.getByTestId<HTMLInputElement>("credentials-key");

async function submit({ user }: Opened, key: string) {
  await user.click(await screen.findByTestId("credentials-key"));
  await user.paste(key);
  await user.click(screen.getByTestId("credentials-submit"));
}

describe("replacing the key of an account", () => {
  it("says what is proven, then replaces user and key", async () => {
    const opened = await openForm();
    expect(
      screen.getByText(/the same must be seen: wallee, space 41218, and up to 3 cards that are known here/),
    ).toBeTruthy();
    expect(keyField().type).toBe("password");
    expect(screen.getByTestId<HTMLButtonElement>("credentials-submit").disabled).toBe(true);
    await expectAccessible();
    const user = screen.getByTestId<HTMLInputElement>("credentials-user");
    expect(user.value).toBe("88412");
    await opened.user.clear(user);
    await opened.user.type(user, "90001");
    await submit(opened, GOOD);
    expect(await screen.findByTestId("credentials-replaced")).toBeTruthy();
    expect(screen.queryByTestId("credentials-dialog")).toBeNull();
    const account = opened.desk.world.accounts[0]?.id;
    expect(opened.desk.asked.find((x) => x.name === "replace_credentials")?.request).toEqual({
      account_id: account,
      user: "90001",
      key: GOOD,
      publishable_key: null,
    });
    expect(await screen.findByText(/user 90001/)).toBeTruthy();
    expect(document.body.innerHTML).not.toContain(GOOD);
  });

  it.each([
    ["of another space", `other${GOOD}`, "This key does not see the cards of space 41218."],
    ["that is not accepted", `wrong${GOOD}`, "wallee did not accept this key."],
    ["that is none", "???", "This is not an authentication key"],
  ])("refuses a key %s beside the form and clears the field", async (_, key, words) => {
    const opened = await openForm();
    await submit(opened, key);
    expect(await screen.findByText(words)).toBeTruthy();
    expect(keyField().value).toBe("");
    expect(document.activeElement).toBe(keyField());
    expect(opened.desk.world.accounts[0]?.user).toBe("88412");
    expect(document.body.innerHTML).not.toContain(key);
    await expectAccessible();
  });

  it("waits for an answer on its way, so that a refusal is seen", async () => {
    const opened = openWindow({ start: "live", latency: 250 });
    await opened.user.click(await screen.findByTestId("nav-accounts"));
    await opened.user.click(await screen.findByTestId("replace-credentials"));
    await screen.findByTestId("credentials-dialog");
    await submit(opened, `other${GOOD}`);
    expect(screen.getByTestId("credentials-submit").textContent).toBe("Proving…");
    await opened.user.keyboard("{Escape}");
    expect(await screen.findByText("This key does not see the cards of space 41218.")).toBeTruthy();
    await opened.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("credentials-dialog")).toBeNull());
  });

  it("is offered where a refused key has paused the account, and starts it again", async () => {
    const opened = openWindow({ start: "live" });
    const account = opened.desk.world.accounts[0];
    if (!account) throw new Error("no account");
    account.paused = problem("credentials_rejected", "wallee did not accept the key of Shop CH.");
    await opened.user.click(await screen.findByTestId("nav-accounts"));
    const [inNote] = await screen.findAllByRole("button", { name: "Replace key…" });
    await opened.user.click(inNote as HTMLElement);
    await screen.findByTestId("credentials-dialog");
    await submit(opened, GOOD);
    await waitFor(() => expect(screen.queryByText("wallee did not accept the key of Shop CH.")).toBeNull());
    expect(await screen.findByTestId("credentials-replaced")).toBeTruthy();
  });

  it("has no key to replace in the built-in demo", async () => {
    const opened = openWindow({ start: "demo" });
    await opened.user.click(await screen.findByTestId("nav-accounts"));
    await screen.findByTestId("sync-account");
    expect(screen.queryByTestId("replace-credentials")).toBeNull();
  });
});

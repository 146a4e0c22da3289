import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { expectAccessible, type Opened, openWindow } from "../../test/render";

async function openAccounts(account: string | null, options: Parameters<typeof openWindow>[0] = {}): Promise<Opened> {
  const opened = openWindow({ start: "five", people: 1, ...options });
  await opened.user.click(await screen.findByTestId("nav-accounts"));
  if (account) await opened.user.click((await screen.findAllByText(account))[0] as HTMLElement);
  return opened;
}

const request = (opened: Opened, name: string) => opened.desk.asked.filter((x) => x.name === name).at(-1)?.request;

async function openForm(provider: string): Promise<Opened> {
  const opened = await openAccounts(null);
  await opened.user.click(await screen.findByTestId("connect-account"));
  await opened.user.click(await screen.findByTestId(`provider-${provider}`));
  return opened;
}

async function fill({ user }: Opened, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    await user.click(screen.getByTestId(`connect-${name}`));
    await user.paste(value);
  }
}

const NEW = { host: "", space: "", user: "", connector: null, publishable_key: null, read_only: false, env: "test" };

describe("connecting any payment system", () => {
  it("asks for what each one needs, and says before what it can and cannot do", async () => {
    const opened = await openForm("processout");
    expect(screen.getByTestId("connect-host-told").textContent).toBe("api.processout.com");
    expect(screen.queryByTestId("connect-user")).toBeNull();
    const abilities = screen.getByTestId("abilities");
    expect(abilities.getAttribute("aria-expanded")).toBe("true");
    expect(screen.getAllByText("Note on the token")).toHaveLength(2);
    expect(screen.getByText(/The credentials tell whether they are for test/)).toBeTruthy();
    await expectAccessible();
    await fill(opened, { label: "EU, new", space: "test-proj_9xX", key: "key_abcd1234" });
    await opened.user.click(screen.getByTestId("test-connection"));
    const result = await screen.findByTestId("check-result");
    expect(within(result).getByText(/May not read events/)).toBeTruthy();
    expect(within(result).getByText(/Give the key the right to read events/)).toBeTruthy();
    // What was asked for is read; what the system can do is a press away.
    expect(screen.getByTestId("abilities").getAttribute("aria-expanded")).toBe("false");
    await opened.user.click(screen.getByTestId("connect-submit"));
    await waitFor(() =>
      expect(request(opened, "connect_account")).toEqual({
        ...NEW,
        provider: "processout",
        label: "EU, new",
        space: "test-proj_9xX",
        key: "key_abcd1234",
      }),
    );
  });

  it("connects read-only", async () => {
    const opened = await openForm("komoju");
    await fill(opened, { label: "JP", key: "sk_test_abcd1234", publishable_key: "pk_test_1" });
    await opened.user.click(screen.getByTestId("connect-read-only"));
    await waitFor(() =>
      expect(request(opened, "connect_account")).toEqual({
        ...NEW,
        provider: "komoju",
        label: "JP",
        key: "sk_test_abcd1234",
        publishable_key: "pk_test_1",
        read_only: true,
      }),
    );
    expect(await screen.findByText("Read-only")).toBeTruthy();
  });

  it("shows the wrong kind of key at its field, and the wrong environment at the choice", async () => {
    const opened = await openForm("komoju");
    await fill(opened, { label: "JP", key: "pk_test_abcd" });
    await opened.user.click(screen.getByTestId("connect-submit"));
    expect(await screen.findByText("This is a publishable key.")).toBeTruthy();
    expect(screen.getByTestId("connect-key").getAttribute("aria-invalid")).toBe("true");
    await opened.user.clear(screen.getByTestId("connect-key"));
    await fill(opened, { key: "sk_live_abcd1234" });
    await opened.user.click(screen.getByTestId("connect-submit"));
    expect(await screen.findByText("These credentials are for live, and test was chosen.")).toBeTruthy();
    await expectAccessible();
  });

  it("hides a secret of several lines, and takes a choice from a list", async () => {
    const opened = await openForm("prism");
    await fill(opened, { label: "Lab", host: "prism.example.com", key: '{"api_key":"abc"}' });
    expect(screen.getByTestId("connect-key").className).toContain("masked");
    expect(screen.getByTestId<HTMLButtonElement>("connect-submit").disabled).toBe(true);
    await opened.user.click(within(screen.getByTestId("connect-connector")).getByRole("button"));
    await opened.user.click(await screen.findByRole("option", { name: "Noon" }));
    await opened.user.click(screen.getByLabelText("Show what is typed: Connector configuration"));
    expect(screen.getByTestId("connect-key").className).not.toContain("masked");
    await expectAccessible();
    await opened.user.click(screen.getByTestId("connect-submit"));
    await waitFor(() =>
      expect(request(opened, "connect_account")).toEqual({
        ...NEW,
        provider: "prism",
        label: "Lab",
        host: "prism.example.com",
        connector: "noon",
        key: '{"api_key":"abc"}',
      }),
    );
  });

  it("never takes a secret over from one system to another", async () => {
    const opened = await openForm("komoju");
    await fill(opened, { label: "Kept", key: "sk_test_secret99" });
    await opened.user.click(screen.getByTestId("provider-zafapay"));
    expect(screen.getByTestId<HTMLInputElement>("connect-label").value).toBe("Kept");
    expect(screen.getByTestId<HTMLInputElement>("connect-key").value).toBe("");
    expect(document.body.innerHTML).not.toContain("sk_test_secret99");
  });

  it("says why there is nothing to choose from", async () => {
    const opened = await openAccounts(null);
    opened.desk.fail("provider_options", problem("internal", "The list could not be made."));
    await opened.user.click(await screen.findByTestId("connect-account"));
    expect(await screen.findByText("Something went wrong in Tokendesk")).toBeTruthy();
    expect(screen.getByTestId<HTMLButtonElement>("connect-submit").disabled).toBe(true);
  });
});

describe("an account's rules", () => {
  it("rests and goes on when a person says so", async () => {
    const opened = await openAccounts("Shop EU");
    await opened.user.click(await screen.findByTestId("pause-account"));
    expect(await screen.findByText(/Paused here: nothing is read and nothing is sent/)).toBeTruthy();
    expect(screen.getByTestId<HTMLButtonElement>("sync-account").disabled).toBe(true);
    expect(screen.getByText("Paused by a person")).toBeTruthy();
    await expectAccessible();
    await opened.user.click(screen.getByTestId("pause-account"));
    await waitFor(() => expect(screen.queryByText(/Paused here/)).toBeNull());
    expect(request(opened, "pause_account")).toMatchObject({ paused: false });
  });

  it("writes nothing while it is read-only", async () => {
    const opened = await openAccounts("Shop EU");
    await opened.user.click(await screen.findByTestId("read-only"));
    await waitFor(() => expect(request(opened, "set_read_only")).toMatchObject({ read_only: true }));
    expect(await screen.findByText("Nothing is written through this account.")).toBeTruthy();
    expect(screen.getByText("Connected, read-only")).toBeTruthy();
  });

  it("allows holds on real cards only after a question", async () => {
    const opened = await openAccounts("Payments lab", { env: "live" });
    await opened.user.click(await screen.findByTestId("allow-verification"));
    expect(await screen.findByText("Allow small holds on real cards of Payments lab?")).toBeTruthy();
    expect(request(opened, "allow_verification")).toBeUndefined();
    await expectAccessible();
    await opened.user.click(screen.getByTestId("confirm-allow-verification"));
    await waitFor(() => expect(request(opened, "allow_verification")).toMatchObject({ allowed: true }));
    expect(await screen.findByText(/each time with a typed confirmation/)).toBeTruthy();
    await opened.user.click(screen.getByTestId("allow-verification"));
    await waitFor(() => expect(request(opened, "allow_verification")).toMatchObject({ allowed: false }));
  });
});

describe("what is done with an account now and then", () => {
  it("forgets a hosted one-click record by the shop's own id", async () => {
    const opened = await openAccounts("Shop JP");
    await opened.user.click(await screen.findByTestId("account-menu"));
    expect(screen.queryByTestId("create-token")).toBeNull();
    await opened.user.click(await screen.findByTestId("forget-one-click"));
    await opened.user.type(await screen.findByTestId("forget-id"), "shop 12{Enter}");
    expect(await screen.findByText("KOMOJU has no one-click record for this id.")).toBeTruthy();
    await expectAccessible();
    await opened.user.clear(screen.getByTestId("forget-id"));
    await opened.user.type(screen.getByTestId("forget-id"), "shop-12{Enter}");
    expect(await screen.findByText("KOMOJU has forgotten the one-click record of shop-12.")).toBeTruthy();
  });

  it("creates a token and shows it", async () => {
    const opened = await openAccounts("Shop CH");
    await opened.user.click(await screen.findByTestId("account-menu"));
    await opened.user.click(await screen.findByTestId("create-token"));
    await opened.user.type(await screen.findByTestId("create-customer_id"), "C-1");
    await expectAccessible();
    await opened.user.click(screen.getByTestId("confirm-create-token"));
    expect(request(opened, "create_token")).toMatchObject({ customer_id: "C-1", email: null, external_id: null });
    await opened.user.click(await screen.findByTestId("open-created"));
    expect(await screen.findByTestId("refresh")).toBeTruthy();
  });

  it("replaces what the system marks as replaceable, and nothing else", async () => {
    const opened = await openAccounts("Shop JP");
    await opened.user.click(await screen.findByTestId("replace-credentials"));
    await opened.user.type(await screen.findByTestId("credentials-key"), "sk_test_new00000");
    expect(screen.queryByTestId("credentials-user")).toBeNull();
    expect(screen.getByTestId("credentials-publishable_key")).toBeTruthy();
    await expectAccessible();
    await opened.user.click(screen.getByTestId("credentials-submit"));
    await screen.findByTestId("credentials-replaced");
    expect(request(opened, "replace_credentials")).toMatchObject({
      user: "",
      key: "sk_test_new00000",
      publishable_key: null,
    });
  });

  it("tells what is removed with it: cards, imported customers, notes", async () => {
    const opened = await openAccounts("Market");
    await opened.user.click(await screen.findByTestId("account-menu"));
    await opened.user.click(await screen.findByTestId("remove-account"));
    expect(await screen.findByText(/214 imported customers/)).toBeTruthy();
    expect(screen.getByText(/Everything at Zafapay/)).toBeTruthy();
  });
});

import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { cardRow, expectAccessible, type Opened, openCustomer, openWindow } from "../../test/render";

async function openAda(env: "test" | "live" = "live"): Promise<Opened> {
  const opened = openWindow({ start: "five", env, people: 3 });
  await openCustomer(opened, "ada@lind");
  return opened;
}

const asked = (opened: Opened, name: string) => opened.desk.asked.find((x) => x.name === name)?.request;

describe("one person over five payment systems", () => {
  it("has the account on every group, two of one system and two records of one email told apart", async () => {
    await openAda();
    expect(screen.getByText("12 cards in 6 accounts")).toBeTruthy();
    expect(screen.getAllByText("Shop CH")).toHaveLength(1);
    expect(screen.getAllByText("Shop CH, outlet")).toHaveLength(1);
    expect(screen.getByText("record 1 of 2")).toBeTruthy();
    expect(screen.getByText("record 2 of 2")).toBeTruthy();
    // Said once for an account, whole, above its cards.
    expect(screen.getAllByText(/One-click and state are notes on the token at ProcessOut/)).toHaveLength(1);
    expect(screen.getByText(/Imported by you: Prism keeps nothing/)).toBeTruthy();
    await expectAccessible();
  });

  it("says why a record shows no cards", async () => {
    const opened = openWindow({ start: "five", people: 3 });
    await openCustomer(opened, "hana.sato");
    expect(
      screen.getByText("KOMOJU tells no card of this customer: it was not completed, or it is hidden."),
    ).toBeTruthy();
    expect(screen.getByText(/That proves nothing about earlier ones/)).toBeTruthy();
    await expectAccessible();
  });

  it("shows default, verification and what cannot be charged in words", async () => {
    await openAda();
    expect(within(await cardRow("1008")).getByText("Default")).toBeTruthy();
    expect(within(await cardRow("1008")).getByText("verified")).toBeTruthy();
    expect(within(await cardRow("6610")).getByText("failed")).toBeTruthy();
    expect(within(await cardRow("6610")).getByText("not chargeable")).toBeTruthy();
  });

  it("never shows a mark that is not set as on, and sets it by choosing", async () => {
    const opened = await openAda();
    const row = await cardRow("5454");
    expect(within(row).getAllByText("Not set")).toHaveLength(2);
    await opened.user.click(within(row).getByTestId("active"));
    await opened.user.click(await screen.findByTestId("active-off"));
    await waitFor(() => expect(asked(opened, "set_active")).toMatchObject({ active: false, reason: null }));
  });

  it("needs a reason where it is sent, and says that it goes there", async () => {
    const opened = await openAda();
    await opened.user.click(within(await cardRow("1881")).getByTestId("active"));
    const dialog = await screen.findByTestId("block-dialog");
    expect(within(dialog).getByText(/This text goes to Zafapay/)).toBeTruthy();
    const confirm = within(dialog).getByTestId<HTMLButtonElement>("confirm-block");
    expect(confirm.disabled).toBe(true);
    await expectAccessible();
    await opened.user.keyboard("Lost card{Enter}");
    await waitFor(() => expect(asked(opened, "set_active")).toMatchObject({ active: false, reason: "Lost card" }));
    await waitFor(() => expect(opened.desk.cardEnding("1881").blockReason).toBe("Lost card"));
    expect(await screen.findByText("Blocked for “Lost card”")).toBeTruthy();
  });

  it("shows what a card is blocked for before it is unblocked", async () => {
    const opened = await openAda();
    expect(within(await cardRow("9087")).getByText("Blocked")).toBeTruthy();
    await opened.user.click(within(await cardRow("9087")).getByTestId("active"));
    const dialog = await screen.findByTestId("block-dialog");
    expect(within(dialog).getByText("“Buyer reported the card as lost, ticket 4471”")).toBeTruthy();
    expect(asked(opened, "set_active")).toBeUndefined();
    await expectAccessible();
    await opened.user.click(within(dialog).getByTestId("confirm-block"));
    await waitFor(() => expect(asked(opened, "set_active")).toMatchObject({ active: true }));
  });

  it("keeps switches of this desk only as notes", async () => {
    const opened = await openAda();
    const row = await cardRow("0259");
    await opened.user.click(within(row).getByTestId("one-click"));
    await opened.user.click(await screen.findByText("Note as off"));
    expect(await within(row).findByText("Noted off")).toBeTruthy();
    expect(asked(opened, "mark_card")).toEqual({
      card_id: opened.desk.cardEnding("0259").id,
      field: "one_click",
      value: false,
    });
    expect(asked(opened, "set_one_click")).toBeUndefined();
  });

  it("deletes a whole record only after the end of its id was typed", async () => {
    const opened = await openAda();
    const [menu] = screen.getAllByTestId("record-menu");
    await opened.user.click(menu as HTMLElement);
    await opened.user.click(await screen.findByTestId("delete-customer"));
    const dialog = await screen.findByTestId("delete-customer-dialog");
    const confirm = within(dialog).getByTestId<HTMLButtonElement>("confirm-delete-customer");
    expect(confirm.disabled).toBe(true);
    await expectAccessible();
    await opened.user.click(within(dialog).getByTestId("confirm-record"));
    await opened.user.keyboard("xT0n");
    await opened.user.click(confirm);
    expect(await screen.findByText("ProcessOut has deleted the customer cust_Vq8mZr2LxT0n.")).toBeTruthy();
    expect(asked(opened, "delete_customer")).toMatchObject({ customer_id: "cust_Vq8mZr2LxT0n", confirmation: "xT0n" });
  });
});

describe("deleting by what it does there", () => {
  it("lists open payments and subscriptions where the customer record goes", async () => {
    const opened = await openAda();
    await opened.user.click(within(await cardRow("3311")).getByTestId("delete-card"));
    const dialog = await screen.findByTestId("delete-dialog");
    expect(within(dialog).getByText("Delete this card and its customer record?")).toBeTruthy();
    expect(await within(dialog).findByText("pay_8c1Tq2, pay_9d0Ux7")).toBeTruthy();
    expect(within(dialog).getByText("sub_44ab01")).toBeTruthy();
    await expectAccessible();
  });

  it("says that it could not look, and asks anew each time", async () => {
    const opened = await openAda();
    opened.desk.fail("before_deletion", {
      code: "unreachable",
      title: "KOMOJU was not reached.",
      detail: "",
      hint: "",
      retryable: true,
      request_id: null,
      field: null,
      params: {},
    });
    await opened.user.click(within(await cardRow("3311")).getByTestId("delete-card"));
    expect(await screen.findByText(/could not be looked up at KOMOJU: KOMOJU was not reached/)).toBeTruthy();
    await opened.user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("delete-dialog")).toBeNull());
    opened.desk.fail("before_deletion", null);
    await opened.user.click(within(await cardRow("3311")).getByTestId("delete-card"));
    expect(await screen.findByText("sub_44ab01")).toBeTruthy();
  });

  it("has a sentence, not a missing button, where nothing is deleted", async () => {
    const opened = await openAda();
    const trash = within(await cardRow("9087")).getByTestId("delete-card");
    expect(trash.getAttribute("aria-label")).toContain("Zafapay deletes no cards. Block the card instead");
    await opened.user.click(within(await cardRow("9087")).getByTestId("open-card"));
    const cannot = await screen.findByTestId("cannot");
    expect(cannot.textContent).toContain("Zafapay deletes no cards. Block the card instead.");
    expect(cannot.textContent).toContain("it cannot be set from here.");
    expect(screen.queryByTestId("panel-delete-card")).toBeNull();
    await expectAccessible();
  });
});

describe("a card's panel by what its system can do", () => {
  async function panelOf(last4: string, env: "test" | "live" = "test"): Promise<Opened> {
    const opened = await openAda(env);
    await opened.user.click(within(await cardRow(last4)).getByTestId("open-card"));
    await screen.findByTestId("card-panel");
    await screen.findByText("Email");
    return opened;
  }

  it("makes a card the default", async () => {
    const opened = await panelOf("5454");
    await opened.user.click(screen.getByTestId("panel-make-default"));
    await waitFor(() => expect(opened.desk.cardEnding("5454").isDefault).toBe(true));
    expect(opened.desk.cardEnding("1008").isDefault).toBe(false);
  });

  it("verifies only after the word was typed, and shows what became of it", async () => {
    const opened = await panelOf("0259");
    await opened.user.click(screen.getByTestId("verify-card"));
    const dialog = await screen.findByTestId("verify-dialog");
    const confirm = within(dialog).getByTestId<HTMLButtonElement>("confirm-verify");
    expect(confirm.disabled).toBe(true);
    await expectAccessible();
    await opened.user.clear(within(dialog).getByTestId("verify-amount"));
    await opened.user.type(within(dialog).getByTestId("verify-amount"), "9");
    await opened.user.type(within(dialog).getByTestId("verify-typed"), "VERIFY");
    await opened.user.click(confirm);
    expect(await within(dialog).findByText("At most 2.00 EUR can be held.")).toBeTruthy();
    expect(within(dialog).getByTestId<HTMLInputElement>("verify-typed").value).toBe("");
    await opened.user.clear(within(dialog).getByTestId("verify-amount"));
    await opened.user.type(within(dialog).getByTestId("verify-amount"), "0.54");
    await opened.user.type(within(dialog).getByTestId("verify-typed"), "VERIFY");
    await opened.user.click(within(dialog).getByTestId("confirm-verify"));
    expect(await within(dialog).findByText("Charged")).toBeTruthy();
    await opened.user.click(within(dialog).getByTestId("refund"));
    await opened.user.click(within(dialog).getByTestId("confirm-refund"));
    expect(await within(dialog).findByText("Refunded")).toBeTruthy();
    expect(within(dialog).queryByTestId("confirm-verify")).toBeNull();
    await expectAccessible();
  });

  it("is not verified in live before somebody allowed it", async () => {
    const opened = await panelOf("0259", "live");
    await opened.user.click(screen.getByTestId("verify-card"));
    expect(await screen.findByText("Verifying by money is off for Payments lab.")).toBeTruthy();
    expect(screen.queryByTestId("confirm-verify")).toBeNull();
  });

  it("asks for new card details on a page that can be copied or opened", async () => {
    const opened = await panelOf("0057");
    await opened.user.click(screen.getByTestId("ask-new-details"));
    await opened.user.click(await screen.findByTestId("make-page"));
    const url = (await screen.findByTestId<HTMLInputElement>("page-url")).value;
    await expectAccessible();
    await opened.user.click(screen.getByLabelText("Copy the address"));
    expect(opened.desk.asked.filter((x) => x.name === "copy_text").at(-1)?.request).toEqual({ text: url });
    await opened.user.click(screen.getByTestId("open-page"));
    await waitFor(() => expect(asked(opened, "open_page")).toEqual({ url }));
  });

  it("removes an imported card from this desk after saying that it stays usable", async () => {
    const opened = await panelOf("0259");
    const { id } = opened.desk.cardEnding("0259");
    await opened.user.click(screen.getByTestId("remove-from-desk"));
    expect(await screen.findByText(/it stays usable there/)).toBeTruthy();
    await opened.user.click(screen.getByTestId("confirm-remove-from-desk"));
    await waitFor(() => expect(opened.desk.world.cards.has(id)).toBe(false));
  });
});

import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { expectAccessible, type Opened, openWindow } from "../../test/render";

async function openCards(options: Parameters<typeof openWindow>[0] = {}): Promise<Opened & { grid: HTMLElement }> {
  const opened = openWindow({ start: "live", ...options });
  await opened.user.click(await screen.findByTestId("nav-cards"));
  const grid = await screen.findByRole("grid", { name: "All cards" });
  await screen.findAllByTestId("cards-row");
  act(() => grid.focus());
  return { ...opened, grid };
}

const current = (grid: HTMLElement) => document.getElementById(grid.getAttribute("aria-activedescendant") ?? "");
const asked = (opened: Opened, name: string) => opened.desk.asked.filter((x) => x.name === name);

describe("the cards", () => {
  it("shows every card with few rows in the page and says how many there are", async () => {
    const { grid, desk } = await openCards({ people: 1987 });
    const all = [...desk.world.cards.values()].length;
    expect(screen.getByTestId("cards-total").textContent).toBe(`${all.toLocaleString("en-GB")} cards`);
    expect(grid.getAttribute("aria-rowcount")).toBe(String(all + 1));
    expect(screen.getAllByTestId("cards-row").length).toBeLessThan(200);
    const heads = within(grid).getAllByRole("columnheader");
    expect(heads.slice(1).map((x) => x.textContent)).toEqual([
      "Customer",
      "Card",
      "Expires",
      "State",
      "One-click",
      "Account",
      "Read",
    ]);
    await expectAccessible();
  });

  it("never passes a number off as exact that is not", async () => {
    const { desk, user } = openWindow({ start: "live", people: 400 });
    await screen.findByTestId("nav-cards");
    const real = desk.call.bind(desk);
    desk.call = async (name, request) => {
      const answer = await real(name, request);
      if (name === "list_cards") Object.assign(answer, { total: { n: 10_000, exact: false } });
      return answer;
    };
    await user.click(screen.getByTestId("nav-cards"));
    expect((await screen.findByTestId("cards-total")).textContent).toBe("10,000+ cards");
    const grid = screen.getByRole("grid", { name: "All cards" });
    expect(grid.getAttribute("aria-rowcount")).toBe("-1");
    act(() => grid.focus());
    await user.keyboard("{Control>}a{/Control}");
    expect(screen.getByTestId("pick-all").textContent).toBe("Select all 10,000+ that match");
  });

  it("is filtered by the search box while it is in view", async () => {
    const { user, desk } = await openCards();
    await user.click(screen.getByTestId("search"));
    await user.keyboard("state:inactive brand:visa ada");
    await waitFor(() => {
      for (const row of screen.getAllByTestId("cards-row")) expect(row.dataset.state).toBe("inactive");
    });
    expect(screen.getByTestId("tab-cards").getAttribute("aria-current")).toBe("page");
    expect(desk.asked.some((x) => x.name === "find_people")).toBe(false);
    expect(screen.getByTestId("chip-state").textContent).toBe("StateInactive");
  });

  it("writes filters with chips and takes them away", async () => {
    const { user } = await openCards();
    const search = screen.getByTestId<HTMLInputElement>("search");
    await user.click(screen.getByTestId("chip-one-click"));
    await user.click(await screen.findByRole("menuitemradio", { name: /^Off/ }));
    expect(search.value).toBe("one-click:off");
    await user.click(screen.getByTestId("chip-brand"));
    await user.click(await screen.findByRole("menuitemcheckbox", { name: /^Visa/ }));
    await user.click(await screen.findByRole("menuitemcheckbox", { name: /^JCB/ }));
    await user.keyboard("{Escape}");
    expect(search.value).toBe("one-click:off brand:visa,jcb");
    await user.click(screen.getByRole("button", { name: "Remove the filter One-click: Off" }));
    expect(search.value).toBe("brand:visa,jcb");
  });

  it("asks for one account by itself", async () => {
    const opened = await openCards();
    await opened.user.click(screen.getByTestId("chip-account"));
    await opened.user.click(await screen.findByRole("menuitemradio", { name: /^Shop EU/ }));
    const account = opened.desk.world.accounts.find((x) => x.label === "Shop EU")?.id;
    await waitFor(() => expect(asked(opened, "list_cards").at(-1)?.request).toMatchObject({ account_id: account }));
    await waitFor(() => {
      for (const row of screen.getAllByTestId("cards-row")) expect(row.textContent).toContain("Shop EU");
    });
  });

  it("moves by arrows and letters, opens the customer with Enter and the card with Shift Enter", async () => {
    const { user, grid } = await openCards();
    const rows = screen.getAllByTestId("cards-row");
    await user.keyboard("{ArrowDown}j");
    expect(current(grid)).toBe(rows[2]);
    await user.keyboard("k");
    expect(current(grid)).toBe(rows[1]);
    await user.keyboard("{Shift>}{Enter}{/Shift}");
    expect(await screen.findByTestId("card-panel")).toBeTruthy();
    await user.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByTestId("card-panel")).toBeNull());
    act(() => grid.focus());
    await user.keyboard("{Enter}");
    expect(await screen.findByTestId("refresh")).toBeTruthy();
  });

  it("opens a card's panel by a press on its row", async () => {
    const { user } = await openCards();
    const [row] = screen.getAllByTestId("cards-row");
    await user.click(row as HTMLElement);
    expect(await screen.findByTestId("card-panel")).toBeTruthy();
    await expectAccessible();
  });

  it("moves from the search field too", async () => {
    const { user } = await openCards();
    const search = screen.getByTestId("search");
    await user.click(search);
    const rows = screen.getAllByTestId("cards-row");
    await waitFor(() => expect(search.getAttribute("aria-activedescendant")).toBe(rows[0]?.id));
    await user.keyboard("{ArrowDown}");
    await waitFor(() => expect(search.getAttribute("aria-activedescendant")).toBe(rows[1]?.id));
  });

  it("selects with X, extends with Shift, and offers everything that matches", async () => {
    const { user, grid } = await openCards({ people: 400 });
    await user.keyboard("x{Shift>}{ArrowDown}{ArrowDown}{/Shift}");
    expect(screen.getByTestId("bulk-count").textContent).toBe("3 selected");
    await user.keyboard("{Shift>}{ArrowUp}{/Shift}");
    expect(screen.getByTestId("bulk-count").textContent).toBe("2 selected");
    expect(screen.getAllByTestId("cards-row").filter((x) => x.getAttribute("aria-selected") === "true").length).toBe(2);
    expect(screen.queryByTestId("pick-all")).toBeNull();
    await user.keyboard("{Control>}a{/Control}");
    expect(screen.getByTestId("bulk-count").textContent).toBe("100 selected");
    await expectAccessible();
    await user.click(screen.getByTestId("pick-all"));
    const total = Number(grid.getAttribute("aria-rowcount")) - 1;
    expect(screen.getByTestId("bulk-count").textContent).toBe(`${total} selected`);
    act(() => grid.focus());
    await user.keyboard("{Escape}");
    expect(screen.queryByTestId("bulk-bar")).toBeNull();
  });

  it("plans for the search, not for ids, when everything that matches is selected", async () => {
    const opened = await openCards({ people: 400 });
    const { user, grid } = opened;
    fireEvent.change(screen.getByTestId("search"), { target: { value: "state:active" } });
    await waitFor(() => expect(screen.getByTestId("chip-state").textContent).toContain("Active"));
    await waitFor(() => expect(grid.dataset.stale).toBeUndefined());
    act(() => grid.focus());
    await user.keyboard("{Control>}a{/Control}");
    await user.click(await screen.findByTestId("pick-all"));
    await user.click(screen.getByTestId("bulk-one_click_off"));
    await screen.findByTestId("plan-dialog");
    expect(asked(opened, "make_plan")[0]?.request).toEqual({
      env: "live",
      action: "one_click_off",
      cards: [],
      query: "state:active",
    });
  });

  it("names every card of one account, which a search text cannot", async () => {
    const opened = await openCards({ people: 400 });
    const { user, desk, grid } = opened;
    await user.click(screen.getByTestId("chip-account"));
    await user.click(await screen.findByRole("menuitemradio", { name: /^Shop EU/ }));
    await waitFor(() => expect(grid.dataset.stale).toBeUndefined());
    act(() => grid.focus());
    await user.keyboard("{Control>}a{/Control}");
    await user.click(await screen.findByTestId("pick-all"));
    const there = [...desk.world.cards.values()].filter((x) => x.customer.account.label === "Shop EU");
    await waitFor(() => expect(screen.getByTestId("bulk-count").textContent).toBe(`${there.length} selected`));
    await user.click(screen.getByTestId("bulk-deactivate"));
    await screen.findByTestId("plan-dialog");
    const request = asked(opened, "make_plan")[0]?.request as { cards: string[]; query: string | null };
    expect(request.query).toBeNull();
    expect([...request.cards].sort()).toEqual(there.map((x) => x.id).sort());
  });

  it("forgets the selection with another search", async () => {
    const { user } = await openCards();
    await user.keyboard("x");
    expect(screen.getByTestId("bulk-bar")).toBeTruthy();
    fireEvent.change(screen.getByTestId("search"), { target: { value: "ada" } });
    await waitFor(() => expect(screen.queryByTestId("bulk-bar")).toBeNull());
  });

  it("shows a key's change on its row and keeps the row's place", async () => {
    const { user, desk } = await openCards({ step: 60_000 });
    fireEvent.change(screen.getByTestId("search"), { target: { value: "ada@lindqvist one-click:on state:active" } });
    await waitFor(() => expect(screen.getAllByTestId("cards-row").length).toBe(3));
    await user.click(screen.getByTestId("search"));
    fireEvent.change(screen.getByTestId("search"), { target: { value: "ada@lindqvist state:active" } });
    await waitFor(() => expect(screen.getAllByTestId("cards-row").length).toBe(4));
    act(() => screen.getByRole("grid", { name: "All cards" }).focus());
    await user.keyboard("o");
    await waitFor(() => expect(desk.asked.some((x) => x.name === "set_one_click")).toBe(true));
    await waitFor(() => expect(document.querySelector(".cl.cur .mark-flip.asked")).toBeTruthy());
  });

  it("says what was searched when nothing is found", async () => {
    await openCards();
    fireEvent.change(screen.getByTestId("search"), { target: { value: "lindqvst brand:visa" } });
    const none = await screen.findByTestId("no-cards");
    expect(within(none).getByText("No card found for “lindqvst”")).toBeTruthy();
    expect(within(none).getByText("brand:visa")).toBeTruthy();
    expect(within(none).getByText("Shop CH")).toBeTruthy();
    await expectAccessible();
  });

  it("refuses a card number and a wrong filter in words", async () => {
    await openCards();
    fireEvent.change(screen.getByTestId("search"), { target: { value: "4111 1111 1111 1111" } });
    expect(await screen.findByText("This looks like a full card number")).toBeTruthy();
    fireEvent.change(screen.getByTestId("search"), { target: { value: "state:green" } });
    expect(await screen.findByText(/The filter state does not know this value/)).toBeTruthy();
  });

  it("says in the table's place when the cards cannot be read", async () => {
    const { desk, user } = openWindow({ start: "live" });
    desk.fail("list_cards", problem("disk_full", "The disk is full.", { retryable: true }));
    await user.click(await screen.findByTestId("nav-cards"));
    expect(await screen.findByText("The disk is full.")).toBeTruthy();
    desk.fail("list_cards", null);
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect((await screen.findAllByTestId("cards-row")).length).toBeGreaterThan(0);
  });

  it("shows bars of the rows' height while the first cards take long", async () => {
    const { user } = openWindow({ start: "live", latency: 300 });
    await user.click(await screen.findByTestId("nav-cards"));
    expect(await screen.findByTestId("cards-skeleton")).toBeTruthy();
    expect((await screen.findAllByTestId("cards-row")).length).toBeGreaterThan(0);
    expect(screen.queryByTestId("cards-skeleton")).toBeNull();
  });
});

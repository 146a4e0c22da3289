import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { expectAccessible, openCustomer, openWindow } from "../../test/render";

describe("finding a customer", () => {
  it("begins with the first key press", async () => {
    openWindow({ start: "live" });
    const search = await screen.findByTestId("search");
    expect(document.activeElement).toBe(search);
    expect(await screen.findByText("Find a customer")).toBeTruthy();
    await expectAccessible();
  });

  it("groups by how they were found and marks the match", async () => {
    const { user } = openWindow({ start: "live" });
    await user.click(await screen.findByTestId("search"));
    await user.keyboard("ada@");
    expect(await screen.findByText("Email starts with “ada@”")).toBeTruthy();
    expect(screen.getByText("Email contains “ada@”")).toBeTruthy();
    const rows = screen.getAllByTestId("person-row");
    for (const row of rows) expect(row.querySelector("mark")?.textContent?.toLowerCase()).toBe("ada@");
    await expectAccessible();
  });

  it("gives a group's number only when it is exact", async () => {
    const { user } = openWindow({ start: "live", people: 300 });
    await user.click(await screen.findByTestId("search"));
    await user.keyboard("ada@");
    const closed = (await screen.findByText("Email starts with “ada@”")).closest(".ghead");
    expect(closed?.textContent).toBe("Email starts with “ada@”3");
    await user.clear(screen.getByTestId("search"));
    await user.keyboard("example");
    const open = (await screen.findByText("Email contains “example”")).closest(".ghead");
    expect(open?.textContent).toBe("Email contains “example”");
  });

  it("keeps the match of a long email visible and the whole email for screen readers", async () => {
    const { user } = openWindow({ start: "live" });
    await user.click(await screen.findByTestId("search"));
    await user.keyboard("posada@kund");
    const row = await screen.findByTestId("person-row");
    expect(row.querySelector("mark")?.textContent).toBe("posada@kund");
    expect(row.querySelector(".pe [aria-hidden]")?.textContent).toContain("…");
    expect(within(row).getByText(/^wilhelmina\.van.*example\.org$/)).toBeTruthy();
  });

  it("names the active row to the field while the keyboard stays there", async () => {
    const { user } = openWindow({ start: "live" });
    const search = await screen.findByTestId("search");
    await user.click(search);
    await user.keyboard("ada@");
    const rows = await screen.findAllByTestId("person-row");
    await waitFor(() => expect(search.getAttribute("aria-activedescendant")).toBe(rows[0]?.id));
    await user.keyboard("{ArrowDown}");
    await waitFor(() => expect(search.getAttribute("aria-activedescendant")).toBe(rows[1]?.id));
    expect(document.activeElement).toBe(search);
  });

  it("drops an answer that is no longer asked for", async () => {
    const { desk, user } = openWindow({ start: "live" });
    await user.click(await screen.findByTestId("search"));
    const real = desk.call.bind(desk);
    let late: (() => void) | undefined;
    desk.call = async (name, request) => {
      const answer = await real(name, request);
      if (name === "find_people" && "text" in request && request.text === "a") {
        await new Promise<void>((done) => {
          late = done;
        });
      }
      return answer;
    };
    await user.keyboard("armada");
    await waitFor(() => expect(screen.getAllByTestId("person-row")).toHaveLength(1));
    late?.();
    await new Promise((done) => setTimeout(done, 30));
    expect(screen.getAllByTestId("person-row")).toHaveLength(1);
  });

  it("asks a slow desk only for what is still wanted, and shows no numbers of an earlier text", async () => {
    const { desk, user } = openWindow({ start: "live" });
    await user.click(await screen.findByTestId("search"));
    await user.keyboard("ada");
    await screen.findByText(/^found in/);
    const real = desk.call.bind(desk);
    const asked: string[] = [];
    const slow: (() => void)[] = [];
    desk.call = async (name, request) => {
      if (name === "find_people" && "text" in request) {
        asked.push(String(request.text));
        await new Promise<void>((done) => slow.push(done));
      }
      return real(name, request);
    };
    await user.keyboard("@lindqvist{Enter}");
    expect(await screen.findByText("Searching…")).toBeTruthy();
    expect(screen.queryByText(/^found in/)).toBeNull();
    expect(await screen.findByTestId("panel-skeleton")).toBeTruthy();
    // Two under way, and nothing else while those last.
    expect(asked).toEqual(["ada@", "ada@l"]);
    slow[0]?.();
    await waitFor(() => expect(asked).toEqual(["ada@", "ada@l", "ada@lindqvist"]));
    for (const go of slow) go();
    expect(await screen.findByRole("heading", { level: 1, name: "Ada Lindqvist" })).toBeTruthy();
    expect(await screen.findByText(/^found in/)).toBeTruthy();
    expect(asked).toHaveLength(3);
  });

  it("opens the first result even when Enter is faster than the answer", async () => {
    const { user } = openWindow({ start: "live", latency: 40 });
    await user.click(await screen.findByTestId("search"));
    await user.keyboard("ada@lind{Enter}");
    expect(await screen.findByRole("heading", { level: 1, name: "Ada Lindqvist" })).toBeTruthy();
  });

  it("shows filters typed in words as chips that can be taken away", async () => {
    const { user } = openWindow({ start: "live" });
    const search = await screen.findByTestId<HTMLInputElement>("search");
    await user.click(search);
    await user.keyboard("state:inactive ada");
    const chip = await screen.findByTestId("filter-chip");
    expect(chip.textContent).toContain("Inactive");
    await user.click(chip);
    expect(search.value).toBe("ada");
    expect(screen.queryByTestId("filter-chip")).toBeNull();
  });

  it("says what was searched when nobody is found", async () => {
    const { user } = openWindow({ start: "live" });
    await user.click(await screen.findByTestId("search"));
    await user.keyboard("lindqvst@");
    const none = await screen.findByTestId("no-result");
    expect(within(none).getByText("Nobody found for “lindqvst@”")).toBeTruthy();
    expect(within(none).getByText("Shop CH")).toBeTruthy();
    expect(within(none).getByText("Read everything again")).toBeTruthy();
    await expectAccessible();
  });

  it("refuses a card number in plain words", async () => {
    const { desk } = openWindow({ start: "live" });
    const search = await screen.findByTestId("search");
    fireEvent.change(search, { target: { value: "4111 1111 1111 1111" } });
    expect(await screen.findByText("This looks like a full card number")).toBeTruthy();
    expect(desk.asked.some((x) => x.name === "find_people")).toBe(true);
  });

  it("lists who was opened lately before anything is typed", async () => {
    const opened = openWindow({ start: "live" });
    await openCustomer(opened, "ada@lind");
    await opened.user.clear(screen.getByTestId("search"));
    expect(await screen.findByText("Opened lately on this desk")).toBeTruthy();
    expect((await screen.findByTestId("person-row")).textContent).toContain("Ada Lindqvist");
  });

  it("shows a search that failed where the results would be", async () => {
    const { desk, user } = openWindow({ start: "live" });
    desk.fail("find_people", problem("ledger_damaged", "The ledger is damaged.", { hint: "Restore it." }));
    await user.click(await screen.findByTestId("search"));
    await user.keyboard("a");
    expect(await screen.findByText("The ledger is damaged.")).toBeTruthy();
    await user.click(screen.getByText("Details"));
    expect(screen.getByText("ledger_damaged")).toBeTruthy();
  });

  it("forgets nothing of one environment into another", async () => {
    const opened = openWindow({ start: "two" });
    await openCustomer(opened, "ada@lind");
    await opened.user.keyboard("{Control>}3{/Control}");
    await waitFor(() => expect(document.querySelector(".strip")?.getAttribute("data-env")).toBe("demo"));
    expect(screen.queryByTestId("card-row")).toBeNull();
    await opened.user.keyboard("{Control>}1{/Control}");
    await waitFor(() => expect(document.querySelector(".strip")?.getAttribute("data-env")).toBe("live"));
  });
});

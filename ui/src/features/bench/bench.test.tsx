import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { expectAccessible, type Opened, openWindow } from "../../test/render";

async function openBench(options: Parameters<typeof openWindow>[0] = {}): Promise<Opened> {
  const opened = openWindow({ start: "five", people: 1, ...options });
  await opened.user.click(await screen.findByTestId("nav-accounts"));
  await opened.user.click(await screen.findByText("Market"));
  return opened;
}

async function begin({ user }: Opened, flow: string): Promise<void> {
  await user.click(await screen.findByTestId("account-bench"));
  await user.click(await screen.findByTestId(`begin-${flow}`));
}

describe("the test bench", () => {
  it("walks a flow step by step, each with its outcome, meaning and next step", async () => {
    const opened = await openBench();
    await begin(opened, "token_once");
    const first = await screen.findByTestId("step-create");
    expect(first.getAttribute("aria-current")).toBe("step");
    expect(screen.queryByTestId("run-pay")).toBeNull();
    await expectAccessible();
    await opened.user.click(within(first).getByRole("button", { name: /Test card/ }));
    await opened.user.click(await screen.findByTestId("option-visa_later"));
    await opened.user.click(screen.getByTestId("run-create"));
    await waitFor(() => expect(first.getAttribute("data-outcome")).toBe("201"));
    expect(within(first).getByText("As documented")).toBeTruthy();
    expect(within(first).getByText("Next: Pay with it before it expires.")).toBeTruthy();
    expect(opened.desk.asked.find((x) => x.name === "run_flow_step")?.request).toMatchObject({
      step: "create",
      choices: { card: "visa_later", email: "buyer@example.com" },
    });
    await opened.user.click(screen.getByTestId("run-pay"));
    const pay = screen.getByTestId("step-pay");
    await waitFor(() => expect(pay.getAttribute("data-outcome")).toBe("requires_action"));
    await opened.user.click(within(pay).getByTestId("open-link"));
    await waitFor(() =>
      expect(opened.desk.asked.find((x) => x.name === "open_page")?.request).toEqual({
        url: "https://bank.example.com/3ds/8f1c22",
      }),
    );
    // What can be left out stands in nobody's way.
    expect(screen.getByTestId("run-again")).toBeTruthy();
    expect(screen.getByTestId("run-list")).toBeTruthy();
    await expectAccessible();
  });

  it("folds requests and answers, which can be read and never show a number", async () => {
    const opened = await openBench();
    await begin(opened, "token_once");
    await opened.user.click(await screen.findByTestId("run-create"));
    const line = await screen.findByTestId("exchange");
    expect(line.getAttribute("aria-expanded")).toBe("false");
    await opened.user.click(line);
    expect(line.getAttribute("aria-expanded")).toBe("true");
    const body = screen.getByText(/"number": "•••• •••• •••• 1111"/);
    expect(body.tagName).toBe("PRE");
    await expectAccessible();
  });

  it("shows what went otherwise or not at all, and runs a step again", async () => {
    const opened = await openBench();
    await begin(opened, "without_verification");
    await opened.user.click(await screen.findByTestId("run-customer"));
    await opened.user.click(await screen.findByTestId("run-token"));
    expect(await screen.findByText("Not as documented")).toBeTruthy();
    await opened.user.click(await screen.findByTestId("run-delete"));
    expect(await screen.findByText("Failed")).toBeTruthy();
    expect(screen.getByText("no answer", { selector: ".semi" })).toBeTruthy();
    await opened.user.click(screen.getByTestId("run-delete"));
    expect(await screen.findByText("Show 1 earlier run of this step")).toBeTruthy();
    await expectAccessible();
  });

  it("says at the step why it was not run", async () => {
    const opened = await openBench();
    await begin(opened, "token_once");
    opened.desk.fail("run_flow_step", problem("bench_not_here", "It has no publishable key, which this flow needs."));
    await opened.user.click(await screen.findByTestId("run-create"));
    const step = screen.getByTestId("step-create");
    expect(await within(step).findByText("It has no publishable key, which this flow needs.")).toBeTruthy();
  });

  it("refuses a card number in a free text at its field", async () => {
    const opened = await openBench();
    await begin(opened, "token_once");
    const email = await screen.findByTestId("choice-email");
    await opened.user.clear(email);
    await opened.user.type(email, "4111111111111111");
    await opened.user.click(screen.getByTestId("run-create"));
    expect(await screen.findByText("This looks like a full card number")).toBeTruthy();
    expect(email.getAttribute("aria-invalid")).toBe("true");
  });

  it("lists tokens with the time they still work, and keeps runs", async () => {
    const opened = await openBench();
    await begin(opened, "token_once");
    await opened.user.click(await screen.findByTestId("run-create"));
    await screen.findByTestId("exchange");
    await opened.user.click(screen.getByTestId("bench-back"));
    const token = await screen.findByTestId("single-use");
    expect(token.getAttribute("data-status")).toBe("usable");
    expect(token.textContent).toMatch(/Usable(30:00|29:\d\d) left/);
    await expectAccessible();
    await opened.user.click(screen.getByTestId("open-run"));
    await opened.user.click(await screen.findByTestId("run-pay"));
    await screen.findByText("completed");
    await opened.user.click(screen.getByTestId("bench-back"));
    await waitFor(() => expect(screen.getByTestId("single-use").getAttribute("data-status")).toBe("used"));
  });

  it("is not offered for a live account", async () => {
    await openBench({ env: "live" });
    await screen.findByText("What each switch really does here");
    expect(screen.queryByTestId("account-bench")).toBeNull();
  });
});

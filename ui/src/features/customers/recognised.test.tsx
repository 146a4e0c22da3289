import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { expectAccessible, type Opened, openWindow } from "../../test/render";

async function paste(text: string | ((opened: Opened) => string)): Promise<Opened> {
  const opened = openWindow({ start: "five", people: 1 });
  await opened.user.click(await screen.findByTestId("search"));
  await opened.user.paste(typeof text === "string" ? text : text(opened));
  return opened;
}

describe("a pasted id", () => {
  it("says what it could be, and that nothing can be looked up", async () => {
    const opened = await paste("tok_8rT2mQ");
    const items = await screen.findAllByTestId("recognised-as");
    expect(items.map((x) => x.textContent)).toEqual([
      expect.stringContaining("Single-use token, KOMOJU"),
      expect.stringContaining("Single-use token, ProcessOut"),
    ]);
    expect(screen.queryByTestId("look-up")).toBeNull();
    expect(opened.desk.asked.some((x) => x.name === "look_up")).toBe(false);
    await expectAccessible();
  });

  it("opens the card that is known here", async () => {
    const opened = await paste(({ desk }) => desk.cardEnding("9087").remoteId);
    const item = await screen.findByTestId("recognised-as");
    expect(within(item).getByText(/Known here, at Market/)).toBeTruthy();
    await opened.user.click(within(item).getByTestId("open-recognised"));
    const panel = await screen.findByTestId("card-panel");
    expect(await within(panel).findByRole("heading", { name: "Mastercard 9087" })).toBeTruthy();
  });

  it("asks the payment system only when told to, in the account chosen", async () => {
    const opened = await paste("9912345");
    const item = await screen.findByTestId("recognised-as");
    const buttons = within(item).getAllByTestId("look-up");
    expect(buttons.map((x) => x.textContent)).toEqual(["Look up in Shop CH", "Look up in Shop CH, outlet"]);
    expect(opened.desk.asked.some((x) => x.name === "look_up")).toBe(false);
    await opened.user.click(buttons[1] as HTMLElement);
    expect(await within(item).findByText("wallee knows no such id in Shop CH, outlet.")).toBeTruthy();
    await expectAccessible();
  });

  it("says when it could not ask", async () => {
    const opened = await paste("9912345");
    opened.desk.fail("look_up", problem("unreachable", "wallee was not reached.", { retryable: true }));
    const [button] = await screen.findAllByTestId("look-up");
    await opened.user.click(button as HTMLElement);
    expect(await screen.findByText("wallee was not reached.")).toBeTruthy();
  });

  it("leaves words, emails and short texts alone", async () => {
    const opened = await paste("ada@lindqvist.example.com");
    await screen.findAllByTestId("person-row");
    await opened.user.clear(screen.getByTestId("search"));
    await opened.user.paste("4242");
    await waitFor(() => expect(screen.queryByTestId("recognised")).toBeNull());
    expect(opened.desk.asked.some((x) => x.name === "recognise")).toBe(false);
  });
});

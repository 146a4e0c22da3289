import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { problem } from "../../platform/fake/records";
import { expectAccessible, type Opened, openWindow } from "../../test/render";

async function openDirectory(account: string, customers = 214): Promise<Opened> {
  const opened = openWindow({ start: "five", people: 1 });
  for (const each of opened.desk.world.accounts) each.directory = each.directory?.slice(0, customers) ?? null;
  await opened.user.click(await screen.findByTestId("nav-accounts"));
  await opened.user.click(await screen.findByText(account));
  await opened.user.click(await screen.findByTestId("account-directory"));
  return opened;
}

async function pasteLines({ user }: Opened, lines: string): Promise<void> {
  await user.click(await screen.findByTestId("directory-import"));
  await user.click(await screen.findByTestId("import-text"));
  await user.paste(lines);
  await user.click(screen.getByTestId("import-look"));
}

const imports = (opened: Opened) =>
  opened.desk.asked
    .filter((x) => x.name === "import_directory")
    .map((x) => x.request as { dry_run: boolean; tokens_confirmed: boolean; columns: unknown });

describe("imported customers", () => {
  it("are listed with what is known of them, and removed after a question", async () => {
    const opened = await openDirectory("Market", 2);
    const rows = await screen.findAllByTestId("directory-row");
    expect(rows.map((x) => x.textContent)).toEqual([
      expect.stringContaining("ada.lindqvist-0093"),
      expect.stringContaining("hana-0412"),
    ]);
    await expectAccessible();
    await opened.user.click(within(rows[1] as HTMLElement).getByTestId("directory-remove"));
    expect(await screen.findByText(/Nothing changes at Zafapay/)).toBeTruthy();
    await opened.user.click(screen.getByTestId("confirm-directory-remove"));
    await waitFor(() => expect(screen.getAllByTestId("directory-row")).toHaveLength(1));
  });

  it("say what to do when there are none", async () => {
    await openDirectory("Market", 0);
    expect(await screen.findByText("Nobody is imported yet")).toBeTruthy();
    await expectAccessible();
  });

  it("are tried first, told line by line, and stored only then", async () => {
    const opened = await openDirectory("Market", 2);
    await pasteLines(
      opened,
      "customer_id,email,name\nshop-1,a@example.com,Ann\nshop-1,a@example.com,Ann\n,b@example.com,Ben\nhana-0412,hana.sato@example.net,佐藤 花\n",
    );
    const report = await screen.findByTestId("import-report");
    expect(report.textContent).toContain("1 customer is new");
    expect(report.textContent).toContain("1 is here already");
    expect(report.textContent).toContain("Line 3Repeats line 2.");
    expect(report.textContent).toContain("Line 4The customer id is empty.");
    expect(opened.desk.world.accounts[4]?.directory).toHaveLength(2);
    await expectAccessible();
    await opened.user.click(screen.getByTestId("import-store"));
    expect(await screen.findByTestId("import-done")).toBeTruthy();
    expect(imports(opened).map((x) => x.dry_run)).toEqual([true, false]);
    expect(opened.desk.world.accounts[4]?.directory).toHaveLength(3);
  });

  it("come from a file that is chosen", async () => {
    const opened = await openDirectory("Market", 2);
    await opened.user.click(await screen.findByTestId("directory-import"));
    const input = document.querySelector<HTMLInputElement>('input[type="file"]');
    await opened.user.upload(input as HTMLInputElement, new File(["id;email\nk1;k1@example.com\n"], "shop.csv"));
    expect(await screen.findByText("shop.csv")).toBeTruthy();
    expect((await screen.findByTestId("import-report")).textContent).toContain("1 customer is new");
  });

  it("ask which column is what where the first line does not tell", async () => {
    const opened = await openDirectory("Market", 2);
    await pasteLines(opened, "Kundennummer;Mail\nK1;k1@example.com\n");
    expect(await screen.findByText(/Which column is what\? The names/)).toBeTruthy();
    expect(screen.getByTestId<HTMLButtonElement>("import-store").disabled).toBe(true);
    await expectAccessible();
    await opened.user.click(within(screen.getByTestId("column-customer_id")).getByRole("button"));
    await opened.user.click(await screen.findByRole("option", { name: "Kundennummer" }));
    expect((await screen.findByTestId("import-report")).textContent).toContain("1 customer is new");
    expect(imports(opened).at(-1)?.columns).toMatchObject({ customer_id: "Kundennummer" });
  });

  it("ask once whether a token column holds card numbers, and store nothing before", async () => {
    const opened = await openDirectory("Payments lab", 2);
    await pasteLines(
      opened,
      "customer_id,email,token\ncus_1,a@example.com,4111111111111111\ncus_2,b@example.com,pm_2\n",
    );
    expect(await screen.findByText("1 value in the token column could be a card number")).toBeTruthy();
    expect(screen.getByTestId<HTMLButtonElement>("import-store").disabled).toBe(true);
    await expectAccessible();
    await opened.user.click(screen.getByTestId("tokens-confirmed"));
    expect((await screen.findByTestId("import-report")).textContent).toContain("2 customers are new");
    await opened.user.click(screen.getByTestId("import-store"));
    await screen.findByTestId("import-done");
    expect(imports(opened).map((x) => [x.dry_run, x.tokens_confirmed])).toEqual([
      [true, false],
      [true, true],
      [false, true],
    ]);
  });

  it("say why a file cannot be used at all", async () => {
    const opened = await openDirectory("Market", 2);
    opened.desk.fail("import_directory", problem("directory_unreadable", "The file is not text in UTF-8."));
    await pasteLines(opened, "x");
    expect(await screen.findByText("The file is not text in UTF-8.")).toBeTruthy();
    expect(screen.getByTestId<HTMLButtonElement>("import-store").disabled).toBe(true);
  });

  it("are added one by one, with the problem at its field", async () => {
    const opened = await openDirectory("Market", 2);
    await opened.user.click(await screen.findByTestId("directory-add"));
    const confirm = await screen.findByTestId<HTMLButtonElement>("confirm-directory-add");
    expect(confirm.disabled).toBe(true);
    await opened.user.type(screen.getByTestId("directory-customer_id"), "4111111111111111");
    await opened.user.click(confirm);
    expect(await screen.findByText("This looks like a full card number")).toBeTruthy();
    await expectAccessible();
    await opened.user.clear(screen.getByTestId("directory-customer_id"));
    await opened.user.type(screen.getByTestId("directory-customer_id"), "shop-77");
    await opened.user.click(confirm);
    await waitFor(() => expect(opened.desk.world.accounts[4]?.directory).toHaveLength(3));
    expect(screen.queryByTestId("directory-add-dialog")).toBeNull();
  });
});

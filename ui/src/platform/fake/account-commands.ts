/** What the fake desk answers about accounts and their directories. */
import type { Commands, DirectoryColumns, Imported, LineNote } from "../../contract";
import { checkConnection, newAccount, readAccount } from "./accounts";
import { addPeople } from "./people";
import { type Account, type Desk, problem } from "./records";
import { optionOf, SYSTEMS, systemOf } from "./systems";
import { accountView, isOpen } from "./views";

type Names =
  | "list_accounts"
  | "provider_options"
  | "test_connection"
  | "connect_account"
  | "check_account"
  | "pause_account"
  | "set_read_only"
  | "removal_facts"
  | "remove_account"
  | "forget_lesson"
  | "import_directory"
  | "add_to_directory"
  | "list_directory"
  | "remove_from_directory"
  | "allow_verification"
  | "forget_one_click";

const KEYS: Record<string, string> = {
  wallee: "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5",
  processout: "key_kept0000",
  prism: "{}",
};

export function accountOf(desk: Desk, id: string): Account {
  const account = desk.world.accounts.find((x) => x.id === id);
  if (!account) throw problem("account_unknown", "This account is not on this desk.");
  return account;
}

export function accountCommands(
  desk: Desk,
  truth: () => Account["truth"],
): { [C in Names]: (request: Commands[C]["request"]) => Commands[C]["response"] } {
  const { world, changed } = desk;
  const account = (id: string) => accountOf(desk, id);
  const of = (id: string) => [...world.cards.values()].filter((x) => x.customer.account.id === id);
  return {
    list_accounts: () => ({
      items: world.accounts.map((x) => accountView(world, x)),
      next: null,
      known_hosts: SYSTEMS[0]?.host.known ?? [],
      copy: { cards: world.cards.size, bytes: 21_400_000, folder: "/home/mira/.local/share/tokendesk" },
    }),
    provider_options: () => ({ items: SYSTEMS.map(optionOf) }),
    test_connection: (request) => checkConnection(request),
    connect_account: (request) => {
      checkConnection(request);
      const system = systemOf(request.provider);
      if (
        request.space !== "" &&
        world.accounts.some((x) => x.system === system && x.space === request.space && !x.builtIn)
      ) {
        throw problem("account_exists", `Space ${request.space} is already connected.`, { field: "space" });
      }
      const made = newAccount(request.label, request.env, truth(), system);
      const own = request.env === "live" ? system.host.live : system.host.test;
      Object.assign(made, {
        host: request.host || `https://${own ?? ""}`,
        space: request.space,
        user: request.user,
        connector: request.connector,
        readOnly: request.read_only,
        lesson: system.carriers.active === "asked_and_proven" ? "untried" : "accepts",
        readSince: null,
        finishedAt: null,
      });
      world.accounts.push(made);
      if (!system.keepsDirectory) {
        addPeople(world, [made], 200, 23);
        readAccount(made, desk.step(), changed);
      }
      changed(["status", "accounts", "cards"]);
      return accountView(world, made);
    },
    check_account: ({ account_id }) => {
      const at = account(account_id);
      const side = at.env === "live" ? "live" : "test";
      at.check = checkConnection({
        provider: at.system.provider,
        label: at.label,
        env: at.env,
        host: at.host,
        space: at.space,
        user: at.user,
        connector: at.connector,
        key: KEYS[at.system.provider] ?? `sk_${side}_kept0000`,
        publishable_key: null,
        read_only: at.readOnly,
      });
      changed(["accounts"]);
      return at.check;
    },
    pause_account: ({ account_id, paused }) => {
      const at = account(account_id);
      at.pausedByPerson = paused;
      if (!paused) at.paused = null;
      changed(["accounts", "status"]);
      return accountView(world, at);
    },
    set_read_only: ({ account_id, read_only }) => {
      const at = account(account_id);
      at.readOnly = read_only;
      changed(["accounts", "cards"]);
      return accountView(world, at);
    },
    removal_facts: ({ account_id }) => ({
      cards: of(account_id).length,
      open_changes: world.changes.filter((x) => x.account_id === account_id && isOpen(x)).length,
      directory: account(account_id).directory?.length ?? 0,
      notes: of(account_id).filter((x) => x.note).length,
      log_rows: 214,
    }),
    remove_account: ({ account_id, discard_changes }) => {
      const at = account(account_id);
      const open = world.changes.filter((x) => x.account_id === account_id && isOpen(x));
      if (open.length > 0 && !discard_changes) {
        throw problem("account_has_open_changes", `${at.label} has changes that are not confirmed.`);
      }
      for (const change of open) Object.assign(change, { status: "withdrawn", why: "discard" });
      world.accounts.splice(world.accounts.indexOf(at), 1);
      for (const person of world.people) person.customers = person.customers.filter((x) => x.account !== at);
      world.people = world.people.filter((x) => x.customers.length > 0);
      for (const card of of(account_id)) world.cards.delete(card.id);
      changed(["status", "accounts", "cards", "changes"]);
      return {};
    },
    forget_lesson: ({ account_id }) => {
      const at = account(account_id);
      at.lesson = "untried";
      changed(["accounts", "cards"]);
      return accountView(world, at);
    },
    allow_verification: ({ account_id, allowed }) => {
      const at = account(account_id);
      at.verificationAllowed = allowed;
      changed(["accounts", "cards"]);
      return accountView(world, at);
    },
    forget_one_click: ({ account_id, external_customer_id }) => {
      const at = account(account_id);
      if (external_customer_id.includes(" ")) {
        throw problem("not_found_at_provider", `${at.system.name} has no one-click record for this id.`, {
          field: "external_customer_id",
        });
      }
      return { says: `${at.system.name} has forgotten the one-click record of ${external_customer_id}.` };
    },
    import_directory: ({ account_id, text, columns, tokens_confirmed, dry_run }) => {
      const at = account(account_id);
      const result = readCsv(at, text, columns, tokens_confirmed, dry_run);
      if (!dry_run && result.imported.tokens_to_confirm === null) {
        at.directory = [...(at.directory ?? []), ...result.rows].sort((a, b) =>
          a.customer_id.localeCompare(b.customer_id),
        );
        changed(["accounts", "cards"]);
      }
      return result.imported;
    },
    add_to_directory: ({ account_id, customer_id, email, name, token, tokens_confirmed }) => {
      const at = account(account_id);
      if (customer_id.trim() === "" && !token)
        throw problem("field_invalid", "A customer id is needed.", { field: "customer_id" });
      if (/\d{13}/.test(customer_id)) throw problem("card_number", "", { field: "customer_id" });
      const asks = token !== null && /^\d{12,}$/.test(token) && !tokens_confirmed;
      const known = at.directory?.find((x) => x.customer_id === customer_id);
      if (!asks && !known) {
        at.directory = [
          ...(at.directory ?? []),
          {
            customer_id,
            shown_id: customer_id,
            email,
            name,
            tokens: token ? 1 : 0,
            imported_at: new Date().toISOString(),
          },
        ].sort((a, b) => a.customer_id.localeCompare(b.customer_id));
        changed(["accounts", "cards"]);
      }
      return {
        ...EMPTY,
        new: asks || known ? 0 : 1,
        same: known ? 1 : 0,
        tokens_to_confirm: asks ? 1 : null,
      };
    },
    list_directory: ({ account_id, after, limit }) => {
      const all = account(account_id).directory ?? [];
      const from = after === null ? 0 : all.findIndex((x) => x.customer_id === after) + 1;
      const items = all.slice(from, from + limit);
      return {
        items,
        next: from + limit < all.length ? (items.at(-1)?.customer_id ?? null) : null,
        total: all.length,
      };
    },
    remove_from_directory: ({ account_id, customer_id }) => {
      const at = account(account_id);
      at.directory = (at.directory ?? []).filter((x) => x.customer_id !== customer_id);
      changed(["accounts", "cards"]);
      return {};
    },
  };
}

const NO_COLUMNS: DirectoryColumns = { customer_id: null, email: null, name: null, token: null };

const EMPTY: Imported = {
  new: 0,
  changed: 0,
  same: 0,
  duplicates: [],
  refused: [],
  more_notes: 0,
  header: [],
  columns: NO_COLUMNS,
  tokens_to_confirm: null,
  dry_run: false,
};

const HEADS: Record<keyof DirectoryColumns, string[]> = {
  customer_id: ["customer_id", "customer", "id"],
  email: ["email", "e-mail"],
  name: ["name"],
  token: ["token"],
};

function readCsv(
  account: Account,
  text: string,
  given: DirectoryColumns | null,
  confirmed: boolean,
  dry_run: boolean,
): { imported: Imported; rows: NonNullable<Account["directory"]> } {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const mark = [";", "\t"].find((x) => (lines[0] ?? "").includes(x)) ?? ",";
  const cells = (row: string) => row.split(mark).map((x) => x.trim());
  const header = cells(lines[0] ?? "");
  const found = (key: keyof DirectoryColumns) => header.find((x) => HEADS[key].includes(x.toLowerCase())) ?? null;
  const columns: DirectoryColumns = {
    customer_id: given?.customer_id ?? found("customer_id"),
    email: given?.email ?? found("email"),
    name: given?.name ?? found("name"),
    token: account.system.importsTokens ? (given?.token ?? found("token")) : null,
  };
  const imported: Imported = { ...EMPTY, header, columns, dry_run, duplicates: [], refused: [] };
  const rows: NonNullable<Account["directory"]> = [];
  const needed = account.system.importsTokens ? columns.token : columns.customer_id;
  if (needed === null) return { imported: { ...imported, columns: NO_COLUMNS }, rows };
  const value = (row: string[], key: keyof DirectoryColumns) =>
    columns[key] === null ? null : row[header.indexOf(columns[key] ?? "")] || null;
  const known = new Set((account.directory ?? []).map((x) => x.customer_id));
  const seen = new Map<string, number>();
  let suspicious = 0;
  for (const [at, raw] of lines.entries()) {
    if (at === 0 || raw.trim() === "") continue;
    const note = (says: string): LineNote => ({ line: at + 1, says });
    const row = cells(raw);
    const id = value(row, "customer_id");
    const token = value(row, "token");
    if (!id) imported.refused.push(note("The customer id is empty."));
    else if (/\d{15,}/.test(id))
      imported.refused.push(note("A cell looks like a card number. Nothing of this row is kept."));
    else if (seen.has(id)) imported.duplicates.push(note(`Repeats line ${seen.get(id)}.`));
    else {
      seen.set(id, at + 1);
      if (token && /^\d{13,19}$/.test(token)) suspicious += 1;
      if (known.has(id)) imported.same += 1;
      else {
        imported.new += 1;
        rows.push({
          customer_id: id,
          shown_id: id,
          email: value(row, "email"),
          name: value(row, "name"),
          tokens: token ? 1 : 0,
          imported_at: new Date().toISOString(),
        });
      }
    }
  }
  // Nothing is told of the lines before somebody has looked.
  if (suspicious > 0 && !confirmed) {
    return { imported: { ...EMPTY, header, columns, dry_run, tokens_to_confirm: suspicious }, rows: [] };
  }
  return { imported, rows };
}

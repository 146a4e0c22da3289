/** The fake desk's log, timelines and backups: invented from the people and cards of its world, and from what is asked of it. */
import type { BackupView, Commands, LogFilter, LogRow, TimelineItem } from "../../contract";
import { randomFrom } from "./people";
import { type Card, type Change, DAY, type Desk, problem, type World } from "./records";
import { accountView, cardsOf } from "./views";

export interface History {
  /** What was done before today, oldest first; invented when it is first asked for. */
  log: LogRow[];
  /** Whether the rows before today were invented. Set before the first question, the log begins empty. */
  invented: boolean;
  /** Rows written since: oldest first. */
  written: LogRow[];
  /** Instead of what would be invented, by person. Newest first. */
  timelines: Map<string, TimelineItem[]>;
  backups: BackupView[];
  /** A row that somebody tampered with, and how. */
  broken: { row: number; how: string } | null;
  /** What the person answers when the window asks where to write; `null`: nothing. */
  chosenFile: string | null;
}

const FOLDER = "/home/mira/.local/share/tokendesk/backups";
const ME = "Mira Hoffmann, desk front-07";
const COLLEAGUE = "Jude Okafor, desk front-07";
const HAPPENINGS_MAX = 9_200;

export const emptyHistory = (): History => ({
  log: [],
  invented: false,
  written: [],
  timelines: new Map(),
  backups: [
    backup(0.4, "asked", 12_391, 2),
    backup(9, "before_migration", 11_870, 0),
    backup(33, "before_restore", 9_412, 1),
    { ...backup(61, "asked", 0, 0), log_rows: null, open_changes: null },
  ],
  broken: null,
  chosenFile: "/home/mira/Documents/tokendesk-log-2026-11-21.csv",
});

function backup(daysAgo: number, why: string, logRows: number, open: number): BackupView {
  const made = new Date(Date.now() - daysAgo * DAY).toISOString();
  const name = `ledger-${made.slice(0, 19).replace(/[-:]/g, "").replace("T", "-")}-${why}.db`;
  return {
    path: `${FOLDER}/${name}`,
    name,
    made_at: made,
    bytes: 900_000 + logRows * 310,
    why,
    log_rows: logRows,
    open_changes: open,
  };
}

const cardWords = (card: Card) => (card.brandName && card.last4 ? `${card.brandName} ${card.last4}` : card.remoteId);

const about = (card: Card) => ({
  account_id: card.customer.account.id,
  account_label: card.customer.account.label,
  card_id: card.id,
  card: cardWords(card),
  person: card.customer.person.id,
  email: card.customer.email,
});

const NOTHING: Omit<LogRow, "number" | "at" | "action" | "words" | "group"> = {
  actor: ME,
  outcome: "ok",
  detail: null,
  account_id: null,
  account_label: null,
  card_id: null,
  card: null,
  person: null,
  email: null,
  change_id: null,
  reason: null,
  request_id: null,
};

type Invented = Pick<LogRow, "action" | "words" | "group"> & Partial<LogRow> & { at?: "account" | "person" | "card" };

const REASONS = [
  "Buyer asked by phone",
  "Expired card",
  "chargeback",
  "Suspected misuse",
  "Käuferin hat am Telefon darum gebeten, alle Karten bis auf die neueste zu entfernen; Rückruf ist für Montag vereinbart",
];

const HAPPENINGS: { weight: number; rows: Invented[] }[] = [
  { weight: 30, rows: [{ action: "person.open", words: "Opened a customer", group: "people", at: "person" }] },
  {
    weight: 16,
    rows: [
      { action: "change.queued", words: "One-click off", group: "changes", outcome: "asked", at: "card" },
      { action: "change.done", words: "One-click off, confirmed by wallee", group: "changes", at: "card" },
    ],
  },
  {
    weight: 9,
    rows: [
      { action: "change.queued", words: "Delete", group: "changes", outcome: "asked", at: "card", reason: "?" },
      { action: "change.done", words: "Delete, accepted by wallee", group: "changes", at: "card" },
    ],
  },
  { weight: 3, rows: [{ action: "change.undone", words: "Delete, taken back", group: "changes", at: "card" }] },
  {
    weight: 3,
    rows: [
      {
        action: "change.stuck",
        words: "Make inactive",
        group: "changes",
        outcome: "refused",
        detail: "wallee answered and kept the old state.",
        at: "card",
      },
    ],
  },
  {
    weight: 2,
    rows: [
      {
        action: "change.conflict",
        words: "Delete, not sent",
        group: "changes",
        outcome: "conflict",
        detail: "The card was renewed at wallee since it was decided.",
        at: "card",
      },
      { action: "change.resolved", words: "Conflict answered: keep the card", group: "changes", at: "card" },
    ],
  },
  {
    weight: 2,
    rows: [
      {
        action: "change.failed",
        words: "One-click on",
        group: "changes",
        outcome: "failed",
        detail: "wallee was not reached. Tried again later.",
        at: "card",
      },
    ],
  },
  {
    weight: 5,
    rows: [{ action: "card.noted", words: "Noted as inactive on this desk", group: "changes", at: "card" }],
  },
  { weight: 10, rows: [{ action: "sync.finished", words: "Read everything", group: "reading", at: "account" }] },
  {
    weight: 1,
    rows: [
      {
        action: "sync.failed",
        words: "Reading stopped",
        group: "reading",
        outcome: "failed",
        detail: "wallee did not answer within 30 seconds.",
        at: "account",
      },
    ],
  },
  {
    weight: 2,
    rows: [
      {
        action: "plan.run",
        words: "Plan run: one-click off for 48 cards",
        group: "plans",
        outcome: "asked",
        detail: "3 left out: already so",
        at: "account",
        reason: "?",
      },
    ],
  },
  { weight: 2, rows: [{ action: "account.checked", words: "Connection tested", group: "accounts", at: "account" }] },
  { weight: 3, rows: [{ action: "desk.opened", words: "Tokendesk started", group: "desk" }] },
  { weight: 2, rows: [{ action: "log.read", words: "Log read", group: "log", detail: "everything" }] },
];

/** Rows of earlier days, in the order of time. */
function invent(world: World): LogRow[] {
  const cards = [...world.cards.values()];
  if (cards.length === 0) return [];
  const random = randomFrom(41);
  const count = Math.min(HAPPENINGS_MAX, 120 + world.people.length * 4.6);
  const bag = HAPPENINGS.flatMap((x) => Array.from({ length: x.weight }, () => x.rows));
  const rows: LogRow[] = [];
  const gap = (62 * DAY) / count;
  let at = Date.now() - 62 * DAY;
  const first = world.accounts[0];
  const add = (row: Partial<LogRow> & Pick<LogRow, "action" | "words" | "group">) =>
    rows.push({ ...NOTHING, ...row, number: rows.length + 1, at: new Date(at).toISOString() });
  if (first) {
    add({
      action: "account.connected",
      words: "Account connected",
      group: "accounts",
      account_id: first.id,
      account_label: first.label,
    });
  }
  for (;;) {
    at += gap * (0.2 + random() * 1.6);
    if (at > Date.now() - 60_000) return rows;
    const card = cards[Math.floor(random() * cards.length)] as Card;
    const actor = random() < 0.7 ? ME : COLLEAGUE;
    const reason = REASONS[Math.floor(random() * REASONS.length)] as string;
    const change = `9f2c61d0-${String(rows.length).padStart(6, "0")}`;
    for (const { at: where, ...happened } of bag[Math.floor(random() * bag.length)] as Invented[]) {
      const account = card.customer.account;
      add({
        actor: happened.group === "reading" ? "Tokendesk, desk front-07" : actor,
        ...(where === "card" ? about(card) : {}),
        ...(where === "person" ? { person: card.customer.person.id, email: card.customer.email } : {}),
        ...(where === "account" ? { account_id: account.id, account_label: account.label } : {}),
        ...happened,
        reason: happened.reason ? reason : null,
        change_id: happened.group === "changes" && happened.action !== "card.noted" ? change : null,
        request_id: ["change.done", "change.stuck"].includes(happened.action)
          ? `wl-${Math.floor(random() * 2 ** 40).toString(36)}`
          : null,
      });
      at += 4_000 * random();
    }
  }
}

const WISHES: Record<string, string> = {
  one_click_true: "One-click on",
  one_click_false: "One-click off",
  active_true: "Make active",
  active_false: "Make inactive",
  delete_null: "Delete",
};

const wishWords = (change: Change) => WISHES[`${change.wish}_${change.value}`] ?? change.wish;

/** What this window's own changes left in the log. */
function rowsOf(world: World): LogRow[] {
  const rows = world.changes.flatMap((change) => {
    const card = world.cards.get(change.card_id);
    const row = {
      ...NOTHING,
      ...(card ? about(card) : {}),
      number: 0,
      group: "changes",
      change_id: change.id,
      words: wishWords(change),
    };
    const asked = {
      ...row,
      at: change.created_at,
      action: "change.queued",
      outcome: "asked",
      reason: change.reason,
    };
    const ended: Record<string, Partial<LogRow>> = {
      done: { action: "change.done", words: `${row.words}, confirmed by wallee` },
      stuck: { action: "change.stuck", outcome: "refused", detail: change.problem?.title ?? null },
      conflict: { action: "change.conflict", outcome: "conflict", detail: change.conflict?.title ?? null },
      withdrawn: { action: "change.undone", words: `${row.words}, taken back` },
    };
    const end = ended[change.status];
    return end
      ? [asked, { ...row, action: "", at: change.updated_at, request_id: change.request_id, ...end }]
      : [asked];
  });
  return [...rows, ...world.history.written].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** The whole log, oldest first. */
function wholeLog(world: World): LogRow[] {
  const { history } = world;
  if (!history.invented) {
    history.invented = true;
    history.log = invent(world);
  }
  return [...history.log, ...rowsOf(world)].map((row, at) => ({ ...row, number: at + 1 }));
}

function meets(world: World, row: LogRow, filter: LogFilter): boolean {
  const account = world.accounts.find((x) => x.id === row.account_id);
  const text = filter.text?.toLowerCase();
  return (
    (filter.env === null || account === undefined || account.env === filter.env) &&
    (filter.account_id === null || row.account_id === filter.account_id) &&
    (filter.card_id === null || row.card_id === filter.card_id) &&
    (filter.groups.length === 0 || filter.groups.includes(row.group)) &&
    (filter.outcomes.length === 0 || filter.outcomes.includes(row.outcome)) &&
    (text === undefined ||
      [row.actor, row.reason, row.request_id].some((x) => x?.toLowerCase().includes(text) === true)) &&
    (filter.from === null || row.at >= filter.from) &&
    (filter.until === null || row.at < filter.until)
  );
}

function write(world: World, action: string, words: string, group: string, more: Partial<LogRow> = {}): void {
  world.history.written.push({
    ...NOTHING,
    number: 0,
    at: new Date().toISOString(),
    action,
    words,
    group,
    ...more,
  });
}

const PAST: { kind: string; source: string; words: (card: string) => string; daysAgo: number }[] = [
  { kind: "created", source: "provider", words: (c) => `${c} was saved at wallee`, daysAgo: 400 },
  { kind: "renewed", source: "provider", words: (c) => `${c} was renewed by its issuer`, daysAgo: 190 },
  { kind: "one_click", source: "provider", words: (c) => `One-click of ${c} was switched on at wallee`, daysAgo: 120 },
  { kind: "one_click", source: "desk", words: (c) => `One-click off for ${c}`, daysAgo: 41 },
  { kind: "one_click", source: "desk", words: (c) => `One-click on for ${c}`, daysAgo: 40 },
];

/** Newest first. */
function timelineOf(world: World, person: string): TimelineItem[] {
  const told = world.history.timelines.get(person);
  if (told) return told;
  const who = world.people.find((x) => x.id === person);
  const cards = who ? cardsOf(who) : [];
  const now = Date.now();
  const items = cards.flatMap((card, at): TimelineItem[] => {
    const words = cardWords(card);
    const common = { card_id: card.id, card: words, account_label: card.customer.account.label };
    const when = (daysAgo: number) => new Date(now - daysAgo * DAY - at * 5_400_000).toISOString();
    const past = PAST.map(({ kind, source, words: say, daysAgo }) => ({
      ...common,
      at: when(daysAgo),
      source,
      kind,
      words: say(words),
      status: source === "desk" ? "done" : null,
      actor: source === "desk" ? COLLEAGUE : null,
      reason: null,
    }));
    const own = world.changes
      .filter((x) => x.card_id === card.id)
      .map((x) => ({
        ...common,
        at: x.created_at,
        source: "desk",
        kind: x.wish,
        words: `${wishWords(x)} for ${words}`,
        status: x.status,
        actor: x.actor,
        reason: x.reason,
      }));
    if (card.state !== "deleting") return [...past, ...own];
    const deleted = { ...common, at: when(0.05), kind: "delete", words: `Delete ${words}` };
    return [
      ...past,
      ...own,
      { ...deleted, source: "desk", status: "done", actor: COLLEAGUE, reason: "Buyer asked by phone" },
      {
        ...deleted,
        at: when(0.04),
        source: "provider",
        kind: "state",
        words: `Read from wallee: ${words} is now being deleted`,
        status: null,
        actor: null,
        reason: null,
      },
    ];
  });
  return items.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}

type HistoryCommands =
  | "list_log"
  | "verify_log"
  | "export_log"
  | "list_timeline"
  | "list_backups"
  | "make_backup"
  | "restore_backup"
  | "accept_older_ledger"
  | "replace_credentials";

export function historyCommands({ world, changed }: Desk): {
  [C in HistoryCommands]: (request: Commands[C]["request"]) => Commands[C]["response"];
} {
  const { history } = world;
  return {
    list_log: ({ filter, after, limit }) => {
      const log = wholeLog(world);
      const found = log
        .filter((x) => (after === null || x.number < Number(after)) && meets(world, x, filter))
        .reverse();
      const items = found.slice(0, limit);
      if (after === null) write(world, "log.read", "Log read", "log");
      return { items, next: found.length > limit ? String(items.at(-1)?.number) : null, rows: log.length };
    },
    verify_log: () => {
      const log = wholeLog(world);
      const { broken } = history;
      const anchor = log[log.length - 50];
      write(world, "log.verified", "Log checked", "log", { outcome: broken ? "failed" : "ok" });
      changed(["log"]);
      return {
        intact: broken === null,
        rows: log.length,
        broken_row: broken?.row ?? null,
        broken_how: broken?.how ?? null,
        words: broken ? `Row ${broken.row} is not as it was written.` : "Every row is as it was written.",
        anchored_row: anchor?.number ?? null,
        anchored_at: anchor?.at ?? null,
        erased_texts: 0,
        took_ms: 1 + Math.round(log.length / 300),
      };
    },
    export_log: ({ filter, path }) => {
      const file = path ?? history.chosenFile;
      if (file === null) return { path: null, rows: 0 };
      const rows = wholeLog(world).filter((x) => meets(world, x, filter)).length;
      write(world, "log.exported", "Log exported", "log", { detail: `${rows} rows` });
      changed(["log"]);
      return { path: file, rows };
    },
    list_timeline: ({ person, card_id, after, limit }) => {
      const items = timelineOf(world, person).filter((x) => card_id === null || x.card_id === card_id);
      const from = Number(after ?? 0);
      return {
        items: items.slice(from, from + limit),
        next: from + limit < items.length ? String(from + limit) : null,
        total: items.length,
      };
    },
    list_backups: () => ({ items: history.backups, folder: FOLDER }),
    make_backup: () => {
      const made = backup(0, "asked", wholeLog(world).length, world.changes.length);
      history.backups = [made, ...history.backups];
      write(world, "backup.made", "Ledger backed up", "desk");
      changed(["settings", "log"]);
      return made;
    },
    restore_backup: ({ path }) => {
      const chosen = history.backups.find((x) => x.path === path);
      if (!chosen || chosen.log_rows === null) {
        throw problem("backup_unusable", "This backup does not open with the key of this desk.", {
          detail: "Nothing was changed.",
          hint: "Choose another backup, or restore it on the desk that made it.",
        });
      }
      const rows = wholeLog(world).length;
      history.backups = [backup(0, "before_restore", rows, 0), ...history.backups];
      world.olderLedger = {
        missing_rows: Math.max(0, rows - chosen.log_rows),
        ends_at: chosen.made_at,
        known_until: new Date().toISOString(),
        open_changes: chosen.open_changes ?? 0,
      };
      return {};
    },
    accept_older_ledger: ({ discard_changes }) => {
      world.olderLedger = null;
      if (discard_changes) {
        for (const change of world.changes) {
          if (["done", "withdrawn"].includes(change.status)) continue;
          Object.assign(change, { status: "withdrawn", why: "discard", hold: null, holdEnds: null });
        }
      }
      changed(["status", "changes", "cards", "accounts"]);
      return {};
    },
    replace_credentials: ({ account_id, user, key }) => {
      const account = world.accounts.find((x) => x.id === account_id);
      if (!account) throw problem("account_unknown", "This account is not on this desk.");
      const { system } = account;
      if (system.provider === "wallee" && !/^\d+$/.test(user)) {
        throw problem("field_invalid", "The application user is a number.", { field: "user" });
      }
      if (!(system.shape.key?.test(key) ?? true)) {
        throw problem("key_malformed", "This is not an authentication key.", { field: "key" });
      }
      if (key.startsWith("wrong")) {
        throw problem("credentials_rejected", `${system.name} did not accept this key.`, {
          detail: "The old key stays.",
          request_id: "wl-5Kq81Lw",
        });
      }
      if (key.startsWith("other")) {
        throw problem("other_scope", `This key does not see the cards of space ${account.space}.`, {
          detail: "None of 3 known cards was found with it. The old key stays, nothing was changed.",
          hint: "Make the key for an application user of the same space.",
        });
      }
      account.user = user;
      account.paused = null;
      write(world, "account.credentials_replaced", "Key replaced", "accounts", {
        account_id: account.id,
        account_label: account.label,
      });
      changed(["accounts", "status", "log"]);
      return accountView(world, account);
    },
  };
}

/**
 * A desk in memory: answers every command of the contract over invented people, so that screens can be tested and looked
 * at without a desktop. It never decides what a screen does; it only keeps the promises of the contract.
 */
import type { ChangeCounts, Commands, DeskStatus, Env, EnvStatus, Problem, Quitting, Tag } from "../../contract";
import type { CommandName, Platform, Request, Response } from "../platform";
import { accountCommands } from "./account-commands";
import { newAccount, readAccount } from "./accounts";
import { actingCommands } from "./acting";
import { benchCommands } from "./bench";
import { FIVE, fillDirectory } from "./five";
import { emptyHistory, historyCommands } from "./history";
import { nextTry, Outbox } from "./outbox";
import { addPeople } from "./people";
import { planCommands } from "./plans";
import { type Account, type Card, type Desk, type Lesson, type Person, problem, type World } from "./records";
import { find, findCards, parse } from "./search";
import { SYSTEMS } from "./systems";
import { accountView, cardDetail, cardsOf, cardView, changeView, openOf, personRow, personView, tagOf } from "./views";

export interface FakeOptions {
  start?: "first" | "demo" | "live" | "two" | "five";
  /** Where the five systems are connected. */
  env?: Env;
  /** Ordinary people beside the awkward ones. */
  people?: number;
  /** Milliseconds in each step of the outbox and of a first read. */
  step?: number;
  /** Milliseconds a change is held, until the setting is changed; without it the setting says. */
  hold?: number;
  /** Milliseconds before a read answers. */
  latency?: number;
  truth?: Exclude<Lesson, "untried">;
}

const FIRST_CARDS = 100;

export class FakeDesk implements Platform {
  readonly world: World = {
    accounts: [],
    people: [],
    cards: new Map(),
    changes: [],
    plans: [],
    refused: new Set(),
    history: emptyHistory(),
    settings: { hold_seconds: 10 },
    olderLedger: null,
    recent: [],
    offlineSince: null,
    cacheRebuilt: null,
    verifications: [],
    runs: [],
    singleUse: [],
  };
  /** Every command asked, for tests. */
  readonly asked: { name: CommandName; request: unknown }[] = [];
  private readonly listeners = new Set<(tags: Tag[]) => void>();
  private readonly failures = new Map<CommandName, Problem>();
  private readonly quitting = new Set<(open: Quitting) => void>();
  readonly outbox: Outbox;
  /** Milliseconds in each step of a plan and of a first read. */
  step: number;

  constructor(private readonly options: FakeOptions = {}) {
    this.step = options.step ?? 700;
    this.outbox = new Outbox(this.world, { step: this.step, hold: options.hold ?? null }, this.changed);
    const start = options.start ?? "first";
    if (start === "demo" || start === "two") this.addDemo();
    if (start === "live" || start === "two") this.addLive();
    if (start === "five") this.addFive(options.env ?? "test");
  }

  readonly changed = (tags: Tag[]): void => {
    for (const listener of this.listeners) listener(tags);
  };

  onInvalidated(listener: (tags: Tag[]) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  onQuitting(listener: (open: Quitting) => void): () => void {
    this.quitting.add(listener);
    return () => this.quitting.delete(listener);
  }

  /** As when somebody closes the window: asked only while something is open. */
  closeWindow(): void {
    const changes = this.counts(() => true);
    for (const listener of this.quitting) listener({ changes });
  }

  /** From now on this command fails so, until told otherwise. */
  fail(name: CommandName, why: Problem | null): void {
    if (why) this.failures.set(name, why);
    else this.failures.delete(name);
  }

  setOffline(offline: boolean): void {
    this.world.offlineSince = offline ? new Date(Date.now() - 21 * 60_000).toISOString() : null;
    if (!offline) this.outbox.resume();
    this.changed(["status", "accounts", "changes", "cards"]);
  }

  async call<C extends CommandName>(name: C, request: Request<C>): Promise<Response<C>> {
    this.asked.push({ name, request });
    await new Promise((done) => setTimeout(done, this.options.latency ?? 0));
    const failure = this.failures.get(name);
    if (failure) throw failure;
    const answer = (this.commands[name] as (r: Request<C>) => Response<C>)(request);
    return structuredClone(answer);
  }

  private addDemo(): Account {
    const account = newAccount("Demo shop", "demo", this.options.truth ?? "accepts");
    account.builtIn = true;
    account.host = "built-in";
    this.world.accounts.push(account);
    addPeople(this.world, [account], this.options.people ?? 1987, 7);
    return account;
  }

  private addLive(): void {
    const shop = newAccount("Shop CH", "live", this.options.truth ?? "accepts");
    const second = newAccount("Shop EU", "live", this.options.truth ?? "accepts");
    second.host = "https://checkout.example.com";
    second.space = "41230";
    second.readSince = new Date(Date.now() - 6 * 60_000).toISOString();
    this.world.accounts.push(shop, second);
    addPeople(this.world, [shop, second], this.options.people ?? 1987, 11);
  }

  /** All five systems, one of them twice. */
  private addFive(env: Env): void {
    const of = (label: string, at: number, more: Partial<Account> = {}): Account => {
      const account = newAccount(label, env, this.options.truth ?? "accepts", SYSTEMS[at]);
      return Object.assign(account, { space: "", user: "" }, more);
    };
    const accounts = [
      of("Shop CH", 0, { space: "41218", user: "88412" }),
      of("Shop CH, outlet", 0, { code: "WA2", space: "41230", user: "88412" }),
      of("Shop EU", 1, { space: `${env === "live" ? "" : "test-"}proj_4kTq81`, host: "https://api.processout.com" }),
      of("Shop JP", 2, { host: "https://komoju.com" }),
      of("Market", 3, { host: "https://api.zafapay.com" }),
      of("Payments lab", 4, { host: "http://127.0.0.1:8000", connector: "cybersource" }),
    ];
    for (const account of accounts) if (account.directory) fillDirectory(account, 214);
    this.world.accounts.push(...accounts);
    addPeople(this.world, accounts, this.options.people ?? 400, 17, FIVE);
  }

  private account(id: string): Account {
    const account = this.world.accounts.find((x) => x.id === id);
    if (!account) throw problem("account_unknown", "This account is not on this desk.");
    return account;
  }

  private card(id: string): Card {
    const card = this.world.cards.get(id);
    if (!card) throw problem("card_unknown", "No card with this id is on this desk.");
    return card;
  }

  private person(id: string): Person {
    const person = this.world.people.find((x) => x.id === id);
    if (!person) throw problem("person_unknown", "This customer is no longer on this desk.");
    return person;
  }

  private ask(cardId: string, wish: string, value: boolean | null, reason: string | null) {
    const change = this.outbox.ask(this.card(cardId), wish, value, reason);
    this.changed(["cards", "changes", "status"]);
    return changeView(change);
  }

  private counts(of: (env: Env) => boolean): ChangeCounts {
    const count = (status: string) => this.world.changes.filter((x) => of(x.env) && x.status === status).length;
    return {
      held: count("held"),
      waiting: count("waiting"),
      sending: count("sending"),
      conflict: count("conflict"),
      stuck: count("stuck"),
    };
  }

  private get parts(): Desk {
    return {
      world: this.world,
      changed: this.changed,
      card: (id) => this.card(id),
      person: (id) => this.person(id),
      ask: (...wish) => this.outbox.ask(...wish),
      step: () => this.step,
    };
  }

  private people(env: Env): Person[] {
    return this.world.people.filter((x) => x.env === env);
  }

  private searched(env: Env): Commands["find_people"]["response"]["searched"] {
    return this.world.accounts
      .filter((x) => x.env === env)
      .map((x) => ({
        account: tagOf(x),
        cards: accountView(this.world, x).cards,
        read_since: x.readSince,
        reading: x.progress !== null,
      }));
  }

  private status(): DeskStatus {
    const environments: EnvStatus[] = [];
    for (const env of ["live", "test", "demo"] as const) {
      const accounts = this.world.accounts.filter((x) => x.env === env);
      if (accounts.length === 0) continue;
      const reads = accounts.map((x) => x.readSince);
      const people = this.people(env);
      environments.push({
        env,
        accounts: accounts.length,
        people: people.length,
        cards: people.reduce((n, p) => n + cardsOf(p).length, 0),
        read_since: reads.includes(null) ? null : (reads.sort()[0] ?? null),
        network: this.world.offlineSince
          ? {
              kind: "offline",
              since: this.world.offlineSince,
              next_try_ms: nextTry(),
              accounts: accounts.map((x) => x.label),
            }
          : { kind: "online" },
        changes: this.counts((x) => x === env),
      });
    }
    return {
      first_start: this.world.accounts.length === 0,
      environments,
      who: "Mira Hoffmann",
      desk: "front-07",
      secrets: "keychain",
      version: "0.1.0",
      cache_rebuilt: this.world.cacheRebuilt,
      older_ledger: this.world.olderLedger,
    };
  }

  private readonly commands: { [C in CommandName]: (request: Request<C>) => Response<C> } = {
    ...planCommands(this.parts),
    ...historyCommands(this.parts),
    ...accountCommands(this.parts, () => this.options.truth ?? "accepts"),
    ...actingCommands(this.parts),
    ...benchCommands(this.parts),
    desk_status: () => this.status(),
    start_demo: () => {
      const account = this.addDemo();
      this.changed(["status", "accounts", "cards"]);
      return accountView(this.world, account);
    },
    start_sync: ({ account_id }) => {
      for (const account of this.world.accounts) {
        if (account_id === null || account.id === account_id) readAccount(account, this.step, this.changed);
      }
      return {};
    },
    stop_sync: ({ account_id }) => {
      const account = this.account(account_id);
      account.progress = null;
      account.unfinished = true;
      this.changed(["accounts", "status"]);
      return {};
    },
    rebuild_cache: () => {
      this.changed(["status", "accounts", "cards"]);
      return {};
    },
    find_people: ({ env, text, after, limit }) => {
      const started = performance.now();
      const query = parse(text);
      const found = find(this.world, this.people(env), query);
      const from = Number(after ?? 0);
      return {
        items: found.slice(from, from + limit).map((x) => personRow(this.world, x.person, x.by)),
        next: from + limit < found.length ? String(from + limit) : null,
        total: { n: found.length, exact: true },
        words: query.words,
        searched: this.searched(env),
        took_ms: Math.round(performance.now() - started),
      };
    },
    recent_people: ({ env, limit }) => {
      const items = this.world.recent
        .map((id) => this.world.people.find((x) => x.id === id))
        .filter((x) => x !== undefined && x.env === env)
        .slice(0, limit)
        .map((x) => personRow(this.world, x as Person, "recent"));
      return {
        items,
        next: null,
        total: { n: items.length, exact: true },
        words: [],
        searched: this.searched(env),
        took_ms: 0,
      };
    },
    open_person: ({ person }) => {
      this.world.recent = [person, ...this.world.recent.filter((x) => x !== person)].slice(0, 20);
      return personView(this.world, this.person(person), FIRST_CARDS);
    },
    refresh_person: ({ person }) => {
      if (this.world.offlineSince) throw problem("unreachable", "wallee was not reached.", { retryable: true });
      const who = this.person(person);
      for (const card of cardsOf(who)) card.readAt = new Date().toISOString();
      this.changed(["cards"]);
      return personView(this.world, who, FIRST_CARDS);
    },
    person_cards: ({ person, after, limit }) => {
      const cards = cardsOf(this.person(person));
      const from = Number(after ?? 0);
      return {
        items: cards.slice(from, from + limit).map((x) => cardView(this.world, x)),
        next: from + limit < cards.length ? String(from + limit) : null,
        total: from === 0 ? { n: cards.length, exact: true } : null,
      };
    },
    list_cards: ({ env, text, account_id, after, limit }) => {
      const cards = findCards(this.world, this.people(env), parse(text)).filter(
        (x) => account_id === null || x.customer.account.id === account_id,
      );
      const from = Number(after ?? 0);
      return {
        items: cards.slice(from, from + limit).map((x) => cardView(this.world, x)),
        next: from + limit < cards.length ? String(from + limit) : null,
        total: from === 0 ? { n: cards.length, exact: true } : null,
      };
    },
    show_card: ({ card_id }) => cardDetail(this.world, this.card(card_id)),
    set_one_click: ({ card_id, on }) => this.ask(card_id, "one_click", on, null),
    set_active: ({ card_id, active, reason }) => {
      const { system } = this.card(card_id).customer.account;
      if (system.carriers.reason_is_sent && !active && !reason?.trim()) {
        throw problem("reason_missing", `${system.name} needs a reason.`, { field: "reason" });
      }
      return this.ask(card_id, "active", active, reason);
    },
    delete_card: ({ card_id, confirmation, reason }) => {
      const detail = cardDetail(this.world, this.card(card_id));
      if (detail.deletion.must_confirm && confirmation !== detail.deletion.confirmation) {
        throw problem("confirmation_missing", "The last four digits do not match.", { field: "confirmation" });
      }
      return this.ask(card_id, "delete", null, reason);
    },
    mark_card: ({ card_id, field, value }) => {
      const card = this.card(card_id);
      const { active = null, one_click = null } = card.note ?? {};
      const note = { active, one_click, by: "Mira Hoffmann", at: new Date().toISOString() };
      if (field === "active") note.active = value;
      else note.one_click = value;
      card.note = note.active === null && note.one_click === null ? null : note;
      this.changed(["cards"]);
      return cardDetail(this.world, card);
    },
    list_changes: (request) => this.outbox.commands.list_changes(request),
    undo_change: (request) => this.outbox.commands.undo_change(request),
    send_change_now: (request) => this.outbox.commands.send_change_now(request),
    resolve_change: (request) => this.outbox.commands.resolve_change(request),
    retry_change: (request) => this.outbox.commands.retry_change(request),
    discard_change: (request) => this.outbox.commands.discard_change(request),
    push_changes: () => this.outbox.commands.push_changes(),
    open_page: () => ({}),
    open_portal: ({ card_id }) => {
      const card = this.card(card_id);
      return { url: "https://app-wallee.com", remote_id: card.remoteId };
    },
    copy_text: () => ({}),
    desk_settings: () => this.world.settings,
    set_desk_settings: (settings) => {
      if (settings.hold_seconds < 0 || settings.hold_seconds > 60) {
        throw problem("field_invalid", "A change is held for 0 to 60 seconds.", { field: "hold_seconds" });
      }
      this.world.settings = { ...settings };
      this.outbox.pace.hold = null;
      this.changed(["settings"]);
      return this.world.settings;
    },
    quit: ({ send }) => {
      if (send) this.outbox.releaseAll();
      return {};
    },
  };

  /** For tests: the card of this brand's last four. */
  cardEnding(last4: string): Card {
    const card = [...this.world.cards.values()].find((x) => x.last4 === last4);
    if (!card) throw new Error(`no card ending ${last4}`);
    return card;
  }

  /** For tests: whether nothing is under way for this card. */
  settled(card: Card): boolean {
    return openOf(this.world, card).length === 0;
  }
}

/** From what the fake remembers to what the contract answers. */
import type {
  AccountTag,
  AccountView,
  CardDetail,
  CardView,
  ChangeView,
  CustomerView,
  OneClickAnswer,
  PersonRow,
  PersonView,
  StateCounts,
  SwitchesView,
} from "../../contract";
import { type Account, type Card, type Change, type Customer, DAY, type Person, type World } from "./records";

const KNOWN_STATES = ["creating", "active", "inactive", "deleting", "deleted"];

export const tagOf = (account: Account): AccountTag => ({
  id: account.id,
  code: account.code,
  label: account.label,
  provider_name: account.system.name,
});

export const isOpen = (change: Change) => !["done", "withdrawn"].includes(change.status);

/** A change as it is answered now. */
export function changeView(change: Change): ChangeView {
  const { holdEnds, replaced: _, ...view } = change;
  const { status } = change;
  const sent = change.attempts > 0 || change.may_be_done;
  return {
    ...view,
    hold:
      change.hold && holdEnds !== null
        ? { ...change.hold, left_ms: Math.max(0, Math.round(holdEnds - performance.now())) }
        : null,
    can_undo: ["held", "waiting"].includes(status) && !sent,
    can_discard: ["held", "waiting", "stuck"].includes(status) && !change.may_be_done,
    can_retry: status === "stuck",
  };
}

export const openOf = (world: World, card: Card): Change[] =>
  world.changes.filter((x) => x.card_id === card.id && isOpen(x));

const underWay = (world: World, card: Card) =>
  openOf(world, card).filter((x) => !["stuck", "conflict"].includes(x.status));

function effectiveState(world: World, card: Card): string {
  const wish = underWay(world, card)
    .filter((x) => x.wish === "active")
    .at(-1);
  return wish ? (wish.value ? "active" : "inactive") : card.state;
}

function effectiveOneClick(world: World, card: Card): boolean | null {
  const wish = underWay(world, card)
    .filter((x) => x.wish === "one_click")
    .at(-1);
  return wish ? wish.value : card.oneClick;
}

function switchesOf(world: World, card: Card): SwitchesView {
  const state = card.state;
  const common = underWay(world, card).some((x) => x.wish === "delete")
    ? "deletion_waiting"
    : card.goneAt
      ? "gone"
      : ["deleting", "deleted", "creating"].includes(state)
        ? state
        : KNOWN_STATES.includes(state)
          ? null
          : "unknown_state";
  const { account } = card.customer;
  const { lesson } = account;
  const { carriers } = account.system;
  const taught = lesson === "ignores" ? "ignored_here" : lesson === "refuses" ? "refused_here" : null;
  const stopped = common ?? (account.readOnly ? "read_only" : null);
  const by = (carrier: string) => (carrier === "desk_only" ? "desk_only" : null);
  const defaults: Record<string, string | null> = { native: null, read_only: "not_offered", none: "not_offered" };
  return {
    one_click_blocked: by(carriers.one_click) ?? stopped,
    active_blocked: by(carriers.active) ?? stopped ?? taught,
    delete_blocked:
      carriers.delete === "block_instead"
        ? "not_offered"
        : carriers.delete === "desk_only"
          ? "desk_only"
          : common === "creating" || common === "unknown_state"
            ? null
            : stopped,
    default_blocked: defaults[carriers.default_card] ?? (card.isDefault ? "already_default" : stopped),
  };
}

export function daysLeft(expiry: string | null): number | null {
  if (!expiry) return null;
  const [year, month] = expiry.split("-").map(Number) as [number, number];
  return Math.floor((Date.UTC(year, month, 1) - Date.now()) / DAY);
}

export function cardView(world: World, card: Card): CardView {
  const { customer } = card;
  const state = effectiveState(world, card);
  return {
    id: card.id,
    provider: customer.account.system.provider,
    account_id: customer.account.id,
    account: tagOf(customer.account),
    remote_id: card.remoteId,
    env: customer.account.env,
    person: customer.person.id,
    email: customer.email,
    name: customer.person.name,
    customer_id: customer.customerId,
    brand: card.brand,
    brand_name: card.brandName,
    last4: card.last4,
    expiry: card.expiry,
    expires_in_days: daysLeft(card.expiry),
    card_knowledge: card.knowledge,
    state,
    state_unknown: !KNOWN_STATES.includes(state),
    provider_state: card.state,
    one_click: effectiveOneClick(world, card),
    provider_one_click: card.oneClick,
    version: customer.account.system.provider === "wallee" ? card.version : 0,
    created_on: card.createdOn,
    planned_purge_on: card.purgeOn,
    read_at: card.readAt,
    gone_at: card.goneAt,
    is_default: card.isDefault,
    block_reason: card.blockReason,
    verification: card.verification,
    chargeable: card.chargeable,
    kind: card.kind,
    active_not_set: card.activeNotSet,
    carriers: customer.account.system.carriers,
    switches: switchesOf(world, card),
    pending: openOf(world, card).map(changeView),
    desk_note: card.note,
  };
}

export function countStates(world: World, cards: Iterable<Card>): StateCounts {
  const counts: StateCounts = { active: 0, inactive: 0, deleting: 0, creating: 0, deleted: 0, other: 0 };
  for (const card of cards) {
    const state = effectiveState(world, card);
    counts[(KNOWN_STATES.includes(state) ? state : "other") as keyof StateCounts] += 1;
  }
  return counts;
}

export const cardsOf = (person: Person): Card[] => person.customers.flatMap((x) => x.cards);

export function personRow(world: World, person: Person, found_by: PersonRow["found_by"]): PersonRow {
  const accounts = [...new Set(person.customers.map((x) => x.account))];
  return {
    person: person.id,
    email: person.email,
    name: person.name,
    counts: countStates(world, cardsOf(person)),
    accounts: accounts.map(tagOf),
    found_by,
  };
}

const customerView = (customer: Customer): CustomerView => ({
  id: customer.id,
  account: tagOf(customer.account),
  customer_id: customer.customerId,
  email: customer.email,
  active_lesson: customer.account.lesson,
  carried: customer.account.system.carried(customer.account),
  deletable_record: customer.account.system.carriers.delete_customer ? customer.customerId : null,
  no_cards: customer.cards.length > 0 ? null : (customer.noCards ?? `${customer.account.system.name} listed no cards.`),
  read_at: customer.cards.map((x) => x.readAt).sort()[0] ?? null,
});

function withheld(world: World, card: Card): string | null {
  const state = effectiveState(world, card);
  if (!card.customer.customerId) return "no_customer_id";
  if (["deleted", "deleting", "inactive", "creating"].includes(state)) return state;
  if (state !== "active") return "unknown_state";
  const oneClick = effectiveOneClick(world, card);
  if (oneClick === null) return "not_said";
  if (!oneClick) return "off";
  if (card.knowledge === "no_active_version" || card.knowledge === "not_read") return card.knowledge;
  if ((daysLeft(card.expiry) ?? 0) < 0) return "expired";
  return null;
}

const oneClickAnswer = (world: World, customer: Customer): OneClickAnswer => ({
  customer: customer.id,
  offered: customer.cards.filter((x) => withheld(world, x) === null).map((x) => x.id),
  withheld: customer.cards.flatMap((x) => {
    const reason = withheld(world, x);
    return reason === null ? [] : [{ card: x.id, reason }];
  }),
});

export function personView(world: World, person: Person, first: number): PersonView {
  const cards = cardsOf(person);
  const usable = cards.filter((x) => ["active", "inactive"].includes(effectiveState(world, x)));
  const left = usable.map((x) => daysLeft(x.expiry)).filter((x) => x !== null);
  return {
    person: person.id,
    env: person.env,
    email: person.email,
    name: person.name,
    since: cards.map((x) => x.createdOn).sort()[0] ?? null,
    customers: person.customers.map(customerView),
    cards: cards.slice(0, first).map((x) => cardView(world, x)),
    next: cards.length > first ? String(first) : null,
    counts: countStates(world, cards),
    expired: left.filter((x) => x < 0).length,
    expiring: left.filter((x) => x >= 0 && x <= 60).length,
    one_click: person.customers.map((x) => oneClickAnswer(world, x)),
    read_at: cards.map((x) => x.readAt).sort()[0] ?? null,
    may_miss_new_cards: false,
  };
}

export function cardDetail(world: World, card: Card): CardDetail {
  const siblings = card.customer.cards.filter((x) => x !== card && x.state !== "deleted");
  return {
    card: cardView(world, card),
    ...(card.customer.account.system.provider === "wallee"
      ? {
          token_reference: card.reference,
          external_id: card.externalId,
          language: card.language,
          time_zone: card.timeZone,
          linked_space_id: card.customer.account.space,
        }
      : { token_reference: null, external_id: null, language: null, time_zone: null, linked_space_id: null }),
    versions: card.versions,
    versions_read_at: card.readAt,
    desk_note: card.note,
    deletion: {
      other_cards: siblings.length,
      last_one_click: withheld(world, card) === null && siblings.every((x) => withheld(world, x) !== null),
      last_active: card.state === "active" && siblings.every((x) => x.state !== "active"),
      must_confirm: card.customer.account.env === "live",
      confirmation: card.last4 ?? card.remoteId.slice(-4),
      confirmation_kind: card.last4 ? "last4" : "id_end",
    },
  };
}

export function accountView(world: World, account: Account): AccountView {
  const cards = [...world.cards.values()].filter((x) => x.customer.account === account);
  const { system } = account;
  const parts = [system.name];
  if (account.builtIn) parts.push("played on this computer");
  else if (system.provider === "wallee") parts.push(`space ${account.space}`);
  else if (system.provider === "processout") parts.push(`project ${account.space}`);
  else if (account.connector) parts.push(`connector ${account.connector}`);
  return {
    id: account.id,
    provider: system.provider,
    provider_name: system.name,
    code: account.code,
    label: account.label,
    env: account.env,
    host: account.host,
    built_in_demo: account.builtIn,
    space: account.space,
    user: account.user,
    connector: account.connector,
    about: parts.join(", "),
    read_only: account.readOnly,
    paused_by_person: account.pausedByPerson,
    directory: account.directory?.length ?? null,
    imports_tokens: system.importsTokens,
    has_bench: account.env !== "live",
    can_forget_one_click: system.canForgetOneClick,
    can_create_token: system.canCreateToken,
    verification_allowed: account.verificationAllowed,
    connected_at: account.connectedAt,
    cards: cards.length,
    states: countStates(world, cards),
    last_pass:
      account.readSince && account.finishedAt
        ? { started_at: account.readSince, finished_at: account.finishedAt, cards: cards.length }
        : null,
    unfinished_pass: account.unfinished,
    progress: account.progress,
    paused: account.paused,
    last_problem: account.lastProblem,
    last_check: account.check,
    capabilities: system.says(account),
    open_changes: world.changes.filter((x) => x.account_id === account.id && isOpen(x)).length,
  };
}

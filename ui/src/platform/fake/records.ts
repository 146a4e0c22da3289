/** What the fake payment system and the fake desk remember. Everything here is invented. */
import type {
  AccountView,
  CardVersion,
  ChangeView,
  DeskNote,
  DeskSettings,
  DirectoryItem,
  Env,
  FlowRunView,
  OlderLedger,
  Problem,
  SingleUseView,
  Tag,
  VerificationView,
} from "../../contract";
import type { History } from "./history";
import type { Plan } from "./plans";
import type { System } from "./systems";

export type Lesson = "untried" | "accepts" | "ignores" | "refuses";

export interface Account {
  id: string;
  system: System;
  /** Told apart by a number from the second account of a system on. */
  code: string;
  label: string;
  env: Env;
  host: string;
  space: string;
  user: string;
  connector: string | null;
  readOnly: boolean;
  pausedByPerson: boolean;
  /** Imported customers, by customer id; absent where the system lists its own. */
  directory: DirectoryItem[] | null;
  verificationAllowed: boolean | null;
  lesson: Lesson;
  builtIn: boolean;
  /** What the payment system does with `state`, before the desk has learnt it. */
  truth: Exclude<Lesson, "untried">;
  connectedAt: string;
  readSince: string | null;
  finishedAt: string | null;
  progress: AccountView["progress"];
  unfinished: boolean;
  paused: Problem | null;
  lastProblem: Problem | null;
  check: AccountView["last_check"];
}

export interface Card {
  id: string;
  remoteId: string;
  customer: Customer;
  brand: string | null;
  brandName: string | null;
  last4: string | null;
  expiry: string | null;
  knowledge: string;
  state: string;
  oneClick: boolean | null;
  version: number;
  createdOn: string | null;
  purgeOn: string | null;
  readAt: string;
  goneAt: string | null;
  reference: string | null;
  externalId: string | null;
  language: string | null;
  timeZone: string | null;
  versions: CardVersion[];
  note: DeskNote | null;
  isDefault: boolean | null;
  blockReason: string | null;
  verification: string | null;
  chargeable: boolean | null;
  kind: string | null;
  activeNotSet: boolean;
}

export interface Customer {
  id: string;
  person: Person;
  account: Account;
  customerId: string | null;
  email: string | null;
  cards: Card[];
  /** Why no cards are known of it. */
  noCards: string | null;
}

export interface Person {
  id: string;
  env: Env;
  email: string | null;
  name: string | null;
  customers: Customer[];
  /** Folded, for the search. */
  folded: { email: string; name: string; other: string };
}

/** A change as the fake keeps it: an answer tells how long it is held still. */
export interface Change extends ChangeView {
  /** While it is held: when that ends, as `performance.now()` counts. */
  holdEnds: number | null;
  /** What it replaced and what undo brings back. */
  replaced: Change[];
}

export interface World {
  accounts: Account[];
  people: Person[];
  cards: Map<string, Card>;
  changes: Change[];
  plans: Plan[];
  /** Cards for which the fake payment system refuses every change. */
  refused: Set<string>;
  history: History;
  settings: DeskSettings;
  olderLedger: OlderLedger | null;
  recent: string[];
  offlineSince: string | null;
  cacheRebuilt: string | null;
  verifications: (VerificationView & { card: string })[];
  runs: FlowRunView[];
  singleUse: SingleUseView[];
}

/** What the parts of the fake desk use of each other. */
export interface Desk {
  world: World;
  changed: (tags: Tag[]) => void;
  card: (id: string) => Card;
  person: (id: string) => Person;
  /** Queues a change as a press does. */
  ask: (card: Card, wish: string, value: boolean | null, reason: string | null) => Change;
  /** Milliseconds in each step. */
  step: () => number;
}

export const DAY = 86_400_000;

export function problem(code: Problem["code"], title: string, more: Partial<Problem> = {}): Problem {
  return { code, title, detail: "", hint: "", retryable: false, request_id: null, field: null, params: {}, ...more };
}

/** Invented customers: a handful with awkward names and cards, and as many ordinary ones as asked for. */
import { fold } from "../../components/fold";
import { type Account, type Card, type Customer, DAY, type Person, type World } from "./records";

/** Small, seeded, good enough to invent names (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const BRANDS: Record<string, string> = {
  visa: "Visa",
  mastercard: "Mastercard",
  amex: "Amex",
  jcb: "JCB",
  discover: "Discover",
  unionpay: "UnionPay",
  maestro: "Maestro",
};

interface CardPlan {
  brand?: string | null;
  last4?: string | null;
  /** Months from now. */
  exp?: number;
  state?: string;
  oneClick?: boolean | null;
  knowledge?: string;
  purgeDays?: number;
  isDefault?: boolean | null;
  blockReason?: string;
  verification?: string;
  chargeable?: boolean;
  kind?: string;
  activeNotSet?: boolean;
}

export interface PersonPlan {
  email: string | null;
  name: string | null;
  at: { account: number; customerId: string | null; cards: CardPlan[]; noCards?: string }[];
}

export const c = (brand: string, last4: string, exp: number, more: CardPlan = {}): CardPlan => ({
  brand,
  last4,
  exp,
  ...more,
});

export const SHOWCASE: PersonPlan[] = [
  {
    email: "ada@lindqvist.example.com",
    name: "Ada Lindqvist",
    at: [
      {
        account: 0,
        customerId: "C-204881",
        cards: [
          c("visa", "4242", 21),
          c("mastercard", "0057", 1),
          c("visa", "7743", 4, { state: "deleting", purgeDays: 4 }),
        ],
      },
      {
        account: 1,
        customerId: "K-88214",
        cards: [
          c("amex", "1008", 2, { oneClick: false }),
          c("visa", "6610", -2, { state: "inactive", oneClick: false }),
          c("jcb", "3311", 28),
        ],
      },
    ],
  },
  {
    email: "ada@atelier.example.org",
    name: "Ada Nkemelu-Brandstätter",
    at: [{ account: 0, customerId: "C-200017", cards: [c("visa", "2290", 9), c("maestro", "5204", 14)] }],
  },
  { email: "ada@example.net", name: null, at: [{ account: 1, customerId: "K-88911", cards: [c("visa", "8801", 30)] }] },
  {
    email: "misaki.hamada@example.net",
    name: "浜田 美咲",
    at: [
      { account: 1, customerId: "K-1204", cards: [c("jcb", "8123", 11), c("visa", "0042", 3), c("jcb", "7718", 20)] },
    ],
  },
  {
    email: "taro.yamada@example.com",
    name: "山田 太郎",
    at: [
      { account: 1, customerId: "K-1309", cards: [c("jcb", "5206", 8), c("visa", "1117", 12, { state: "inactive" })] },
    ],
  },
  {
    email: "nada@example.org",
    name: "Нада Петровић",
    at: [{ account: 0, customerId: "C-3301", cards: [c("visa", "3048", 6)] }],
  },
  {
    email: "ghada@example.com",
    name: "غادة منصور",
    at: [{ account: 1, customerId: "K-4410", cards: [c("mastercard", "9921", 17)] }],
  },
  {
    email: "mj.estrada@example.com",
    name: "María José Estrada Íñiguez",
    at: [
      { account: 0, customerId: "C-5105", cards: [c("visa", "4003", 5), c("visa", "4004", 6, { state: "inactive" })] },
    ],
  },
  {
    email: "k.okada@example.org",
    name: "岡田 健",
    at: [{ account: 1, customerId: "K-1777", cards: [c("jcb", "0808", 10, { state: "inactive", oneClick: false })] }],
  },
  {
    email: "wilhelmina.van-den-berghe.szczepanska.posada@kundendienst-nordwest.example.org",
    name: "Wilhelmina van den Berghe-Szczepańska",
    at: [
      {
        account: 0,
        customerId: "C-7001",
        cards: [c("visa", "6001", 13), c("mastercard", "6002", 2, { state: "deleting", purgeDays: 9 })],
      },
    ],
  },
  {
    email: "armada@example.com",
    name: "Armada Outdoor Ltd, purchasing",
    at: [
      {
        account: 0,
        customerId: "C-9000",
        cards: Array.from({ length: 50 }, (_, i) =>
          c(i % 3 ? "visa" : "mastercard", String(7000 + i), i - 3, i % 4 ? {} : { state: "inactive" }),
        ),
      },
    ],
  },
  { email: "empty.posada@example.net", name: "Edda Posada", at: [{ account: 0, customerId: "C-9100", cards: [] }] },
  {
    email: null,
    name: null,
    at: [
      {
        account: 0,
        customerId: null,
        cards: [
          { brand: null, last4: null, knowledge: "none_given", oneClick: null },
          { brand: null, last4: null, knowledge: "no_active_version", state: "creating" },
          { brand: null, last4: null, knowledge: "not_read", state: "frozen" },
        ],
      },
    ],
  },
];

const GIVEN =
  "Anna Bram Chiara Dario Elif Farah Goran Hana Ingrid Jonas Kaya Luca Mira Noor Olga Pavel Quinn Rosa Sami Tilda Umut Vera Wim Xenia Yara Zoe".split(
    " ",
  );
const FAMILY =
  "Achterberg Bonfanti Costa Dubois Eriksen Ferreira Galli Hoffmann Ivanova Jansen Keller Lefèvre Moreau Novak Okafor Petit Quesada Rossi Schmid Tanaka Ueda Vogel Weiss Yilmaz Zimmer".split(
    " ",
  );

/** Ids in the shape that each system gives them. */
const REMOTE: Record<string, (n: number) => string> = {
  processout: (n) => `card_Vq8mZr2LxT${n}`,
  komoju: (n) => `7fk2m0x9q4${n}`,
  zafapay: (n) => `pmi_01jd${n}`,
  prism: (n) => `pm_1QxT8a${n}`,
};

export function addPeople(
  world: World,
  accounts: Account[],
  ordinary: number,
  seed: number,
  showcase: PersonPlan[] = SHOWCASE,
): void {
  const random = randomFrom(seed);
  const now = Date.now();
  let remote = 700_100 + world.cards.size;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

  const monthFromNow = (months: number) => {
    const d = new Date(now);
    const m = d.getUTCFullYear() * 12 + d.getUTCMonth() + months;
    return `${Math.floor(m / 12)}-${String((m % 12) + 1).padStart(2, "0")}`;
  };

  const add = (plan: PersonPlan) => {
    const env = (accounts[0] as Account).env;
    const person: Person = {
      id: `${env}-p${world.people.length + 1}`,
      env,
      email: plan.email,
      name: plan.name,
      customers: [],
      folded: { email: fold(plan.email ?? ""), name: fold(plan.name ?? ""), other: "" },
    };
    for (const at of plan.at) {
      const account = accounts[at.account % accounts.length] as Account;
      const customer: Customer = {
        id: `${person.id}-c${person.customers.length + 1}`,
        person,
        account,
        customerId: at.customerId,
        email: plan.email,
        cards: [],
        noCards: at.noCards ?? null,
      };
      person.customers.push(customer);
      for (const [index, p] of at.cards.entries()) customer.cards.push(addCard(customer, p, index));
    }
    person.folded.other = fold(
      person.customers
        .flatMap((k) => [k.customerId ?? "", ...k.cards.flatMap((x) => [x.remoteId, x.last4 ?? "", x.reference ?? ""])])
        .join(" "),
    );
    world.people.push(person);
  };

  const addCard = (customer: Customer, p: CardPlan, index: number): Card => {
    remote += 7;
    const created = new Date(now - (400 + index * 37) * DAY - Math.floor(random() * DAY)).toISOString();
    const knowledge = p.knowledge ?? "known";
    const expiry = p.exp === undefined ? null : monthFromNow(p.exp);
    const brandName = p.brand ? (BRANDS[p.brand] ?? p.brand) : null;
    const id = REMOTE[customer.account.system.provider]?.(remote) ?? String(remote);
    const card: Card = {
      id: `card-${remote}`,
      remoteId: id,
      customer,
      brand: p.brand ?? null,
      brandName,
      last4: p.last4 ?? null,
      expiry,
      knowledge,
      state: p.state ?? "active",
      oneClick: p.oneClick === undefined ? true : p.oneClick,
      version: 2 + (index % 5),
      createdOn: created,
      purgeOn: p.purgeDays === undefined ? null : new Date(now + p.purgeDays * DAY).toISOString(),
      readAt: customer.account.readSince ?? new Date(now - 14_000).toISOString(),
      goneAt: null,
      reference: customer.customerId ? `REF-${customer.customerId}-${index + 1}` : null,
      externalId: `b1c6c1d2-${String(remote).padStart(8, "0")}`,
      language: "de-CH",
      timeZone: "Europe/Zurich",
      versions:
        knowledge === "known"
          ? [
              {
                remote_id: String(remote + 200_000),
                state: "active",
                brand_name: brandName,
                last4: p.last4 ?? null,
                expiry,
                created_on: created,
                activated_on: created,
                obsoleted_on: null,
                expires_on: expiry ? `${expiry}-01T00:00:00Z` : null,
                production: customer.account.env === "live",
              },
            ]
          : [],
      note: null,
      isDefault: p.isDefault ?? null,
      blockReason: p.blockReason ?? null,
      verification: p.verification ?? null,
      chargeable: p.chargeable ?? null,
      kind: p.kind ?? null,
      activeNotSet: p.activeNotSet ?? false,
    };
    world.cards.set(card.id, card);
    return card;
  };

  for (const plan of showcase) add(plan);
  for (let n = 0; n < ordinary; n += 1) {
    const given = pick(GIVEN);
    const family = pick(FAMILY);
    const cards = Array.from({ length: 1 + Math.floor(random() * random() * 4) }, () =>
      c(pick(Object.keys(BRANDS)), String(1000 + Math.floor(random() * 9000)), Math.floor(random() * 40) - 3, {
        state: random() < 0.1 ? "inactive" : "active",
        oneClick: random() < 0.6,
      }),
    );
    add({
      email: `${fold(given)}.${fold(family)}${n}@example.${pick(["com", "org", "net"])}`,
      name: `${given} ${family}`,
      at: [{ account: Math.floor(random() * accounts.length), customerId: `C-${300_000 + n}`, cards }],
    });
  }
}

/** The five payment systems as the desk describes them: what is asked for, what each can do, in the desk's own words. */
import type { CapabilityLine, Carriers, FormField, HostField, ProviderOption } from "../../contract";
import type { Account } from "./records";

export interface System {
  provider: string;
  name: string;
  code: string;
  about: string;
  host: HostField;
  fields: FormField[];
  environmentFrom: "chosen" | "credentials";
  /** For an account whose connector ends mandates, `delete` is `mandate`. */
  carriers: Carriers;
  keepsDirectory: boolean;
  importsTokens: boolean;
  canForgetOneClick: boolean;
  canCreateToken: boolean;
  /** Whose keys say which side they belong to. */
  liveKey?: RegExp;
  testKey?: RegExp;
  /** A value that has no shape of a key. */
  shape: Record<string, RegExp>;
  carried: (account: Pick<Account, "lesson">) => string;
  says: (account: Pick<Account, "lesson">) => CapabilityLine[];
}

const field = (
  name: string,
  label: string,
  hint: string,
  example: string,
  more: Partial<FormField> = {},
): FormField => ({
  name,
  label,
  hint,
  example,
  secret: false,
  required: true,
  multiline: false,
  options: [],
  replaceable: false,
  ...more,
});

const SECRET = { secret: true, replaceable: true };

const PUBLISHABLE = field(
  "publishable_key",
  "Publishable key",
  "Only the test bench needs it: it makes tokens as the shop's page does.",
  "pk_test_…",
  { required: false, replaceable: true },
);

const line = (
  what: string,
  carrier: string,
  tag: string,
  says: string,
  lesson: string | null = null,
): CapabilityLine => ({
  what,
  carrier,
  lesson,
  tag,
  says,
});

const WALLEE_ACTIVE: Record<string, string> = {
  untried: "The interface of wallee does not list state as changeable: the first change is asked, then checked.",
  accepts: "The interface of wallee does not list state as changeable, but this account took it and kept it.",
  ignores: "wallee answered and kept the old state. Use one-click off or delete, or note it on this desk.",
  refuses: "wallee refused to change the state. Use one-click off or delete, or note it on this desk.",
};

const WALLEE_TAG: Record<string, string> = {
  untried: "Asked, then checked",
  accepts: "Accepted by wallee",
  ignores: "Ignored by wallee",
  refuses: "Refused by wallee",
};

const WALLEE_CARRIED: Record<string, string> = {
  untried: "One-click is set at wallee. Its interface does not list state as changeable: it is asked, then checked.",
  accepts: "One-click and state are set at wallee",
  ignores: "One-click is set at wallee. It ignores state here: use one-click off, or delete.",
  refuses: "One-click is set at wallee. It refuses state here: use one-click off, or delete.",
};

const NO_EXTRAS = { reason_is_sent: false, verify: false, ask_new_details: false, delete_customer: false };

export const SYSTEMS: System[] = [
  {
    provider: "wallee",
    name: "wallee",
    code: "WA",
    about: "and its white labels",
    host: {
      test: null,
      live: null,
      free: true,
      known: [
        { name: "wallee", host: "app-wallee.com" },
        { name: "PostFinance Checkout", host: "checkout.postfinance.ch" },
      ],
    },
    fields: [
      field("space", "Space", "The number in the address of the space.", "41219", {}),
      field("user", "Application user", "Its number, under Account, Users, Application users.", "88412", {
        replaceable: true,
      }),
      field("key", "Authentication key", "Shown once, when the application user is made.", "", SECRET),
    ],
    environmentFrom: "chosen",
    carriers: {
      ...NO_EXTRAS,
      one_click: "native",
      active: "asked_and_proven",
      delete: "asynchronous",
      default_card: "none",
      ask_new_details: true,
    },
    keepsDirectory: false,
    importsTokens: false,
    canForgetOneClick: false,
    canCreateToken: true,
    shape: { space: /^\d+$/, user: /^\d+$/, key: /^[A-Za-z0-9+/]{16,}={0,2}$/ },
    carried: ({ lesson }) => WALLEE_CARRIED[lesson] ?? "",
    says: ({ lesson }) => [
      line(
        "one_click",
        "native",
        "At wallee",
        "Set at wallee. Whether the buyer sees it also depends on the payment method and the shop’s checkout.",
      ),
      line(
        "active",
        lesson === "ignores" || lesson === "refuses" ? "not_possible" : "asked_and_proven",
        WALLEE_TAG[lesson] ?? "",
        WALLEE_ACTIVE[lesson] ?? "",
        lesson,
      ),
      line(
        "delete",
        "asynchronous",
        "At wallee",
        "wallee removes the card later and names the planned date. There is no way back.",
      ),
      line("default_card", "none", "Not offered", "wallee has no default card."),
      line(
        "verification",
        "read_only",
        "Read only",
        "Shows whether the card has an active version. A new check cannot be started from here.",
      ),
      line("customers_and_cards", "native", "At wallee", "wallee lists cards; customers are seen through their cards."),
      line(
        "news",
        "full_pass",
        "By reading all",
        "wallee does not tell what changed: new cards are asked for often, everything is read again in turn.",
      ),
      line(
        "guard",
        "version_guard",
        "By version",
        "Each card is read again before a change is sent; wallee refuses a change to an older version.",
      ),
    ],
  },
  {
    provider: "processout",
    name: "ProcessOut",
    code: "PO",
    about: "notes on the token",
    host: { test: "api.processout.com", live: "api.processout.com", free: false, known: [] },
    fields: [
      field("space", "Project id", "Begins with test- on the test side.", "test-proj_4kTq…"),
      field("key", "Private key", "Under Settings, API keys of the project.", "key_…", SECRET),
    ],
    environmentFrom: "credentials",
    carriers: {
      ...NO_EXTRAS,
      one_click: "metadata",
      active: "metadata",
      delete: "native",
      default_card: "native",
      delete_customer: true,
    },
    keepsDirectory: false,
    importsTokens: false,
    canForgetOneClick: false,
    canCreateToken: false,
    liveKey: /^proj_/,
    testKey: /^test-proj_/,
    shape: { space: /^(test-)?proj_\w+$/, key: /^key_\w{4,}$/ },
    carried: () =>
      "One-click and state are notes on the token at ProcessOut. The shop’s checkout has to read them; ProcessOut itself does not.",
    says: () => [
      line(
        "one_click",
        "metadata",
        "Note on the token",
        "Writes tokendesk_one_click. Your checkout must read it; ProcessOut itself does not.",
      ),
      line("active", "metadata", "Note on the token", "Writes tokendesk_active. Your checkout must read it."),
      line("delete", "native", "At ProcessOut", "Gone at once and for good. There is no planned date and no way back."),
      line("default_card", "native", "At ProcessOut", "Read with each customer, and set from here."),
      line(
        "verification",
        "read_only",
        "Read only",
        "Shows what ProcessOut last found, and whether it says that the card can be charged.",
      ),
      line(
        "customers_and_cards",
        "native",
        "At ProcessOut",
        "All customers, one by one; card details come with each token.",
      ),
      line("news", "events", "At ProcessOut", "From its list of events; if that has a gap, everything is read again."),
      line(
        "guard",
        "reread",
        "Read before write",
        "Each card is read directly before and after a change. What somebody writes in between can be lost.",
      ),
    ],
  },
  {
    provider: "komoju",
    name: "KOMOJU",
    code: "KO",
    about: "one card per customer",
    host: { test: "komoju.com", live: "komoju.com", free: false, known: [] },
    fields: [field("key", "Secret key", "Begins with sk_test_ or sk_live_.", "sk_test_…", SECRET), { ...PUBLISHABLE }],
    environmentFrom: "credentials",
    carriers: {
      ...NO_EXTRAS,
      one_click: "metadata",
      active: "metadata",
      delete: "customer_record",
      default_card: "none",
    },
    keepsDirectory: false,
    importsTokens: false,
    canForgetOneClick: true,
    canCreateToken: false,
    liveKey: /^sk_live_/,
    testKey: /^sk_test_/,
    shape: { key: /^sk_(test|live)_\w+$/ },
    carried: () =>
      "One card per customer here. One-click and state are notes on the customer at KOMOJU; the shop’s checkout has to read them.",
    says: () => [
      line(
        "one_click",
        "metadata",
        "Note on the customer",
        "Writes tokendesk_one_click. Your checkout must read it. The hosted page keeps its own record; it can be forgotten below.",
      ),
      line("active", "metadata", "Note on the customer", "Writes tokendesk_active. Your checkout must read it."),
      line(
        "delete",
        "customer_record",
        "Deletes the customer",
        "A KOMOJU customer is one card: the whole record goes, at once and for good.",
      ),
      line("default_card", "none", "Not offered", "With one card per customer there is nothing to choose."),
      line("verification", "none", "Not offered", "KOMOJU does not say whether a saved card was checked."),
      line("customers_and_cards", "native", "At KOMOJU", "All customers by page. Some are without a card, or hide it."),
      line("news", "events", "At KOMOJU", "From its events; if those have a gap, everything is read again."),
      line(
        "guard",
        "reread",
        "Read before write",
        "Each card is read directly before and after a change. What somebody writes in between can be lost.",
      ),
    ],
  },
  {
    provider: "zafapay",
    name: "Zafapay",
    code: "ZA",
    about: "customers by list of ids",
    host: { test: "api.sandbox.zafapay.com", live: "api.zafapay.com", free: false, known: [] },
    fields: [field("key", "Access token", "In the dashboard, under Developers.", "", SECRET), { ...PUBLISHABLE }],
    environmentFrom: "chosen",
    carriers: {
      ...NO_EXTRAS,
      one_click: "desk_only",
      active: "native",
      delete: "block_instead",
      default_card: "read_only",
      reason_is_sent: true,
    },
    keepsDirectory: true,
    importsTokens: false,
    canForgetOneClick: false,
    canCreateToken: false,
    shape: { key: /^\S{8,}$/ },
    carried: () =>
      "Inactive means blocked at Zafapay, with a reason that is sent there. One-click is a note of this desk only. Nothing can be deleted from here.",
    says: () => [
      line(
        "one_click",
        "desk_only",
        "This desk only",
        "A note for your colleagues. Zafapay knows nothing of it, and the buyer sees no difference.",
      ),
      line(
        "active",
        "native",
        "At Zafapay",
        "Inactive blocks the card at Zafapay and needs a reason, which is sent there. Active unblocks it.",
      ),
      line("delete", "block_instead", "Not offered", "Zafapay’s interface deletes nothing. Block the card instead."),
      line("default_card", "read_only", "Read only", "Shown as Zafapay has it; it cannot be set from here."),
      line("verification", "none", "Not offered", "Zafapay does not say whether a saved card was checked."),
      line(
        "customers_and_cards",
        "imported",
        "Imported by you",
        "Zafapay lists no customers: their ids come from a file or one by one. Their cards are then read.",
      ),
      line("news", "reread", "Read again", "Every imported customer is read again in turn."),
      line(
        "guard",
        "reread",
        "Read before write",
        "Each card is read directly before and after a change. What somebody writes in between can be lost.",
      ),
    ],
  },
  {
    provider: "prism",
    name: "Prism",
    code: "PR",
    about: "your own service",
    host: { test: null, live: null, free: true, known: [] },
    fields: [
      field("connector", "Connector", "The processor behind your Prism server.", "", {
        options: [
          { value: "stripe", label: "Stripe" },
          { value: "adyen", label: "Adyen" },
          { value: "cybersource", label: "Cybersource" },
          { value: "noon", label: "Noon" },
        ],
      }),
      field(
        "key",
        "Connector configuration",
        "The JSON object with the connector’s credentials, as your Prism server takes it.",
        '{"auth_type":"HeaderKey","api_key":"…"}',
        { ...SECRET, multiline: true },
      ),
    ],
    environmentFrom: "chosen",
    carriers: {
      ...NO_EXTRAS,
      one_click: "desk_only",
      active: "desk_only",
      delete: "mandate",
      default_card: "none",
      verify: true,
    },
    keepsDirectory: true,
    importsTokens: true,
    canForgetOneClick: false,
    canCreateToken: false,
    shape: { key: /^\s*\{[\s\S]*\}\s*$/ },
    carried: () =>
      "Imported by you: Prism keeps nothing and tells nothing. One-click and state are notes of this desk only.",
    says: () => [
      line("one_click", "desk_only", "This desk only", "A note for your colleagues. Prism keeps nothing."),
      line("active", "desk_only", "This desk only", "A note for your colleagues. The connector still takes the token."),
      line(
        "delete",
        "mandate",
        "At the connector",
        "Revokes the mandate at the connector. Its answer is the only proof: nothing can be read back.",
      ),
      line("default_card", "none", "Not offered", "Prism has no default card."),
      line(
        "verification",
        "none",
        "By a small hold",
        "A small amount is held and released at once. Off in live until you allow it.",
      ),
      line(
        "customers_and_cards",
        "imported",
        "Imported by you",
        "Connector tokens come from a file: customer email, the connector’s customer id, token.",
      ),
      line("news", "import", "By import", "Nothing comes by itself: import again when the shop’s list has changed."),
      line("guard", "none", "Nothing is written", "Only a revoke is sent; there is nothing to overwrite."),
    ],
  },
];

export const systemOf = (provider: string): System => {
  const system = SYSTEMS.find((x) => x.provider === provider);
  if (!system) throw new Error(`no system ${provider}`);
  return system;
};

export const optionOf = (system: System): ProviderOption => ({
  provider: system.provider,
  name: system.name,
  code: system.code,
  about: system.about,
  host: system.host,
  fields: system.fields,
  environment_from: system.environmentFrom,
  capabilities: system.says({ lesson: "untried" }),
});

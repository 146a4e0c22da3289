/** What the fake desk does at once, outside the outbox: verifying, asking for details, whole records, pasted ids. */
import type { Commands, RecognisedAs, VerificationView, VerifyOffer } from "../../contract";
import { accountOf } from "./account-commands";
import { type Card, type Desk, problem } from "./records";
import { SYSTEMS } from "./systems";
import { cardDetail, changeView, personView, tagOf } from "./views";

type Names =
  | "set_default"
  | "before_deletion"
  | "remove_from_desk"
  | "verify_offer"
  | "verify_card"
  | "refund_verification"
  | "ask_new_details"
  | "create_token"
  | "delete_customer"
  | "recognise"
  | "look_up";

const SAYS: Record<string, string> = {
  declined: "Refused by the processor: “do not honour”. Nothing is held.",
  needs_buyer: "The buyer would have to confirm it. Nothing is held; nothing is known of the card.",
  hold_may_exist: "The answer was lost. A hold may exist: look for the reference at the processor.",
  charged: "It came back charged although only a hold was asked for.",
  refunded: "The amount went back to the buyer.",
  voided: "Authorized, and the hold was released. The card works; nothing is held.",
};

/** The amount decides, so that every outcome can be looked at. */
const OUTCOMES: Record<string, string> = {
  "0.51": "declined",
  "0.52": "needs_buyer",
  "0.53": "hold_may_exist",
  "0.54": "charged",
};

const SHAPES: { shape: RegExp; provider: string; kind: string; what: string }[] = [
  {
    shape: /^tok_/,
    provider: "komoju",
    kind: "Single-use token",
    what: "It is used once, or expires 24 hours after it was made.",
  },
  { shape: /^tok_/, provider: "processout", kind: "Single-use token", what: "It cannot be looked up." },
  { shape: /^card_/, provider: "processout", kind: "Card token", what: "Card details behind a customer’s token." },
  { shape: /^cust_/, provider: "processout", kind: "Customer", what: "A customer record." },
  { shape: /^pmi_/, provider: "zafapay", kind: "Saved card", what: "A card saved at Zafapay." },
  { shape: /^pm_/, provider: "prism", kind: "Payment method", what: "A token of the connector behind Prism." },
  { shape: /^\d{5,}$/, provider: "wallee", kind: "Saved card", what: "A token of a wallee space." },
];

export function actingCommands(desk: Desk): {
  [C in Names]: (request: Commands[C]["request"]) => Commands[C]["response"];
} {
  const { world, changed } = desk;
  const earlier = (card: Card): VerificationView[] => world.verifications.filter((x) => x.card === card.id);
  const offer = (card: Card): VerifyOffer => {
    const { account } = card.customer;
    return {
      blocked: account.verificationAllowed
        ? null
        : problem("verification_not_allowed", `Verifying by money is off for ${account.label}.`, {
            hint: "Allow it on the account’s page first.",
          }),
      confirmation: "VERIFY",
      currencies: [
        { currency: "EUR", at_most: "2.00", suggested: "1.00" },
        { currency: "JPY", at_most: "200", suggested: "100" },
        { currency: "USD", at_most: "2.00", suggested: "1.00" },
      ],
      says: [
        "A small amount is held on the buyer’s card and released at once.",
        "The buyer’s bank may show the hold for some days; this desk cannot prevent that.",
        "If the answer is lost a hold may exist. It is never tried again by itself.",
      ],
      earlier: earlier(card),
    };
  };
  return {
    set_default: ({ card_id }) => {
      const change = desk.ask(desk.card(card_id), "default", true, null);
      changed(["cards", "changes", "status"]);
      return changeView(change);
    },
    before_deletion: ({ card_id }) => {
      const card = desk.card(card_id);
      const { carriers, name } = card.customer.account.system;
      if (carriers.delete === "customer_record") {
        return {
          open_payments: card.last4 === "3311" ? ["pay_8c1Tq2", "pay_9d0Ux7"] : [],
          subscriptions: card.last4 === "3311" ? ["sub_44ab01"] : [],
          problem: null,
          says: `${name} deletes the whole customer record, whose one card this is. It is gone at once and for good.`,
        };
      }
      const says: Record<string, string> = {
        asynchronous: `${name} removes it for good and tells the planned date. Neither you nor ${name} can bring it back.`,
        native: `${name} removes the token at once and for good.`,
        mandate: "The mandate is revoked at the connector. Its answer is the only proof: nothing can be read back.",
      };
      return { open_payments: [], subscriptions: [], problem: null, says: says[carriers.delete] ?? "" };
    },
    remove_from_desk: ({ card_id }) => {
      const card = desk.card(card_id);
      const { cards } = card.customer;
      cards.splice(cards.indexOf(card), 1);
      world.cards.delete(card_id);
      changed(["cards", "status", "accounts"]);
      return {};
    },
    verify_offer: ({ card_id }) => offer(desk.card(card_id)),
    verify_card: ({ card_id, amount, currency, confirmation }) => {
      const card = desk.card(card_id);
      const can = offer(card);
      if (can.blocked) throw can.blocked;
      const cap = can.currencies.find((x) => x.currency === currency);
      if (!cap || !/^\d+(\.\d+)?$/.test(amount) || Number(amount) <= 0 || Number(amount) > Number(cap.at_most)) {
        throw problem("field_invalid", `At most ${cap?.at_most} ${currency} can be held.`, { field: "amount" });
      }
      if (confirmation !== can.confirmation)
        throw problem("confirmation_missing", "What was typed does not match.", { field: "confirmation" });
      const outcome = OUTCOMES[amount] ?? "voided";
      const now = new Date().toISOString();
      const done = {
        id: `verification-${world.verifications.length + 1}`,
        card: card.id,
        started_at: now,
        finished_at: now,
        reference: `TD-7Q${1000 + world.verifications.length}`,
        amount: `${amount} ${currency}`,
        outcome,
        says: SAYS[outcome] ?? "",
        refundable: outcome === "charged",
        transaction_id: outcome === "hold_may_exist" ? null : "pi_3QxT8a",
        by: "Mira Hoffmann",
      };
      world.verifications.unshift(done);
      changed(["cards", "log"]);
      return done;
    },
    refund_verification: ({ verification_id }) => {
      const done = world.verifications.find((x) => x.id === verification_id);
      if (!done?.refundable) throw problem("not_possible_here", "There is nothing to refund.");
      Object.assign(done, { outcome: "refunded", says: SAYS.refunded, refundable: false });
      changed(["cards", "log"]);
      return done;
    },
    ask_new_details: ({ card_id }) => ({
      url: `https://app-wallee.com/s/41218/payment/page?token=${desk.card(card_id).remoteId}&key=9fd1…`,
      says: "The buyer enters a card there; nothing is charged. The new details then replace those of this card.",
    }),
    create_token: ({ account_id, customer_id, email }) => {
      const account = accountOf(desk, account_id);
      const like = [...world.cards.values()].find((x) => x.customer.account === account);
      if (!like) throw problem("card_unknown", "There is no customer at this account yet.");
      const { customer } = like;
      const id = String(9_900_000 + world.cards.size);
      const card: Card = {
        ...like,
        id: `card-${id}`,
        remoteId: id,
        brand: null,
        brandName: null,
        last4: null,
        expiry: null,
        knowledge: "no_active_version",
        state: "creating",
        versions: [],
        createdOn: new Date().toISOString(),
        note: null,
      };
      customer.cards.unshift(card);
      if (customer_id) customer.customerId = customer_id;
      if (email) customer.email = email;
      world.cards.set(card.id, card);
      changed(["cards", "accounts"]);
      return cardDetail(world, card);
    },
    delete_customer: ({ account_id, customer_id, confirmation }) => {
      const account = accountOf(desk, account_id);
      if (confirmation !== customer_id.slice(-4))
        throw problem("confirmation_missing", "What was typed does not match.", { field: "confirmation" });
      for (const person of world.people) {
        for (const customer of person.customers) {
          if (customer.account !== account || customer.customerId !== customer_id) continue;
          for (const card of customer.cards) world.cards.delete(card.id);
          customer.cards = [];
          person.customers = person.customers.filter((x) => x !== customer);
        }
      }
      changed(["cards", "accounts", "log"]);
      return { says: `${account.system.name} has deleted the customer ${customer_id}.` };
    },
    recognise: ({ env, text }) => {
      const id = text.trim();
      const found = SHAPES.filter((x) => x.shape.test(id));
      return {
        items: found.map(({ provider, kind, what }): RecognisedAs => {
          const system = SYSTEMS.find((x) => x.provider === provider);
          const card = [...world.cards.values()].find(
            (x) => x.remoteId === id && x.customer.account.system === system && x.customer.account.env === env,
          );
          const customer = world.people
            .flatMap((x) => x.customers)
            .find((x) => x.customerId === id && x.account.env === env && x.account.system === system);
          const person = card?.customer.person ?? customer?.person ?? null;
          const at = world.accounts.filter((x) => x.system === system && x.env === env);
          const look_up =
            kind === "Single-use token" || provider === "prism" ? [] : at.map((x) => ({ value: x.id, label: x.label }));
          return {
            provider_name: system?.name ?? "",
            code: system?.code ?? "",
            kind,
            says: `${what} ${person ? `Known here, at ${tagOf((card?.customer ?? customer)?.account ?? at[0] ?? accountOf(desk, "")).label}.` : "Not known here."}${look_up.length > 0 ? "" : ` ${system?.name} has no call to look it up.`}`,
            card_id: card?.id ?? null,
            person: person?.id ?? null,
            look_up,
          };
        }),
      };
    },
    look_up: ({ account_id, text }) => {
      const account = accountOf(desk, account_id);
      if (world.offlineSince)
        throw problem("unreachable", `${account.system.name} was not reached.`, { retryable: true });
      const card = [...world.cards.values()].find((x) => x.remoteId === text.trim() && x.customer.account === account);
      const customer = world.people
        .flatMap((x) => x.customers)
        .find((x) => x.customerId === text.trim() && x.account === account);
      const person = card?.customer.person ?? customer?.person ?? null;
      if (person) personView(world, person, 1);
      return {
        found: person !== null,
        card_id: card?.id ?? null,
        person: person?.id ?? null,
        says: person ? `Found at ${account.label}.` : `${account.system.name} knows no such id in ${account.label}.`,
      };
    },
  };
}

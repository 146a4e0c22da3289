/** Flows of a fake test bench: two that show every look of a step. */
import type {
  Chosen,
  Commands,
  ExchangeView,
  FlowRunView,
  FlowStepDone,
  FlowView,
  SingleUseView,
} from "../../contract";
import { accountOf } from "./account-commands";
import { type Account, type Desk, problem } from "./records";
import { tagOf } from "./views";

type Names = "list_flows" | "start_flow" | "run_flow_step" | "show_flow_run" | "flow_runs" | "single_use_tokens";

const CARDS: Chosen[] = [
  { value: "visa_ok", label: "Visa 4111 … 1111: completed" },
  { value: "visa_later", label: "Visa 4000 … 3220: requires action" },
  { value: "visa_authorized", label: "Visa 4000 … 0077: authorized" },
  { value: "visa_declined", label: "Visa 4000 … 0002: failed" },
];

const FLOWS: FlowView[] = [
  {
    id: "token_once",
    title: "A token, used once",
    about:
      "The shop’s page makes a token of a card, the shop’s server pays with it. A second use is refused; after its lifetime it is worth nothing.",
    steps: [
      {
        id: "create",
        title: "Create the token",
        about: "As the shop’s page does, with the publishable key.",
        choices: [
          { id: "card", label: "Test card", options: CARDS, default: "visa_ok" },
          { id: "email", label: "Buyer’s email", options: [], default: "buyer@example.com" },
        ],
        optional: false,
      },
      {
        id: "pay",
        title: "Pay with the token",
        about: "As the shop’s server does, with the secret key.",
        choices: [
          {
            id: "save",
            label: "Save the card",
            options: [
              { value: "yes", label: "Yes, for next time" },
              { value: "no", label: "No" },
            ],
            default: "yes",
          },
        ],
        optional: false,
      },
      {
        id: "again",
        title: "Use it a second time",
        about: "The documents say that this is refused.",
        choices: [],
        optional: true,
      },
      {
        id: "list",
        title: "List the saved cards",
        about: "The card is there once the payment is done.",
        choices: [],
        optional: false,
      },
    ],
  },
  {
    id: "without_verification",
    title: "A customer’s token without verification",
    about: "A customer, a card token, and the customer’s token made of it. Nothing is asked of the buyer.",
    steps: [
      {
        id: "customer",
        title: "Create the customer",
        about: "The currency may be left out. Once set it is fixed.",
        choices: [
          {
            id: "currency",
            label: "Currency",
            options: [
              { value: "", label: "None" },
              { value: "EUR", label: "EUR" },
              { value: "JPY", label: "JPY" },
            ],
            default: "",
          },
        ],
        optional: false,
      },
      {
        id: "token",
        title: "Make the customer’s token",
        about: "From a card token of a test card.",
        choices: [{ id: "card", label: "Test card", options: CARDS, default: "visa_ok" }],
        optional: false,
      },
      { id: "delete", title: "Delete the token", about: "Gone at once.", choices: [], optional: false },
    ],
  },
];

const exchange = (
  method: string,
  target: string,
  request: object | null,
  status: string,
  answer: object | null,
): ExchangeView => ({
  method,
  target,
  request: request === null ? "" : JSON.stringify(request, null, 2),
  status,
  answer: answer === null ? "" : JSON.stringify(answer, null, 2),
  took_ms: 118,
});

const NUMBER = "•••• •••• •••• 1111";

interface Told extends Pick<FlowStepDone, "result" | "outcome" | "meaning" | "next" | "facts" | "link" | "exchanges"> {}

const told = (outcome: string, meaning: string, next: string, more: Partial<Told> = {}): Told => ({
  result: "as_documented",
  outcome,
  meaning,
  next,
  facts: [],
  link: null,
  exchanges: [],
  ...more,
});

const PAID: Record<string, Told> = {
  visa_ok: told("completed", "The payment is done. The card is saved as asked.", "List the saved cards."),
  visa_later: told(
    "requires_action",
    "The buyer has to confirm at the bank first.",
    "Open the page, confirm, then list the saved cards.",
    {
      link: "https://bank.example.com/3ds/8f1c22",
    },
  ),
  visa_authorized: told(
    "authorized",
    "The amount is held, not taken. The shop captures it later.",
    "List the saved cards.",
  ),
  visa_declined: told(
    "failed",
    "The bank refused it. Nothing was taken and no card is saved.",
    "Begin again with another card.",
  ),
};

function outcomeOf(step: string, choices: Record<string, string>): Told {
  const card = choices.card ?? "visa_ok";
  switch (step) {
    case "create":
      return told("201", "The token stands for the card, once, for thirty minutes.", "Pay with it before it expires.", {
        facts: [
          { value: "tok_8rT2mQ", label: "Token" },
          { value: "Visa 1111, 12/2030", label: "Card" },
        ],
        exchanges: [
          exchange(
            "POST",
            "/v1/tokens",
            { card: { number: NUMBER, exp: "12/30", cvc: "•••" }, email: choices.email },
            "201",
            {
              id: "tok_8rT2mQ",
              brand: "VISA",
              last4: "1111",
              expires_at: new Date(Date.now() + 1_800_000).toISOString(),
              used: false,
            },
          ),
        ],
      });
    case "pay": {
      const paid = PAID[card] ?? (PAID.visa_ok as Told);
      return {
        ...paid,
        facts: [{ value: "pay_77Tz0x", label: "Payment" }],
        exchanges: [
          exchange(
            "POST",
            "/v1/payments",
            { amount: 1000, currency: "JPY", token: "tok_8rT2mQ", save_card: choices.save !== "no" },
            "201",
            {
              id: "pay_77Tz0x",
              status: paid.outcome,
            },
          ),
        ],
      };
    }
    case "again":
      return told("refused", "The token was used: it is refused, as the documents say.", "Go on with the list.", {
        exchanges: [
          exchange("POST", "/v1/payments", { amount: 1000, token: "tok_8rT2mQ" }, "422", {
            error: { code: "token_used" },
          }),
        ],
      });
    case "customer":
      return told("created", "The customer exists; it has no token yet.", "Make a token for it.", {
        facts: [{ value: "cust_9aQ2", label: "Customer" }],
        exchanges: [
          exchange("POST", "/customers", { currency: choices.currency || undefined }, "200", { success: true }),
        ],
      });
    case "delete":
      return told(
        "no answer",
        "Nothing came back within thirty seconds. It may have been deleted.",
        "Run the step again.",
        {
          result: "failed",
          exchanges: [exchange("DELETE", "/customers/cust_9aQ2/tokens/card_1", null, "", null)],
        },
      );
    default:
      return told("not-requested", "The token can be charged. No verification was asked for.", "", {
        result: step === "token" ? "otherwise" : "as_documented",
        facts: [{ value: "1", label: "Saved cards" }],
        exchanges: [
          exchange("GET", "/v1/customers/buyer/cards", null, "200", { data: [{ brand: "VISA", last4: "1111" }] }),
        ],
      });
  }
}

export function benchCommands(desk: Desk): {
  [C in Names]: (request: Commands[C]["request"]) => Commands[C]["response"];
} {
  const { world } = desk;
  let sequence = 0;
  /** What was chosen so far, by run. */
  const cards = new Map<string, Record<string, string>>();
  const bench = (id: string): Account => {
    const account = accountOf(desk, id);
    if (account.env === "live")
      throw problem("not_possible_here", "The test bench is for test and demo accounts only.");
    return account;
  };
  const runOf = (id: string): FlowRunView => {
    const run = world.runs.find((x) => x.id === id);
    if (!run) throw problem("internal", "This run is not on this desk.");
    return run;
  };
  const token = (account: Account, kind: string, more: Partial<SingleUseView> = {}): SingleUseView => ({
    account: tagOf(account),
    remote_id: `tok_8rT2mQ${sequence}`,
    kind,
    shown: "Visa 1111",
    created_at: new Date().toISOString(),
    expires_at: new Date(Date.now() + 1_800_000).toISOString(),
    seconds_left: 1_800,
    status: "usable",
    used_at: null,
    ...more,
  });
  return {
    list_flows: ({ account_id }) => {
      bench(account_id);
      return { items: FLOWS };
    },
    start_flow: ({ account_id, flow }) => {
      bench(account_id);
      const chosen = FLOWS.find((x) => x.id === flow);
      if (!chosen) throw problem("not_possible_here", "There is no such flow here.");
      sequence += 1;
      const run: FlowRunView = {
        id: `run-${sequence}`,
        account_id,
        flow: chosen,
        started_at: new Date().toISOString(),
        done: [],
        next_step: chosen.steps[0]?.id ?? null,
      };
      world.runs.unshift(run);
      return run;
    },
    run_flow_step: ({ run_id, step, choices }) => {
      const run = runOf(run_id);
      const account = bench(run.account_id);
      const at = run.flow.steps.findIndex((x) => x.id === step);
      const asked = run.flow.steps[at];
      if (!asked) throw problem("not_possible_here", "There is no such step here.");
      const chosen = asked.choices.map((choice) => {
        const value = choices[choice.id] ?? choice.default;
        if (/\d{13}/.test(value)) throw problem("card_number", "", { field: choice.id });
        return { value: choice.options.find((x) => x.value === value)?.label ?? value, label: choice.label };
      });
      const before = { ...cards.get(run.id), ...choices };
      cards.set(run.id, before);
      run.done.push({ step, at: new Date().toISOString(), chosen, ...outcomeOf(step, before) });
      run.next_step = run.flow.steps[run.done.at(-1)?.result === "failed" ? at : at + 1]?.id ?? null;
      if (step === "create") world.singleUse.unshift(token(account, "credit_card"));
      if (step === "pay") {
        const used = world.singleUse.find((x) => x.account.id === account.id && x.status === "usable");
        if (used) Object.assign(used, { status: "used", used_at: new Date().toISOString(), seconds_left: null });
      }
      return run;
    },
    show_flow_run: ({ run_id }) => runOf(run_id),
    flow_runs: ({ account_id }) => ({ items: world.runs.filter((x) => x.account_id === account_id), next: null }),
    single_use_tokens: ({ account_id }) => ({
      items: world.singleUse
        .filter((x) => x.account.id === account_id)
        .map((x) => ({
          ...x,
          seconds_left:
            x.status === "usable" && x.expires_at
              ? Math.max(0, Math.round((Date.parse(x.expires_at) - Date.now()) / 1000))
              : null,
        })),
    }),
  };
}

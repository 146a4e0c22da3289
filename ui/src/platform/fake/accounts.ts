/** Connecting, testing and reading fake accounts. */
import type { CheckLine, CheckResult, ConnectAccount, Env, Tag } from "../../contract";
import { type Account, problem } from "./records";
import { SYSTEMS, type System, systemOf } from "./systems";

let sequence = 0;

export function newAccount(
  label: string,
  env: Env,
  truth: Account["truth"],
  system: System = SYSTEMS[0] as System,
): Account {
  sequence += 1;
  const now = Date.now();
  return {
    id: `account-${sequence}`,
    system,
    code: system.code,
    label,
    env,
    host: "https://app-wallee.com",
    space: "41218",
    user: "88412",
    connector: null,
    readOnly: false,
    pausedByPerson: false,
    directory: system.keepsDirectory ? [] : null,
    verificationAllowed: system.carriers.verify ? env !== "live" : null,
    lesson: system.carriers.active === "asked_and_proven" ? truth : "accepts",
    truth,
    builtIn: false,
    connectedAt: new Date(now - 40 * 86_400_000).toISOString(),
    readSince: new Date(now - 14_000).toISOString(),
    finishedAt: new Date(now - 9_000).toISOString(),
    progress: null,
    unfinished: false,
    paused: null,
    lastProblem: null,
    check: null,
  };
}

const ASKED = ["space", "user", "connector", "key", "publishable_key"] as const;

/** Refuses what no account could be made of, naming the field. */
function refuseBadFields(system: System, asked: ConnectAccount): void {
  const at = (field: string, title: string, code: "field_invalid" | "key_malformed" = "field_invalid", hint = "") => {
    throw problem(code, title, { field, hint });
  };
  if (asked.label.trim() === "") at("label", "A name is needed.");
  const free = system.host.free || asked.env === "demo";
  if (free) {
    if (!/^[\w.:/[\]-]+$/.test(asked.host))
      throw problem("host_malformed", "This is not a host name.", { field: "host" });
    if (asked.host.startsWith("http://") && !asked.host.includes("127.0.0.1")) {
      throw problem("host_not_https", "Only this computer may be reached without encryption.", { field: "host" });
    }
  }
  for (const { name, label, required } of system.fields) {
    const value = asked[name as (typeof ASKED)[number]] ?? "";
    if (required && value.trim() === "") at(name, `${label} is needed.`);
    if (value === "" || (system.shape[name]?.test(value) ?? true)) continue;
    if (name !== "key") at(name, name === "space" ? "The space is a number." : `This is not one: ${label}.`);
    if (system.provider === "wallee") at("key", "This is not an authentication key.", "key_malformed");
    if (value.startsWith("pk_"))
      at("key", "This is a publishable key.", "field_invalid", "The secret key begins with sk_.");
    at("key", `${label}: this cannot be one.`);
  }
  const told = system.provider === "processout" ? asked.space : asked.key;
  const says = system.liveKey?.test(told) ? "live" : system.testKey?.test(told) ? "test" : null;
  if (says && asked.env !== "demo" && says !== asked.env) {
    throw problem("environment_contradicted", `These credentials are for ${says}, and ${asked.env} was chosen.`, {
      hint: "Choose the environment they belong to.",
      field: "env",
    });
  }
}

export function checkConnection(asked: ConnectAccount): CheckResult {
  const system = systemOf(asked.provider);
  refuseBadFields(system, asked);
  const wrong = asked.key.includes("wrong");
  const rejected = problem("credentials_rejected", `${system.name} did not accept the key.`, {
    hint:
      system.provider === "wallee"
        ? "Make a new key for this application user."
        : "Copy the key again from its dashboard.",
    request_id: "wl-5Kq81Lw",
  });
  const line = (step: string, says: string, outcome: string, fact: string | null, took_ms: number): CheckLine => ({
    step,
    says,
    outcome: wrong && !["reach", "clock", "sign_in"].includes(step) ? "not_tried" : outcome,
    fact: wrong ? null : fact,
    problem:
      outcome === "fails"
        ? rejected
        : outcome === "limited" && !wrong && step !== "search"
          ? problem("forbidden", "The key may not list events.", {
              hint: "Edits are then seen by complete reads only. Give the key the right to read events, then test again.",
            })
          : null,
    took_ms,
  });
  const sign = line("sign_in", "Key", wrong ? "fails" : "works", null, 121);
  const lines: Record<string, CheckLine[]> = {
    wallee: [
      line("scope", "What the key opens", "works", "Shop CH", 90),
      line("read_tokens", "Read cards", "works", "100+", 310),
      line("read_versions", "Read card details", "works", "37", 202),
      line("search", "Search", "limited", null, 101),
    ],
    processout: [
      line("scope", "What the key opens", "works", asked.space, 90),
      line("read_customers", "Read customers", "works", "100+", 310),
      line("read_tokens", "Read cards", "works", "12", 202),
      line("events", "Read events", "limited", null, 84),
    ],
    komoju: [
      line("read_customers", "Read customers", "works", "100+", 310),
      line("events", "Read events", "works", null, 84),
      line("publishable_key", "Publishable key", asked.publishable_key ? "works" : "not_tried", null, 60),
    ],
    zafapay: [
      line("read_tokens", "Read saved cards", "works", null, 310),
      line("publishable_key", "Publishable key", asked.publishable_key ? "works" : "not_tried", null, 60),
    ],
    prism: [line("connector", "Connector", "works", asked.connector, 210)],
  };
  const all = [
    line("reach", "Host", "works", null, 84),
    sign,
    ...(lines[system.provider] ?? []),
    line("environment", "Environment", "works", null, 3),
    line("clock", "Clocks", "works", null, 0),
  ];
  return {
    works: !wrong,
    limited: all.some((x) => x.outcome === "limited"),
    clock_ahead_s: 0,
    lines: all,
    at: new Date().toISOString(),
    took_ms: 911,
  };
}

/** Reads an account in ten steps. */
export function readAccount(account: Account, step: number, changed: (tags: Tag[]) => void): void {
  const total = 400;
  const started = new Date().toISOString();
  account.unfinished = true;
  account.progress = { stage: "tokens", done: 0, total, per_second: 410 };
  changed(["accounts", "status"]);
  const tick = () => {
    const progress = account.progress;
    if (!progress) return;
    if (progress.done >= total && progress.stage === "versions") {
      account.progress = null;
      account.unfinished = false;
      account.readSince = started;
      account.finishedAt = new Date().toISOString();
      changed(["accounts", "status", "cards"]);
      return;
    }
    account.progress =
      progress.done >= total
        ? { ...progress, stage: "versions", done: 0 }
        : { ...progress, done: Math.min(total, progress.done + total / 5) };
    changed(["accounts", "status"]);
    setTimeout(tick, step);
  };
  setTimeout(tick, step);
}

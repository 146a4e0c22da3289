/** Connecting, testing and reading fake accounts. */
import type { CheckLine, CheckResult, ConnectAccount, Env, Tag } from "../../contract";
import { type Account, problem } from "./records";

let sequence = 0;

export function newAccount(label: string, env: Env, truth: Account["truth"]): Account {
  sequence += 1;
  const now = Date.now();
  return {
    id: `account-${sequence}`,
    label,
    env,
    host: "https://app-wallee.com",
    space: "41218",
    user: "88412",
    lesson: truth,
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

type Asked = Pick<ConnectAccount, "host" | "space" | "user" | "key" | "label" | "env">;

export function checkConnection(asked: Asked & { provider: string }): CheckResult {
  if (asked.label.trim() === "") throw problem("field_invalid", "A name is needed.", { field: "label" });
  if (!/^[\w.:/-]+$/.test(asked.host)) throw problem("host_malformed", "This is not a host name.", { field: "host" });
  if (asked.host.startsWith("http://") && !asked.host.includes("127.0.0.1")) {
    throw problem("host_not_https", "Only this computer may be reached without encryption.", { field: "host" });
  }
  if (!/^\d+$/.test(asked.space)) throw problem("field_invalid", "The space is a number.", { field: "space" });
  if (!/^\d+$/.test(asked.user)) throw problem("field_invalid", "The application user is a number.", { field: "user" });
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(asked.key)) {
    throw problem("key_malformed", "This is not an authentication key.", { field: "key" });
  }
  const wrong = asked.key.startsWith("wrong");
  const rejected = problem("credentials_rejected", "wallee did not accept the key.", {
    hint: "Make a new key for this application user.",
    request_id: "wl-5Kq81Lw",
  });
  const line = (step: string, outcome: string, fact: string | null, took_ms: number): CheckLine => ({
    step,
    outcome,
    fact,
    problem: outcome === "fails" ? rejected : null,
    took_ms,
  });
  const after = wrong ? "not_tried" : "works";
  return {
    works: !wrong,
    limited: !wrong,
    clock_ahead_s: 0,
    lines: [
      line("reach", "works", null, 84),
      line("sign_in", wrong ? "fails" : "works", null, 121),
      line("scope", after, wrong ? null : "Shop CH", 90),
      line("read_tokens", after, wrong ? null : "100+", 310),
      line("read_versions", after, wrong ? null : "37", 202),
      line("search", wrong ? "not_tried" : "limited", null, 101),
      line("environment", after, null, 3),
      line("clock", "works", null, 0),
    ],
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

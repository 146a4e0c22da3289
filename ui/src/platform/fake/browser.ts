/**
 * The host when the dashboard runs in a browser (`npm run dev`). The address says which world:
 * `?start=first|demo|live|two|five&env=live|test|demo&truth=accepts|ignores|refuses&offline&paused&reading&step=700&hold=10000&latency=0&refused=70`.
 */
import { readAccount } from "./accounts";
import { FakeDesk, type FakeOptions } from "./fake";
import { problem } from "./records";

const asked = new URLSearchParams(window.location.search);
const number = (name: string) => (asked.has(name) ? Number(asked.get(name)) : undefined);

const desk = new FakeDesk({
  start: (asked.get("start") as FakeOptions["start"]) ?? "first",
  truth: (asked.get("truth") as FakeOptions["truth"]) ?? "accepts",
  env: (asked.get("env") as FakeOptions["env"]) ?? undefined,
  step: number("step") ?? 700,
  hold: number("hold"),
  latency: number("latency") ?? 0,
  people: number("people"),
});

if (asked.has("offline")) desk.setOffline(true);
const first = desk.world.accounts[0];
if (first && asked.has("paused")) {
  first.paused = problem("credentials_rejected", `wallee did not accept the key of ${first.label}.`, {
    detail: "Cards are shown as read before. The account is paused so that the key is not tried again and again.",
    hint: "Make a new key at wallee, remove the account here and connect it again.",
    request_id: "wl-5Kq81Lw",
    params: { account: first.label },
  });
}
if (first && asked.has("untried")) first.lesson = "untried";
if (first && asked.has("reading")) {
  first.readSince = null;
  first.finishedAt = null;
  readAccount(first, 4_000, desk.changed);
}
// Every so many-th card is refused whatever is asked of it.
const every = number("refused");
if (every)
  for (const [at, id] of [...desk.world.cards.keys()].entries()) if (at % every === 3) desk.world.refused.add(id);
if (asked.has("rebuilt")) desk.world.cacheRebuilt = "cache-2026-11-17.damaged";

// For taking pictures and trying things by hand in the browser's console.
Object.assign(window, { desk });

export const platform = desk;

import { describe, expect, it } from "vitest";
import { NewestFirst } from "./newest";

function question() {
  const stop = new AbortController();
  let answer: (words: string) => void = () => {};
  const asked = { yes: false };
  const ask = () => {
    asked.yes = true;
    return new Promise<string>((done) => {
      answer = done;
    });
  };
  return { stop, asked, ask, answer: (words: string) => answer(words) };
}

const settled = () => new Promise((done) => setTimeout(done));

describe("questions of which only the newest counts", () => {
  it("asks the newest next and never those that nobody waits for", async () => {
    const lane = new NewestFirst(2);
    const [a, b, c, d, e] = [question(), question(), question(), question(), question()] as const;
    const first = lane.ask(a.stop.signal, a.ask);
    void lane.ask(b.stop.signal, b.ask);
    const given = [c, d].map((x) => lane.ask(x.stop.signal, x.ask).catch(() => "given up"));
    const newest = lane.ask(e.stop.signal, e.ask);
    await settled();
    expect([a, b, c, d, e].map((x) => x.asked.yes)).toEqual([true, true, false, false, false]);
    c.stop.abort();
    d.stop.abort();
    expect(await Promise.all(given)).toEqual(["given up", "given up"]);
    a.answer("old");
    expect(await first).toBe("old");
    await settled();
    expect([c, d, e].map((x) => x.asked.yes)).toEqual([false, false, true]);
    e.answer("new");
    expect(await newest).toBe("new");
  });

  it("goes on after one that failed", async () => {
    const lane = new NewestFirst(1);
    const next = question();
    const failed = lane.ask(new AbortController().signal, () => Promise.reject(new Error("offline")));
    const after = lane.ask(next.stop.signal, next.ask);
    await expect(failed).rejects.toThrow("offline");
    await settled();
    next.answer("here");
    expect(await after).toBe("here");
  });
});

/**
 * Questions of which only the newest counts. The host answers each one to its end, so those that nobody waits for any
 * more must not be asked at all: a few are under way at once, and of the others only those still wanted get their turn,
 * the newest first.
 */
export class NewestFirst {
  private underWay = 0;
  private readonly waiting: { signal: AbortSignal; begin: () => void }[] = [];

  constructor(private readonly atOnce: number) {}

  async ask<T>(signal: AbortSignal, question: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    if (this.underWay >= this.atOnce) {
      await new Promise<void>((begin, stop) => {
        this.waiting.push({ signal, begin });
        signal.addEventListener("abort", () => stop(signal.reason), { once: true });
      });
    } else this.underWay += 1;
    try {
      return await question();
    } finally {
      this.next();
    }
  }

  private next(): void {
    for (;;) {
      const newest = this.waiting.pop();
      if (!newest) {
        this.underWay -= 1;
        return;
      }
      if (!newest.signal.aborted) {
        newest.begin();
        return;
      }
    }
  }
}

/** Seconds that run out. Told by the window's own clock; read out once by whoever shows it, never each second. */
import { useEffect, useReducer } from "react";

const SECOND = 1_000;

/** Whole seconds still to go, rounded up; `null` without an end. `end` is as `performance.now()` counts. */
export function useSecondsLeft(end: number | undefined): number | null {
  const [tick, next] = useReducer((n: number) => n + 1, 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each tick plans the next one
  useEffect(() => {
    if (end === undefined) return;
    const left = end - performance.now();
    if (left <= 0) return;
    const timer = setTimeout(next, left % SECOND || SECOND);
    return () => clearTimeout(timer);
  }, [end, tick]);
  return end === undefined ? null : Math.max(0, Math.ceil((end - performance.now()) / SECOND));
}

const RADIUS = 10.5;
const ROUND = 2 * Math.PI * RADIUS;

/** A ring that empties, with the seconds in it. The words beside it say the same. */
export function Ring({ seconds, whole }: { seconds: number; whole: number }) {
  // It glides towards where it will be at the next tick.
  const part = Math.min(1, Math.max(0, ((seconds - 1) * SECOND) / Math.max(SECOND, whole)));
  return (
    <span className="hold-ring" aria-hidden="true">
      <svg viewBox="0 0 26 26" aria-hidden="true">
        <circle cx="13" cy="13" r={RADIUS} className="hold-all" />
        <circle
          cx="13"
          cy="13"
          r={RADIUS}
          className="hold-left"
          strokeDasharray={ROUND}
          strokeDashoffset={ROUND * (1 - part)}
        />
      </svg>
      <b>{seconds}</b>
    </span>
  );
}

/** Time told twice: how long ago, and exactly when with its zone. */
import { createContext, type ReactNode, useContext, useEffect, useState } from "react";
import { useIntl } from "react-intl";
import { useText } from "../messages/text";

const TICK_MS = 5_000;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const NowContext = createContext(Date.now());

/** One clock for the window, so that two rows never disagree. */
export function Clock({ children }: { children: ReactNode }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return <NowContext.Provider value={now}>{children}</NowContext.Provider>;
}

export function useTimes() {
  const intl = useIntl();
  const text = useText();
  const now = useContext(NowContext);
  const clock = { hour: "2-digit", minute: "2-digit", timeZoneName: "short" } as const;
  const date = { day: "numeric", month: "short", year: "numeric" } as const;
  return {
    /** "17 Nov 2026" */
    day: (at: string) => intl.formatDate(at, date),
    /** "17 Nov 2026, 14:26:03 CET" */
    exact: (at: string) => intl.formatDate(at, { ...date, ...clock, second: "2-digit" }),
    /** "14:26 CET" today, else with the day. */
    at: (at: string) =>
      new Date(at).toDateString() === new Date(now).toDateString()
        ? intl.formatDate(at, clock)
        : intl.formatDate(at, { ...date, ...clock }),
    /** "14:26:03 CET" today, else with the day. */
    clock: (at: string) =>
      intl.formatDate(at, {
        ...(new Date(at).toDateString() === new Date(now).toDateString() ? {} : date),
        ...clock,
        second: "2-digit",
      }),
    /** "6 min ago" */
    ago: (at: string) => {
      const s = Math.max(0, Math.round((Math.max(now, Date.now()) - Date.parse(at)) / 1000));
      if (s < 5) return text("time.now");
      if (s < MINUTE) return text("time.seconds", { n: s });
      if (s < HOUR) return text("time.minutes", { n: Math.floor(s / MINUTE) });
      if (s < DAY) return text("time.hours", { n: Math.floor(s / HOUR) });
      return text("time.days", { n: Math.floor(s / DAY) });
    },
    /** "6 min", for "within". */
    span: (at: string) => {
      const s = Math.max(0, Math.round((Math.max(now, Date.now()) - Date.parse(at)) / 1000));
      if (s < MINUTE) return text("span.minutes", { n: 1 });
      if (s < HOUR) return text("span.minutes", { n: Math.ceil(s / MINUTE) });
      if (s < DAY) return text("span.hours", { n: Math.ceil(s / HOUR) });
      return text("span.days", { n: Math.ceil(s / DAY) });
    },
  };
}

export function Ago({ at, className }: { at: string; className?: string }) {
  const times = useTimes();
  return (
    <time dateTime={at} title={times.exact(at)} className={className}>
      {times.ago(at)}
    </time>
  );
}

export function Day({ at }: { at: string }) {
  const times = useTimes();
  return (
    <time dateTime={at} title={times.exact(at)}>
      {times.day(at)}
    </time>
  );
}

import { useEffect, useState } from "react";

const PATIENCE_MS = 150;

/** False for the first moment: what is here within 150 ms never flickers. */
export function useWaitedLong(waiting: boolean): boolean {
  const [long, setLong] = useState(false);
  useEffect(() => {
    if (!waiting) {
      setLong(false);
      return;
    }
    const timer = setTimeout(() => setLong(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [waiting]);
  return waiting && long;
}

const WIDTHS = [96, 138, 70, 112, 84, 128];

export function ListSkeleton({ rows }: { rows: number }) {
  return (
    <div aria-hidden="true">
      {Array.from({ length: rows }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity and no order of their own
        <div key={i} className="person sk-row">
          <span className="sk" style={{ width: WIDTHS[i % WIDTHS.length] }} />
          <span className="sk" style={{ width: 34 }} />
          <span className="sk" style={{ width: (WIDTHS[i % WIDTHS.length] ?? 90) + 40 }} />
          <span className="sk" style={{ width: 46 }} />
        </div>
      ))}
    </div>
  );
}

export function PanelSkeleton() {
  return (
    <div className="panel-sk" aria-hidden="true" data-testid="panel-skeleton">
      <span className="sk" style={{ width: 170 }} />
      <span className="sk" style={{ width: 290 }} />
      {WIDTHS.slice(0, 5).map((width) => (
        <div key={width} className="sk-line">
          <span className="sk" style={{ width: 30 }} />
          <span className="sk" style={{ width }} />
          <span className="grow" />
          <span className="sk" style={{ width: 56 }} />
          <span className="sk" style={{ width: 64 }} />
          <span className="sk" style={{ width: 48 }} />
          <span className="sk" style={{ width: 70 }} />
        </div>
      ))}
    </div>
  );
}

const WIDTHS = [190, 240, 160, 220, 270, 180];

/** Same heights as the rows that are coming. */
export function CardsSkeleton() {
  return (
    <div className="cards-sk" aria-hidden="true" data-testid="cards-skeleton">
      {Array.from({ length: 16 }, (_, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars have no identity and no order of their own
        <div key={i} className="cl sk-line-28">
          <span />
          <span className="sk" style={{ width: WIDTHS[i % WIDTHS.length] }} />
          <span className="sk" style={{ width: 84 }} />
          <span className="sk" style={{ width: 56 }} />
          <span className="sk" style={{ width: 62 }} />
          <span className="sk" style={{ width: 50 }} />
          <span className="sk" style={{ width: 60 }} />
        </div>
      ))}
    </div>
  );
}

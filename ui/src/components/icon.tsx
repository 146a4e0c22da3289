/** Icons, drawn here: 16 px, one stroke, round ends. Always beside words or a label, so hidden from screen readers. */
import type { ReactNode } from "react";

const SHAPES = {
  alert: (
    <>
      <path d="M7 2.7 1.7 12c-.4.7.1 1.5.9 1.5h10.8c.8 0 1.3-.8.9-1.5L9 2.7a1.15 1.15 0 0 0-2 0zM8 6.3v3" />
      <circle cx="8" cy="11.3" r=".8" className="full" />
    </>
  ),
  back: <path d="M9.8 4.5 6.3 8l3.5 3.5" />,
  both: (
    <path d="M2.500 5.500h10.500M10.300 2.800 13 5.500l-2.700 2.700M13.500 10.500H3M5.700 7.800 3 10.500l2.700 2.700" />
  ),
  card: (
    <>
      <rect x="1.8" y="3.3" width="12.4" height="9.4" rx="1.8" />
      <path d="M1.8 6.4h12.4M4.5 10h2.5" />
    </>
  ),
  check: <path d="m3 8.5 3.3 3.2L13 4.5" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <path d="M8 4.8V8l2.2 1.5" />
    </>
  ),
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.6" />
      <path d="M3.5 10.5c-.6 0-1-.4-1-1v-6c0-.6.4-1 1-1h6c.6 0 1 .4 1 1" />
    </>
  ),
  copyOf: (
    <>
      <ellipse cx="8" cy="3.8" rx="5.2" ry="1.9" />
      <path d="M2.8 3.8v8.4c0 1 2.3 1.9 5.2 1.9s5.2-.9 5.2-1.9V3.8M2.8 8c0 1 2.3 1.9 5.2 1.9s5.2-.9 5.2-1.9" />
    </>
  ),
  down: <path d="m4.5 6.3 3.5 3.5 3.5-3.5" />,
  file: (
    <path d="M9 2.500H4.300c-.7 0-1.300.6-1.300 1.300v8.400c0 .7.6 1.300 1.300 1.300h7.400c.7 0 1.300-.6 1.300-1.300V6.500zM9 2.500v4h4" />
  ),
  flask: <path d="M6.3 2v4.3L2.9 12c-.4.7.1 1.6.9 1.6h8.4c.8 0 1.3-.9.9-1.6L9.7 6.3V2M5.3 2h5.4M4.8 9.5h6.4" />,
  info: (
    <>
      <circle cx="8" cy="8" r="5.8" />
      <path d="M8 7.3v3.5" />
      <circle cx="8" cy="5.1" r=".8" className="full" />
    </>
  ),
  key: (
    <>
      <circle cx="5" cy="11" r="2.7" />
      <path d="m7 9 6.3-6.3M10.6 5.4l2 2M8.7 7.3l1.3 1.3" />
    </>
  ),
  lock: (
    <>
      <rect x="3.2" y="7" width="9.6" height="6.8" rx="1.6" />
      <path d="M5.3 7V5a2.7 2.7 0 0 1 5.4 0v2" />
    </>
  ),
  log: (
    <>
      <path d="M5.5 4h8M5.5 8h8M5.5 12h8" />
      <path d="M2.5 4h.01M2.5 8h.01M2.5 12h.01" strokeWidth="2" />
    </>
  ),
  more: (
    <>
      <circle cx="3.5" cy="8" r="1.2" className="full" />
      <circle cx="8" cy="8" r="1.2" className="full" />
      <circle cx="12.5" cy="8" r="1.2" className="full" />
    </>
  ),
  moon: <path d="M13.2 9.6A5.6 5.6 0 1 1 6.4 2.8a4.5 4.5 0 0 0 6.8 6.8z" />,
  note: (
    <path d="M3 3.8C3 3.1 3.600 2.500 4.300 2.500h7.400c.7 0 1.300.6 1.300 1.300v5.700l-4 4H4.300c-.7 0-1.300-.6-1.300-1.300zM13 9.500H9v4M5.500 5.500h5M5.500 8h2.500" />
  ),
  out: <path d="M2.5 9.5v2.7c0 .7.6 1.3 1.3 1.3h8.4c.7 0 1.3-.6 1.3-1.3V9.5M8 10V2.5M5 5.3l3-2.9 3 2.9" />,
  panel: (
    <>
      <rect x="2" y="2.8" width="12" height="10.4" rx="1.6" />
      <path d="M9.4 2.8v10.4" />
    </>
  ),
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" strokeWidth="2" />,
  people: (
    <>
      <circle cx="6" cy="5.2" r="2.4" />
      <path d="M1.8 13c.3-2.5 2-4 4.2-4s3.9 1.5 4.2 4M10.6 3.1a2.3 2.3 0 0 1 0 4.2M12 9.4c1.3.6 2.1 1.9 2.3 3.6" />
    </>
  ),
  play: <path d="M5 3.3v9.4l7.500-4.700z" />,
  plug: <path d="M5.5 2v3M10.5 2v3M3.5 5h9v2.5a4.5 4.5 0 0 1-9 0zM8 12v2.3" />,
  plus: <path d="M8 3v10M3 8h10" />,
  portal: (
    <path d="M6.5 3.5H4c-.8 0-1.5.7-1.5 1.5v7c0 .8.7 1.5 1.5 1.5h7c.8 0 1.5-.7 1.5-1.5V9.5M9.5 2.5h4v4M13.3 2.7 7.5 8.5" />
  ),
  refresh: <path d="M13.2 6.3A5.5 5.5 0 0 0 3.4 5M2.8 9.7A5.5 5.5 0 0 0 12.6 11M3.2 2.3V5h2.7M12.8 13.7V11h-2.7" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.5" />
      <path d="m10.5 10.5 3 3" />
    </>
  ),
  shield: (
    <path d="M8 2 3 3.900v3.800c0 3 2.100 5.300 5 6.300 2.900-1 5-3.300 5-6.300V3.900zM5.800 8l1.600 1.600 3-3.200" />
  ),
  star: <path d="m8 2.300 1.700 3.700 4 .4-3 2.700.9 4L8 11l-3.600 2.100.9-4-3-2.700 4-.4z" />,
  trash: (
    <path d="M2.5 4.3h11M6 4.3V2.7h4v1.6M4 4.3l.6 8c.05.7.6 1.2 1.3 1.2h4.2c.7 0 1.25-.5 1.3-1.2l.6-8M6.7 7v3.8M9.3 7v3.8" />
  ),
  undo: <path d="M5.5 3 2.5 6l3 3M2.7 6h6.6a3.7 3.7 0 0 1 0 7.4H6.5" />,
  wifi: (
    <>
      <path d="M1.8 6.2a9 9 0 0 1 12.4 0M4.1 8.7a5.6 5.6 0 0 1 7.8 0" />
      <circle cx="8" cy="11.7" r=".9" className="full" />
    </>
  ),
  wifiOff: (
    <>
      <path d="M2 2l12 12M1.8 6.2a9 9 0 0 1 3-1.9M8.2 3.7a9 9 0 0 1 6 2.5M4.1 8.7a5.6 5.6 0 0 1 2.8-1.5M10.6 7.8l1.3.9" />
      <circle cx="8" cy="11.7" r=".9" className="full" />
    </>
  ),
  x: <path d="m4 4 8 8M12 4l-8 8" />,
} as const satisfies Record<string, ReactNode>;

export type IconName = keyof typeof SHAPES;

export function Icon({
  name,
  size = "m",
  className = "",
}: {
  name: IconName;
  size?: "m" | "s" | "xs";
  className?: string;
}) {
  return (
    <svg className={`ic ${size} ${className}`} viewBox="0 0 16 16" aria-hidden="true">
      {SHAPES[name]}
    </svg>
  );
}

/** The product's mark: a card with a ring and a slot. */
export function Logo({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" className="logo">
      <rect x="1" y="3" width="14" height="10.5" rx="2.6" fill="var(--accent)" />
      <circle cx="8" cy="8.25" r="2.7" fill="none" stroke="var(--on-accent)" strokeWidth="1.5" />
      <path d="M10.7 8.25H15" stroke="var(--on-accent)" strokeWidth="1.5" />
    </svg>
  );
}

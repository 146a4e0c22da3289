/** A card outline with two letters and one plain cue: told apart at a glance, nobody's logo. */
import type { ReactNode } from "react";
import { useText } from "../messages/text";

const cue = (d: string, opacity = 0.2) => <path d={d} fill="currentColor" opacity={opacity} />;

const MARKS: Record<string, { letters: string; cue: ReactNode }> = {
  visa: { letters: "VI", cue: cue("M1.3 15.2 29 10.8v5.4a3 3 0 0 1-3 3H4a3 3 0 0 1-2.7-3z") },
  mastercard: { letters: "MC", cue: cue("M4 .8h7v18.4H4a3.2 3.2 0 0 1-3.2-3.2V4A3.2 3.2 0 0 1 4 .8z", 0.18) },
  amex: {
    letters: "AX",
    cue: (
      <rect
        x="3.4"
        y="3.4"
        width="23.2"
        height="13.2"
        rx="1.2"
        fill="none"
        stroke="currentColor"
        strokeWidth=".9"
        opacity=".6"
      />
    ),
  },
  jcb: { letters: "JC", cue: cue("M.8 4A3.2 3.2 0 0 1 4 .8h22A3.2 3.2 0 0 1 29.2 4v1.2H.8z", 0.24) },
  discover: { letters: "DI", cue: cue("M18.2 19.2a11 11 0 0 1 11-11V16a3.2 3.2 0 0 1-3.2 3.2z") },
  unionpay: { letters: "UP", cue: cue("M.8 6 5 .8h5L.8 12.5zM.8 17 13 .8h4L3 19.2H2z") },
  diners: {
    letters: "DC",
    cue: cue(
      "M.8 4A3.2 3.2 0 0 1 4 .8h4v18.4H4a3.2 3.2 0 0 1-3.2-3.2zM22 .8h4A3.2 3.2 0 0 1 29.2 4v12a3.2 3.2 0 0 1-3.2 3.2h-4z",
      0.16,
    ),
  },
  maestro: { letters: "MA", cue: cue("M19 .8h7A3.2 3.2 0 0 1 29.2 4v12a3.2 3.2 0 0 1-3.2 3.2h-7z", 0.18) },
};

const initials = (name: string) =>
  name
    .replace(/[^\p{L}\p{N}]/gu, "")
    .slice(0, 2)
    .toUpperCase();

export function BrandMark({ brand, name, large }: { brand: string | null; name: string | null; large?: boolean }) {
  const text = useText();
  const known = brand ? MARKS[brand.toLowerCase().replace(/[^a-z]/g, "")] : undefined;
  return (
    <svg
      className={large ? "bm l" : "bm"}
      viewBox="0 0 30 20"
      role="img"
      aria-label={name ?? text("card.brandUnknown")}
    >
      <rect
        x=".75"
        y=".75"
        width="28.5"
        height="18.5"
        rx="3.25"
        fill="var(--surface)"
        stroke="currentColor"
        strokeWidth="1.1"
        strokeOpacity=".55"
      />
      {known?.cue}
      <text className="bmt" x="15" y="13" textAnchor="middle" aria-hidden="true">
        {known?.letters ?? (name ? initials(name) : "?")}
      </text>
    </svg>
  );
}

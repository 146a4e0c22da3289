/** A card's state: shape first, then the word. */
import type { StateCounts } from "../contract";
import { type MessageId, Say, useText } from "../messages/text";

const WORDS: Record<string, MessageId> = {
  active: "state.active",
  inactive: "state.inactive",
  creating: "state.creating",
  deleting: "state.deleting",
  deleted: "state.deleted",
};

const known = (state: string) => (state in WORDS ? state : "other");

export function StateShape({ state }: { state: string }) {
  const ring = <circle cx="8" cy="8" r="4.8" fill="none" stroke="currentColor" strokeWidth="2" />;
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      {state === "active" && <circle cx="8" cy="8" r="5" fill="currentColor" />}
      {state === "inactive" && ring}
      {state === "creating" && (
        <circle cx="8" cy="8" r="4.8" fill="none" stroke="currentColor" strokeWidth="2" strokeDasharray="2.6 2.4" />
      )}
      {state === "deleting" && (
        <>
          {ring}
          <path d="M8 3.2a4.8 4.8 0 0 1 0 9.600z" fill="currentColor" />
        </>
      )}
      {state === "deleted" && <path d="m4 4 8 8M12 4l-8 8" stroke="currentColor" strokeWidth="2" fill="none" />}
      {known(state) === "other" && (
        <path d="M8 2.5 13.5 8 8 13.5 2.500 8z" fill="none" stroke="currentColor" strokeWidth="2" />
      )}
    </svg>
  );
}

export function useStateWord() {
  const text = useText();
  return (state: string) => {
    const id = WORDS[state];
    return id ? text(id) : text("state.other", { state });
  };
}

export function StateWord({ state }: { state: string }) {
  const word = useStateWord();
  return (
    <span className={`state st-${known(state)}`}>
      <StateShape state={state} />
      {word(state)}
    </span>
  );
}

const COUNTED: { key: keyof StateCounts; id: MessageId }[] = [
  { key: "active", id: "count.active" },
  { key: "inactive", id: "count.inactive" },
  { key: "deleting", id: "count.deleting" },
  { key: "creating", id: "count.creating" },
  { key: "other", id: "count.other" },
  { key: "deleted", id: "count.deleted" },
];

/** Numbers with words. */
export function StateCountWords({ counts }: { counts: StateCounts }) {
  return COUNTED.filter(({ key }) => counts[key] > 0).map(({ key, id }) => (
    <span key={key} className={`state st-${key}`}>
      <StateShape state={key} />
      <Say id={id} n={counts[key]} />
    </span>
  ));
}

/** Numbers with shapes, the words for the pointer and for screen readers. */
export function StateCountMarks({ counts }: { counts: StateCounts }) {
  const text = useText();
  return COUNTED.filter(({ key }) => counts[key] > 0 && key !== "deleted").map(({ key, id }) => (
    <span key={key} className={`state st-${key}`} title={text(id, { n: counts[key] })}>
      <StateShape state={key} />
      <span aria-hidden="true">
        <Say id="number" n={counts[key]} />
      </span>
      <span className="sr">{text(id, { n: counts[key] })}</span>
    </span>
  ));
}

export const allCards = (counts: StateCounts) => Object.values(counts).reduce((sum, n) => sum + n, 0);

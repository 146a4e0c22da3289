/**
 * Switches answer within a frame: what was pressed is shown over what the desk says until the desk, which has it queued,
 * says the same. Nothing here outlives that answer.
 */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useRef, useState } from "react";
import type { CardView, Problem } from "../../contract";
import { asProblem } from "../../platform/platform";
import { refetch, usePlatform } from "../../platform/queries";
import { BlockDialog } from "./block-dialog";
import { isUnderWay } from "./card-words";

export type Switchable = "one_click" | "active";

interface Wish {
  value: boolean;
  turn: number;
}

export interface Flips {
  /** The value to show. */
  value: (card: CardView, what: Switchable) => boolean;
  /** Asked and not confirmed. */
  pending: (card: CardView, what: Switchable) => boolean;
  /** Where a reason is sent along it is asked for first, and what a card is blocked for is shown before it is unblocked. */
  flip: (card: CardView, what: Switchable, value: boolean) => void;
  problem: (card: CardView) => Problem | null;
  forget: (card: CardView) => void;
}

const FlipsContext = createContext<Flips | null>(null);

export function useFlips(): Flips {
  const flips = useContext(FlipsContext);
  if (!flips) throw new Error("no flips");
  return flips;
}

const key = (card: CardView, what: Switchable) => `${card.id} ${what}`;

export function FlipsProvider({ children }: { children: ReactNode }) {
  const platform = usePlatform();
  const client = useQueryClient();
  const [wishes, setWishes] = useState<Record<string, Wish>>({});
  const [problems, setProblems] = useState<Record<string, Problem>>({});
  const turns = useRef(0);

  const forgetProblem = useCallback((id: string) => setProblems(({ [id]: _, ...rest }) => rest), []);

  const [blocking, setBlocking] = useState<{ card: CardView; active: boolean } | null>(null);

  const flip = useCallback(
    async (card: CardView, what: Switchable, value: boolean, reason: string | null) => {
      turns.current += 1;
      const turn = turns.current;
      const wish = key(card, what);
      forgetProblem(card.id);
      setWishes((old) => ({ ...old, [wish]: { value, turn } }));
      try {
        if (what === "one_click") await platform.call("set_one_click", { card_id: card.id, on: value });
        else await platform.call("set_active", { card_id: card.id, active: value, reason });
        await refetch(client, ["cards"]);
        void refetch(client, ["changes", "status"]);
      } catch (error) {
        setProblems((old) => ({ ...old, [card.id]: asProblem(error) }));
      } finally {
        // A newer press has its own answer to wait for.
        setWishes((old) => {
          if (old[wish]?.turn !== turn) return old;
          const { [wish]: _, ...rest } = old;
          return rest;
        });
      }
    },
    [platform, client, forgetProblem],
  );

  const flips = useMemo<Flips>(
    () => ({
      value: (card, what) =>
        wishes[key(card, what)]?.value ?? (what === "one_click" ? card.one_click === true : card.state === "active"),
      pending: (card, what) => key(card, what) in wishes || card.pending.some((x) => x.wish === what && isUnderWay(x)),
      flip: (card, what, value) => {
        if (what === "active" && card.carriers.reason_is_sent && (!value || card.block_reason !== null))
          setBlocking({ card, active: value });
        else void flip(card, what, value, null);
      },
      problem: (card) => problems[card.id] ?? null,
      forget: (card) => forgetProblem(card.id),
    }),
    [wishes, problems, flip, forgetProblem],
  );
  return (
    <FlipsContext.Provider value={flips}>
      {children}
      {blocking && (
        <BlockDialog
          card={blocking.card}
          active={blocking.active}
          onClose={() => setBlocking(null)}
          onConfirm={(reason) => {
            setBlocking(null);
            void flip(blocking.card, "active", blocking.active, reason);
          }}
        />
      )}
    </FlipsContext.Provider>
  );
}

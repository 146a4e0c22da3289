/**
 * Taking a change back, from wherever it is offered. Where that comes too late, the reason stays at the place that was
 * pressed, also when the change has meanwhile moved on.
 */
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { useAnnounce } from "../../components/announce";
import type { ChangeView, Problem } from "../../contract";
import { useText } from "../../messages/text";
import { asProblem } from "../../platform/platform";
import { refetch, usePlatform } from "../../platform/queries";
import { useCardName, wishKey } from "../person/card-words";

/** Where it was pressed: the toast, under its card, on the screen of all changes, in the rows of a plan. */
export type Place = "toast" | "row" | "list" | "plan";

export interface Refused {
  place: Place;
  change: ChangeView;
  problem: Problem;
}

export interface Undo {
  undo: (change: ChangeView, place: Place) => Promise<void>;
  refused: Refused[];
  forget: (change: string) => void;
}

const UndoContext = createContext<Undo | null>(null);

export function useUndo(): Undo {
  const undo = useContext(UndoContext);
  if (!undo) throw new Error("no undo");
  return undo;
}

export function UndoProvider({ children }: { children: ReactNode }) {
  const platform = usePlatform();
  const client = useQueryClient();
  const announce = useAnnounce();
  const text = useText();
  const name = useCardName();
  const [refused, setRefused] = useState<Refused[]>([]);
  const forget = useCallback((id: string) => setRefused((old) => old.filter((x) => x.change.id !== id)), []);
  const undo = useCallback(
    async (change: ChangeView, place: Place) => {
      forget(change.id);
      try {
        await platform.call("undo_change", { change_id: change.id });
        announce(text("undo.done", { wish: wishKey(change), card: name(change) }));
      } catch (error) {
        setRefused((old) => [...old, { place, change, problem: asProblem(error) }]);
      }
      await refetch(client, ["cards", "changes", "status"]);
    },
    [platform, client, announce, text, name, forget],
  );
  const value = useMemo(() => ({ undo, refused, forget }), [undo, refused, forget]);
  return <UndoContext.Provider value={value}>{children}</UndoContext.Provider>;
}

/**
 * What can still be undone: the newest held change of the environment in view, until it goes. Closing it cancels nothing.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useAnnounce } from "../../components/announce";
import { Button, IconButton } from "../../components/button";
import { Ring, useSecondsLeft } from "../../components/countdown";
import { isTyping } from "../../components/keys";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { ChangeView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { deadlineOf, holdKey } from "../../platform/deadlines";
import { useRead } from "../../platform/queries";
import { useCardName, wishKey } from "../person/card-words";
import { useView } from "../shell/view";
import { useUndo } from "./undo";

const MOST = 100;

export function UndoToast() {
  const view = useView();
  const text = useText();
  const { undo, refused, forget } = useUndo();
  const [closed, setClosed] = useState<readonly string[]>([]);
  const held = useRead("list_changes", {
    env: view.env,
    open_only: true,
    statuses: ["held"],
    mine_only: true,
    after: null,
    limit: MOST,
  });
  // Those without an end were not pressed in this window.
  const items = (held.data?.items ?? []).filter((x) => x.hold?.whole_ms);
  const newest = items[0];
  const shown = newest && !closed.includes(newest.id) ? newest : null;
  const all = held.data?.next ? Math.max(items.length, view.here.changes.held) : items.length;
  const late = refused.filter((x) => x.place === "toast");

  const undoing = useRef(newest);
  undoing.current = newest;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const change = undoing.current;
      if (!change || event.defaultPrevented || event.altKey || event.shiftKey) return;
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z") return;
      // In a text field it takes back what was typed; a question that is open is answered first.
      if (isTyping(event.target) && (event.target as HTMLInputElement).value !== "") return;
      if (document.querySelector('[role="alertdialog"]')) return;
      event.preventDefault();
      void undo(change, "toast");
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [undo]);

  if (!shown && late.length === 0) return null;
  return (
    // What is modal leaves this one within reach: it runs out.
    <section className="toasts" aria-label={text("toast.label")} data-react-aria-top-layer="true">
      {late.map(({ change, problem }) => (
        <div key={change.id} className="toast late">
          <ProblemNote problem={problem} level="warn" onClose={() => forget(change.id)} />
        </div>
      ))}
      {shown && (
        <Toast
          key={shown.id}
          change={shown}
          others={all - 1}
          onClose={() => setClosed([...closed, ...items.map((x) => x.id)])}
        />
      )}
    </section>
  );
}

function Toast({ change, others, onClose }: { change: ChangeView; others: number; onClose: () => void }) {
  const view = useView();
  const text = useText();
  const times = useTimes();
  const announce = useAnnounce();
  const name = useCardName();
  const { undo } = useUndo();
  const box = useRef<HTMLDivElement>(null);
  const seconds = useSecondsLeft(deadlineOf(holdKey(change.id))) ?? 0;
  const offline = view.here.network.kind === "offline";
  const values = { wish: wishKey(change), card: name(change), provider: change.provider_name };

  // Once, when it appears: the seconds that follow are for the eyes.
  const said = useRef(false);
  useEffect(() => {
    if (said.current) return;
    said.current = true;
    announce(text("toast.said", { ...values, s: seconds }));
  });

  // The keyboard goes on at the card when what it stood on has gone.
  const { searchField } = view;
  useLayoutEffect(() => {
    const node = box.current;
    return () => {
      if (!node?.contains(document.activeElement)) return;
      const card = document.querySelector<HTMLElement>(`[data-card="${CSS.escape(change.card_id)}"]`);
      queueMicrotask(() => (card ?? searchField.current)?.focus());
    };
  }, [change.card_id, searchField]);

  return (
    <div ref={box} className="toast" data-testid="undo-toast" data-change={change.id}>
      <Ring seconds={seconds} whole={change.hold?.whole_ms ?? 0} />
      <div className="grow">
        <div className="med toast-what">
          <Say id="toast.what" {...values} />
        </div>
        <div className="f12 c-2 num">
          {offline ? (
            <Say id="toast.offline" />
          ) : seconds === 0 ? (
            <Say id="toast.now" />
          ) : change.hold?.sends_at ? (
            <Say id="toast.sendsAt" s={seconds} at={times.clock(change.hold.sends_at)} />
          ) : (
            <Say id="toast.sends" s={seconds} />
          )}
          {others > 0 && (
            <>
              {" "}
              <Button kind="link" className="f12" onPress={() => view.go("changes")} data-testid="toast-more">
                <Say id="toast.more" n={others} />
              </Button>
            </>
          )}
        </div>
      </div>
      <Button icon="undo" onPress={() => void undo(change, "toast")} data-testid="toast-undo">
        <Say id="action.undo" />
        <kbd aria-hidden="true">Ctrl Z</kbd>
      </Button>
      <IconButton icon="x" label={text("toast.close")} onPress={onClose} />
    </div>
  );
}

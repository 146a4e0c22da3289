/** Somebody closes the window while changes are open: send them, keep them, or stay. */
import { useEffect, useState } from "react";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { ProblemNote } from "../../components/problem";
import type { ChangeCounts, Quitting } from "../../contract";
import { Say } from "../../messages/text";
import { useAct, usePlatform, useRead } from "../../platform/queries";

export function QuitDialog() {
  const platform = usePlatform();
  const [asked, setAsked] = useState<Quitting | null>(null);
  useEffect(() => platform.onQuitting(setAsked), [platform]);
  return asked && <Ask open={asked} onStay={() => setAsked(null)} />;
}

const KINDS = ["held", "waiting", "sending", "conflict", "stuck"] as const;

/** Over all environments. While the question stands, changes go on being sent. */
const sum = (all: ChangeCounts[]): ChangeCounts =>
  all.reduce((a, b) => Object.fromEntries(KINDS.map((kind) => [kind, a[kind] + b[kind]])) as ChangeCounts);

function Ask({ open, onStay }: { open: Quitting; onStay: () => void }) {
  const quit = useAct("quit");
  const status = useRead("desk_status", {});
  const environments = status.data?.environments ?? [];
  const offline = environments.some((x) => x.network.kind === "offline");
  const changes = environments.length > 0 ? sum(environments.map((x) => x.changes)) : open.changes;
  const unsent = changes.held + changes.waiting + changes.sending;
  const needsYou = changes.conflict + changes.stuck;
  const nothing = unsent + needsYou === 0;
  const sending = quit.isPending && quit.variables.send;
  const answer = (send: boolean) => {
    if (!quit.isPending) quit.mutate({ send, stay: false });
  };
  // Told as well: the next wish to close asks again.
  const stay = () => {
    if (!sending) quit.mutate({ send: false, stay: true });
    onStay();
  };
  return (
    <Dialog
      alert
      width={580}
      title={nothing ? <Say id="quit.nothing" /> : <Say id="quit.title" n={unsent} needsYou={needsYou} />}
      onClose={stay}
      testId="quit-dialog"
      footer={
        <>
          <Button size="l" autoFocus onPress={stay} data-testid="quit-stay">
            <Say id="quit.stay" />
          </Button>
          <span className="grow" />
          <Button size="l" onPress={() => answer(false)} data-testid="quit-keep">
            <Say id={nothing ? "quit.quit" : "quit.keep"} />
          </Button>
          {unsent > 0 && (
            <Button size="l" kind="primary" icon="out" onPress={() => answer(true)} data-testid="quit-send">
              {sending ? <Say id="changes.pushing" /> : <Say id="quit.send" />}
            </Button>
          )}
        </>
      }
    >
      <dl className="what">
        <dt>
          <Say id={nothing ? "quit.quit" : "quit.keep"} />
        </dt>
        <dd>{nothing ? <Say id="quit.nothing.text" /> : <Say id="quit.keep.text" n={unsent} />}</dd>
        {unsent > 0 && (
          <>
            <dt>
              <Say id="quit.send" />
            </dt>
            <dd>
              <Say id={offline ? "quit.send.offline" : "quit.send.text"} n={unsent} held={changes.held} />
            </dd>
          </>
        )}
        {needsYou > 0 && unsent > 0 && (
          <>
            <dt>
              <Say id="quit.needsYou" />
            </dt>
            <dd>
              <Say id="quit.needsYou.text" n={needsYou} />
            </dd>
          </>
        )}
      </dl>
      {quit.error && <ProblemNote problem={quit.error} />}
    </Dialog>
  );
}

/** Somebody closes the window while changes are open: send them, keep them, or stay. */
import { useEffect, useState } from "react";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { ProblemNote } from "../../components/problem";
import type { Quitting } from "../../contract";
import { Say } from "../../messages/text";
import { useAct, usePlatform, useRead } from "../../platform/queries";

export function QuitDialog() {
  const platform = usePlatform();
  const [asked, setAsked] = useState<Quitting | null>(null);
  useEffect(() => platform.onQuitting(setAsked), [platform]);
  return asked && <Ask open={asked} onStay={() => setAsked(null)} />;
}

function Ask({ open: { changes }, onStay }: { open: Quitting; onStay: () => void }) {
  const quit = useAct("quit");
  const status = useRead("desk_status", {});
  const offline = status.data?.environments.some((x) => x.network.kind === "offline") ?? false;
  const unsent = changes.held + changes.waiting + changes.sending;
  const needsYou = changes.conflict + changes.stuck;
  const sending = quit.isPending && quit.variables.send;
  const answer = (send: boolean) => {
    if (!quit.isPending) quit.mutate({ send });
  };
  return (
    <Dialog
      alert
      width={580}
      title={<Say id="quit.title" n={unsent} needsYou={needsYou} />}
      onClose={onStay}
      testId="quit-dialog"
      footer={
        <>
          <Button size="l" autoFocus onPress={onStay} data-testid="quit-stay">
            <Say id="quit.stay" />
          </Button>
          <span className="grow" />
          <Button size="l" onPress={() => answer(false)} data-testid="quit-keep">
            <Say id="quit.keep" />
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
          <Say id="quit.keep" />
        </dt>
        <dd>
          <Say id="quit.keep.text" n={unsent} />
        </dd>
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

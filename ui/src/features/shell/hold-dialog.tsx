/** How long a change is held for undo. */
import { useState } from "react";
import { Label, Radio, RadioGroup } from "react-aria-components";
import { useAnnounce } from "../../components/announce";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { ProblemNote } from "../../components/problem";
import { Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";

const OFFERED = [0, 5, 10, 30, 60];

export function HoldDialog({ onClose }: { onClose: () => void }) {
  const settings = useRead("desk_settings", {});
  const save = useAct("set_desk_settings", ["settings"]);
  const announce = useAnnounce();
  const text = useText();
  const [chosen, setChosen] = useState<number | null>(null);
  const now = settings.data?.hold_seconds;
  const value = chosen ?? now;
  // One that was set elsewhere stays on offer.
  const offered = now === undefined || OFFERED.includes(now) ? OFFERED : [...OFFERED, now].sort((a, b) => a - b);
  return (
    <Dialog
      title={<Say id="hold.title" />}
      width={460}
      onClose={onClose}
      testId="hold-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" onPress={onClose}>
            <Say id="action.cancel" />
          </Button>
          <Button
            size="l"
            kind="primary"
            isDisabled={value === undefined}
            onPress={() => {
              if (value === undefined || save.isPending) return;
              save.mutate(
                { hold_seconds: value },
                {
                  onSuccess: () => {
                    announce(text("hold.saved", { s: value }));
                    onClose();
                  },
                },
              );
            }}
            data-testid="save-hold"
          >
            <Say id="hold.save" />
          </Button>
        </>
      }
    >
      <p className="c-2">
        <Say id="hold.text" />
      </p>
      {settings.error && <ProblemNote problem={settings.error} />}
      {value !== undefined && (
        <RadioGroup className="choices" value={String(value)} onChange={(next) => setChosen(Number(next))}>
          <Label className="sr">
            <Say id="hold.title" />
          </Label>
          {offered.map((s) => (
            <Radio key={s} value={String(s)} className="choice" data-testid={`hold-${s}`}>
              <i aria-hidden="true" />
              <Say id="hold.seconds" s={s} />
            </Radio>
          ))}
        </RadioGroup>
      )}
      <p className="hint">
        <Say id="hold.live" />
      </p>
      {save.error && <ProblemNote problem={save.error} />}
    </Dialog>
  );
}

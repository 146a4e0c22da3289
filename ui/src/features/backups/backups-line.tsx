/** What only this desk knows, and when it was last backed up; the way to its backups. */
import { useState } from "react";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { useTimes } from "../../components/time";
import { Say } from "../../messages/text";
import { useRead } from "../../platform/queries";
import { BackupsDialog } from "./backups-dialog";

export function BackupsLine() {
  const times = useTimes();
  const backups = useRead("list_backups", {});
  const [open, setOpen] = useState(false);
  const last = backups.data?.items.reduce<string | null>(
    (newest, x) => (newest === null || Date.parse(x.made_at) > Date.parse(newest) ? x.made_at : newest),
    null,
  );
  return (
    <div className="cache">
      <div className="line-row">
        <Icon name="lock" size="s" className="c-3" />
        <span className="med grow">
          <Say id="backups.ledger" />
        </span>
        <Button kind="link" className="f12" onPress={() => setOpen(true)} data-testid="open-backups">
          <Say id="backups.open" />
        </Button>
      </div>
      <p className="hint">
        <Say id="backups.ledgerText" />{" "}
        {backups.data &&
          (last ? (
            <span title={times.exact(last)}>
              <Say id="backups.last" at={times.at(last)} ago={times.ago(last)} />
            </span>
          ) : (
            <Say id="backups.never" />
          ))}
      </p>
      {open && <BackupsDialog onClose={() => setOpen(false)} />}
    </div>
  );
}

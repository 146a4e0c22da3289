/** While an account is read for the first time: how far, how fast, and that what is here can be opened. */

import { Button } from "../../components/button";
import { Say } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { ProgressLine } from "../accounts/progress-line";
import { useView } from "../shell/view";

export function ReadingNote() {
  const view = useView();
  const accounts = useRead("list_accounts", {});
  const stop = useAct("stop_sync", ["accounts", "status"]);
  const first = accounts.data?.items.find((x) => x.env === view.env && x.progress && !x.last_pass);
  if (!first?.progress) return null;
  return (
    <div className="reading">
      <div className="line-row">
        <h3 className="grow cut">
          <Say id="reading.first" account={first.label} />
        </h3>
        <Button size="s" onPress={() => stop.mutate({ account_id: first.id })}>
          <Say id="sync.stop" />
        </Button>
      </div>
      <ProgressLine progress={first.progress} />
      <p className="hint">
        <Say id="reading.hint" />
      </p>
    </div>
  );
}

/** What checking the log found: that every row is as it was written, or the first one that is not and what to do. */
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { useTimes } from "../../components/time";
import type { LogVerified } from "../../contract";
import { Say } from "../../messages/text";
import { BREAKS } from "./log-words";

export function VerifyNote({ found, onClose }: { found: LogVerified; onClose: () => void }) {
  return found.intact ? <Intact found={found} onClose={onClose} /> : <Broken found={found} onClose={onClose} />;
}

function Intact({ found, onClose }: { found: LogVerified; onClose: () => void }) {
  const times = useTimes();
  const anchored = found.anchored_row !== null && found.anchored_at !== null;
  return (
    <div className="note log-note" role="status" data-testid="verified" data-intact="true">
      <Icon name="check" className="c-ok" />
      <div className="grow">
        <p className="med">
          {anchored ? (
            <Say
              id="verify.intact"
              n={found.rows}
              row={found.anchored_row}
              at={times.exact(found.anchored_at as string)}
            />
          ) : (
            <Say id="verify.intactUnanchored" n={found.rows} />
          )}
        </p>
        <p className="c-2 f12">
          {!anchored && (
            <>
              <Say id="verify.noAnchor" />{" "}
            </>
          )}
          {found.erased_texts > 0 && (
            <>
              <Say id="verify.erased" n={found.erased_texts} />{" "}
            </>
          )}
          <Say id="verify.took" ms={found.took_ms} />
        </p>
      </div>
      <Button kind="link" className="f12" onPress={onClose}>
        <Say id="action.close" />
      </Button>
    </div>
  );
}

function Broken({ found, onClose }: { found: LogVerified; onClose: () => void }) {
  const times = useTimes();
  const how = found.broken_how ?? "";
  const means = BREAKS[how];
  const row = found.broken_row;
  return (
    <div className="note danger log-note" role="alert" data-testid="verified" data-intact="false" data-how={how}>
      <Icon name="alert" />
      <div className="grow">
        <p className="semi">{row === null ? <Say id="verify.broken" /> : <Say id="verify.brokenRow" row={row} />}</p>
        <p>{means ? <Say id={means} row={row ?? 0} before={(row ?? 1) - 1} /> : found.words}</p>
        <p className="c-2">
          {row !== null && row > 1 && (
            <>
              <Say id="verify.before" before={row - 1} />{" "}
            </>
          )}
          <Say id="verify.next" />
        </p>
        <p className="c-2 f12">
          {found.anchored_row !== null && found.anchored_at !== null && (
            <>
              <Say id="verify.anchoredAt" row={found.anchored_row} at={times.exact(found.anchored_at)} />{" "}
            </>
          )}
          <Say id="verify.tookRows" n={found.rows} ms={found.took_ms} />
        </p>
      </div>
      <Button kind="link" className="f12" onPress={onClose}>
        <Say id="action.close" />
      </Button>
    </div>
  );
}

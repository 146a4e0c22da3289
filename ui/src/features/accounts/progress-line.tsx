import { ProgressBar } from "react-aria-components";
import type { Progress } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";

const STAGES: Record<string, MessageId> = {
  tokens: "stage.tokens",
  versions: "stage.versions",
  checking_missing: "stage.checkingMissing",
  new_only: "stage.newOnly",
};

export function ProgressLine({ progress }: { progress: Progress }) {
  const text = useText();
  const { done, total, per_second } = progress;
  const stage = text(STAGES[progress.stage] ?? "stage.tokens");
  const left = total && per_second > 0 ? Math.ceil(Math.max(0, total - done) / per_second) : null;
  return (
    <ProgressBar
      className="progress"
      aria-label={stage}
      value={total ? Math.min(done, total) : undefined}
      maxValue={total ?? 100}
      isIndeterminate={!total}
      data-testid="sync-progress"
    >
      {({ percentage }) => (
        <>
          <div className="bar">
            <i style={{ width: `${percentage ?? 30}%` }} data-unknown={!total || undefined} />
          </div>
          <div className="line-row f12">
            <span className="med">{stage}</span>
            <span className="c-2 cut">
              {total ? (
                <Say id="progress.of" done={done} total={total} rate={Math.round(per_second)} />
              ) : (
                <Say id="progress.soFar" done={done} rate={Math.round(per_second)} />
              )}
            </span>
            <span className="grow" />
            {left !== null && (
              <span className="c-3">
                <Say id="progress.left" s={left} />
              </span>
            )}
          </div>
        </>
      )}
    </ProgressBar>
  );
}

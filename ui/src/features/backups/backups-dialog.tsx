/** The backups of what only this desk knows: listed, made, and put back after saying what that means. */
import { useState } from "react";
import { useAnnounce } from "../../components/announce";
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useWaitedLong } from "../../components/skeleton";
import { useTimes } from "../../components/time";
import type { BackupView } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { RestoreDialog } from "./restore-dialog";

const WHY: Record<string, MessageId> = {
  asked: "backups.why.asked",
  before_migration: "backups.why.beforeMigration",
  before_restore: "backups.why.beforeRestore",
};

export const MEGABYTE = 1_000_000;

export function BackupsDialog({ onClose }: { onClose: () => void }) {
  const text = useText();
  const announce = useAnnounce();
  const backups = useRead("list_backups", {});
  const make = useAct("make_backup", ["settings"]);
  const long = useWaitedLong(backups.isPending);
  const [restoring, setRestoring] = useState<BackupView | null>(null);
  const items = [...(backups.data?.items ?? [])].sort((a, b) => Date.parse(b.made_at) - Date.parse(a.made_at));
  if (restoring) return <RestoreDialog backup={restoring} onClose={() => setRestoring(null)} />;
  return (
    <Dialog
      width={760}
      title={<Say id="backups.title" />}
      onClose={onClose}
      testId="backups-dialog"
      footer={
        <>
          <span className="hint">
            <Say id="backups.sameKey" />
          </span>
          <span className="grow" />
          <Button size="l" onPress={onClose}>
            <Say id="action.close" />
          </Button>
          <Button
            size="l"
            kind="primary"
            autoFocus
            isDisabled={make.isPending}
            onPress={() => make.mutate({ path: null }, { onSuccess: () => announce(text("backups.made")) })}
            data-testid="make-backup"
          >
            {make.isPending ? <Say id="backups.making" /> : <Say id="backups.make" />}
          </Button>
        </>
      }
    >
      <p className="c-2">
        <Say id="backups.text" />
      </p>
      {make.error && <ProblemNote problem={make.error} onClose={make.reset} />}
      {backups.error && (
        <ProblemNote problem={backups.error}>
          <Button size="s" onPress={() => void backups.refetch()}>
            <Say id="action.tryAgain" />
          </Button>
        </ProblemNote>
      )}
      {long && <span className="sk" style={{ width: 320 }} aria-hidden="true" />}
      {backups.data && items.length === 0 && (
        <p className="med" data-testid="no-backups">
          <Say id="backups.none" />
        </p>
      )}
      {items.length > 0 && <BackupTable items={items} onRestore={setRestoring} />}
      {backups.data && (
        <p className="hint backups-folder pick">
          <Say id="backups.folder" folder={backups.data.folder} />
        </p>
      )}
    </Dialog>
  );
}

function BackupTable({ items, onRestore }: { items: BackupView[]; onRestore: (backup: BackupView) => void }) {
  const times = useTimes();
  const text = useText();
  return (
    <div className="scroll-x backups-list">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">
              <Say id="backups.when" />
            </th>
            <th scope="col">
              <Say id="backups.why" />
            </th>
            <th scope="col" className="num">
              <Say id="backups.rows" />
            </th>
            <th scope="col" className="num">
              <Say id="backups.open.changes" />
            </th>
            <th scope="col" className="num">
              <Say id="backups.size" />
            </th>
            <th scope="col">
              <span className="sr">
                <Say id="cards.actions" />
              </span>
            </th>
          </tr>
        </thead>
        <tbody>
          {items.map((backup) => (
            <tr key={backup.path} data-testid="backup-row">
              <td>
                <time
                  dateTime={backup.made_at}
                  title={`${times.ago(backup.made_at)}, ${times.exact(backup.made_at)}\n${backup.path}`}
                >
                  {times.at(backup.made_at)}
                </time>
              </td>
              <td className="c-2">
                <Say id={WHY[backup.why] ?? "backups.why.asked"} />
              </td>
              <td className="num">
                {backup.log_rows === null ? (
                  <span className="c-warn line-row justify-end">
                    <Icon name="alert" size="xs" />
                    <Say id="backups.unread" />
                  </span>
                ) : (
                  <Say id="number" n={backup.log_rows} />
                )}
              </td>
              <td className="num">
                {backup.open_changes === null ? "–" : <Say id="number" n={backup.open_changes} />}
              </td>
              <td className="num c-2">
                <Say id="backups.mb" mb={Math.max(0.1, backup.bytes / MEGABYTE)} />
              </td>
              <td className="num">
                <Button
                  kind="link"
                  className="f12"
                  aria-label={text("backups.restoreOf", { at: times.at(backup.made_at) })}
                  onPress={() => onRestore(backup)}
                  data-testid="restore-backup"
                >
                  <Say id="backups.restore" />
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

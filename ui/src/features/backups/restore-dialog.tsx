/** Asks before a backup takes the place of what stands now. */
import { Button } from "../../components/button";
import { Dialog } from "../../components/dialog";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import { useTimes } from "../../components/time";
import type { BackupView } from "../../contract";
import { Say } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { useView } from "../shell/view";

export function RestoreDialog({ backup, onClose }: { backup: BackupView; onClose: () => void }) {
  const times = useTimes();
  const view = useView();
  const restore = useAct("restore_backup");
  const open = view.status.environments.reduce(
    (n, { changes }) => n + changes.held + changes.waiting + changes.sending + changes.conflict + changes.stuck,
    0,
  );
  const at = times.exact(backup.made_at);
  return (
    <Dialog
      alert
      width={580}
      title={<Say id="restore.title" at={at} />}
      onClose={restore.isPending || restore.isSuccess ? () => {} : onClose}
      testId="restore-dialog"
      footer={
        <>
          <span className="grow" />
          <Button size="l" autoFocus isDisabled={restore.isPending || restore.isSuccess} onPress={onClose}>
            <Say id="restore.keep" />
          </Button>
          <Button
            size="l"
            kind="danger"
            isDisabled={restore.isPending || restore.isSuccess}
            onPress={() => restore.mutate({ path: backup.path })}
            data-testid="confirm-restore"
          >
            {restore.isPending ? <Say id="restore.running" /> : <Say id="restore.action" />}
          </Button>
        </>
      }
    >
      <div className="subject">
        <Icon name="lock" />
        <div className="grow">
          <div className="semi">
            <Say id="time.atAndAgo" at={at} ago={times.ago(backup.made_at)} />
          </div>
          <div className="f12 c-2 pick whole">{backup.name}</div>
        </div>
        {backup.log_rows !== null && (
          <div className="f12 c-2 text-right">
            <div>
              <Say id="restore.rows" n={backup.log_rows} />
            </div>
            <div>
              <Say id="restore.openChanges" n={backup.open_changes ?? 0} />
            </div>
          </div>
        )}
      </div>
      <dl className="what">
        <dt>
          <Say id="restore.now" />
        </dt>
        <dd>
          <Say id="restore.now.text" />
        </dd>
        <dt>
          <Say id="restore.lost" />
        </dt>
        <dd>
          <Say id="restore.lost.text" at={at} open={open} />
        </dd>
        <dt>
          <Say id="restore.then" />
        </dt>
        <dd>
          <Say id="restore.then.text" />
        </dd>
        <dt>
          <Say id="restore.sent" />
        </dt>
        <dd>
          <Say id="restore.sent.text" />
        </dd>
        <dt>
          <Say id="restore.where" />
        </dt>
        <dd>
          <Say id="restore.where.text" />
        </dd>
      </dl>
      {backup.log_rows === null && (
        <div className="note warn">
          <Icon name="alert" />
          <span>
            <Say id="restore.unread" />
          </span>
        </div>
      )}
      {restore.error && <ProblemNote problem={restore.error} />}
      {restore.isSuccess && (
        <div className="note" role="status">
          <span className="spin" aria-hidden="true" />
          <span>
            <Say id="restore.starting" />
          </span>
        </div>
      )}
    </Dialog>
  );
}

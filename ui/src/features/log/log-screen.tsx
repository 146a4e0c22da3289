/** The log: what was done with this desk, by whom, and how it went; with proof that nothing of it was altered since. */
import { useState } from "react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { useKeys } from "../../components/keys";
import { ProblemNote } from "../../components/problem";
import { useWaitedLong } from "../../components/skeleton";
import type { Exported } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct } from "../../platform/queries";
import { useView } from "../shell/view";
import { LogFilters } from "./log-filters";
import { LogList } from "./log-list";
import { EVERYTHING, isFiltered, type Log, type LogChoice, useLog } from "./use-log";
import { VerifyNote } from "./verify-note";

export function LogScreen() {
  const view = useView();
  // An account or a card of one environment is none of another's.
  return <LogOf key={view.env} />;
}

function LogOf() {
  const view = useView();
  const [choice, setChoice] = useState<LogChoice>(EVERYTHING);
  const verify = useAct("verify_log");
  const exporting = useAct("export_log");
  const log = useLog(choice, view.env, verify.isPending || exporting.isPending);
  const long = useWaitedLong(log.waiting);
  const filtered = isFiltered(choice);
  const empty = !log.waiting && !log.stale && !log.problem && log.rows.length === 0;
  return (
    <section className="log" aria-labelledby="log-title">
      <div className="rh">
        <h1 id="log-title" className="h2">
          <Say id="nav.log" />
        </h1>
        <span className="c-2 cut" data-testid="log-total">
          {log.total !== null && <Say id={filtered ? "log.totalWhole" : "log.total"} n={log.total} />}
        </span>
        {log.newer && (
          <Button kind="link" className="f12" onPress={log.readAgain} data-testid="log-newer">
            <Say id="log.newer" />
          </Button>
        )}
        <span className="grow" />
        <ExportMenu
          busy={exporting.isPending}
          onExport={(format) => exporting.mutate({ filter: log.filter, format, path: null })}
        />
        <Button icon="check" isDisabled={verify.isPending} onPress={() => verify.mutate({})} data-testid="verify-log">
          {verify.isPending ? <Say id="verify.running" /> : <Say id="verify.action" />}
        </Button>
      </div>
      <LogFilters choice={choice} onChange={setChoice} />
      <div className="log-notes">
        {verify.error && <ProblemNote problem={verify.error} onClose={verify.reset} />}
        {verify.data && <VerifyNote found={verify.data} onClose={verify.reset} />}
        {exporting.error && <ProblemNote problem={exporting.error} onClose={exporting.reset} />}
        {exporting.data && <ExportedNote exported={exporting.data} onClose={exporting.reset} />}
        {log.problem && (
          <ProblemNote problem={log.problem}>
            <Button size="s" onPress={log.readAgain}>
              <Say id="action.tryAgain" />
            </Button>
          </ProblemNote>
        )}
      </div>
      <div className="log-panel">
        {long && <LogSkeleton />}
        {empty && <Nothing filtered={filtered} log={log} onClear={() => setChoice(EVERYTHING)} />}
        {log.rows.length > 0 && <LogList log={log} onCard={(card) => setChoice({ ...EVERYTHING, card })} />}
      </div>
      <p className="log-foot hint">
        <Say id="log.readingIsLogged" />
      </p>
    </section>
  );
}

function ExportMenu({ busy, onExport }: { busy: boolean; onExport: (format: string) => void }) {
  const text = useText();
  const [open, setOpen] = useState(false);
  useKeys({ e: () => setOpen(true) });
  return (
    <MenuTrigger isOpen={open} onOpenChange={setOpen}>
      <AriaButton className="btn plain m" isDisabled={busy} data-testid="export-log">
        <Icon name="out" size="s" />
        {busy ? <Say id="export.running" /> : <Say id="export.action" />}
        <Icon name="down" size="xs" />
      </AriaButton>
      <Popover className="pop" placement="bottom end">
        <Menu className="menu" aria-label={text("export.action")} onAction={(format) => onExport(String(format))}>
          <MenuItem id="csv" className="menu-item" textValue={text("export.csv")}>
            <span className="grow">
              <Say id="export.csv" />
            </span>
            <span className="c-3 f12">
              <Say id="export.csvFor" />
            </span>
          </MenuItem>
          <MenuItem id="jsonl" className="menu-item" textValue={text("export.jsonl")}>
            <span className="grow">
              <Say id="export.jsonl" />
            </span>
            <span className="c-3 f12">
              <Say id="export.jsonlFor" />
            </span>
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

function ExportedNote({ exported, onClose }: { exported: Exported; onClose: () => void }) {
  return (
    <div className="note log-note" role="status" data-testid="exported">
      <Icon name={exported.path === null ? "info" : "check"} className={exported.path === null ? "" : "c-ok"} />
      <span className="grow whole">
        {exported.path === null ? (
          <Say id="export.cancelled" />
        ) : (
          <Say id="export.done" n={exported.rows} path={exported.path} />
        )}
      </span>
      <Button kind="link" className="f12" onPress={onClose}>
        <Say id="action.close" />
      </Button>
    </div>
  );
}

function Nothing({ filtered, log, onClear }: { filtered: boolean; log: Log; onClear: () => void }) {
  return (
    <div className="none-here" data-testid="log-empty">
      <h2>
        <Say id={filtered ? "log.noResult" : "log.empty"} />
      </h2>
      <p className="c-2">{filtered ? <Say id="log.noResultText" n={log.total ?? 0} /> : <Say id="log.emptyText" />}</p>
      {filtered && (
        <Button kind="primary" className="justify-self-start" onPress={onClear}>
          <Say id="log.showAll" />
        </Button>
      )}
    </div>
  );
}

const BARS = [180, 240, 140, 210, 160, 230, 190, 150];

function LogSkeleton() {
  return (
    <div aria-hidden="true" data-testid="log-skeleton">
      {BARS.map((width) => (
        <div key={width} className="log-row">
          <span className="sk" style={{ width: 48 }} />
          <span className="sk" style={{ width }} />
          <span className="sk" style={{ width: 70 }} />
          <span className="sk log-sk" style={{ width: width - 60 }} />
        </div>
      ))}
    </div>
  );
}

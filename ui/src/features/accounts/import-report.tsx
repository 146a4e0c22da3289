/** What an import would do or did, and what became of each line that is not taken. */
import type { ReactNode } from "react";
import { Icon } from "../../components/icon";
import type { Imported, LineNote } from "../../contract";
import { Say } from "../../messages/text";

export function ImportReport({ report }: { report: Imported }) {
  const taken = report.new + report.changed + report.same;
  return (
    <section className="panel import-report" data-testid="import-report" aria-live="polite">
      <ul>
        <Line icon="check" look="c-ok">
          <Say id="report.new" n={report.new} />
        </Line>
        {report.changed > 0 && (
          <Line icon="check" look="c-ok">
            <Say id="report.changed" n={report.changed} />
          </Line>
        )}
        {report.same > 0 && (
          <Line icon="info" look="c-3">
            <Say id="report.same" n={report.same} />
          </Line>
        )}
        {report.duplicates.length > 0 && (
          <Line icon="info" look="c-3">
            <Say id="report.duplicates" n={report.duplicates.length} />
            <Notes notes={report.duplicates} />
          </Line>
        )}
        {report.refused.length > 0 && (
          <Line icon="alert" look="c-warn">
            <Say id="report.refused" n={report.refused.length} />
            <Notes notes={report.refused} />
          </Line>
        )}
      </ul>
      {report.more_notes > 0 && (
        <p className="hint">
          <Say id="report.more" n={report.more_notes} />
        </p>
      )}
      {taken === 0 && report.refused.length === 0 && (
        <p className="hint">
          <Say id="report.nothing" />
        </p>
      )}
    </section>
  );
}

function Line(props: { icon: "check" | "info" | "alert"; look: string; children: ReactNode }) {
  return (
    <li>
      <span className={props.look}>
        <Icon name={props.icon} size="s" />
      </span>
      <div className="grow">{props.children}</div>
    </li>
  );
}

function Notes({ notes }: { notes: LineNote[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by the keyboard
    <ol className="line-notes f12" tabIndex={0}>
      {notes.map((note) => (
        <li key={note.line}>
          <span className="c-3">
            <Say id="report.line" n={note.line} />
          </span>
          <span className="c-2">{note.says}</span>
        </li>
      ))}
    </ol>
  );
}

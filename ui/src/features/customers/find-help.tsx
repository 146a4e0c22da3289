import { useTimes } from "../../components/time";
import { type MessageId, Say } from "../../messages/text";
import { useView } from "../shell/view";

const EXAMPLES: { example: MessageId; means: MessageId }[] = [
  { example: "find.example.email", means: "find.means.email" },
  { example: "find.example.name", means: "find.means.name" },
  { example: "find.example.last4", means: "find.means.last4" },
  { example: "find.example.id", means: "find.means.id" },
  { example: "find.example.filter", means: "find.means.filter" },
];

export function FindHelp() {
  const { here } = useView();
  const times = useTimes();
  return (
    <div className="mid">
      <div className="find-box">
        <h2 id="help-title">
          <Say id="find.title" />
        </h2>
        <p className="c-2">
          <Say id="find.text" />
        </p>
        <dl className="examples">
          {EXAMPLES.map(({ example, means }) => (
            <div key={example}>
              <dt>
                <span className="kq">
                  <Say id={example} />
                </span>
              </dt>
              <dd className="c-2">
                <Say id={means} />
              </dd>
            </div>
          ))}
        </dl>
        <p className="c-3 f12">
          <Say
            id="find.scope"
            env={here.env}
            accounts={here.accounts}
            people={here.people}
            cards={here.cards}
            read={here.read_since ? "yes" : "no"}
            at={here.read_since ? times.at(here.read_since) : ""}
          />
        </p>
      </div>
    </div>
  );
}

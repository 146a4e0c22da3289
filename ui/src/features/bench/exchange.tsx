/** One request and its answer, folded to a line until somebody wants to read them. Secrets are masked by the desk. */
import { CopyButton } from "../../components/copy";
import { Foldout } from "../../components/foldout";
import type { ExchangeView } from "../../contract";
import { Say, useText } from "../../messages/text";

export function ExchangeFold({ exchange }: { exchange: ExchangeView }) {
  const { method, target, status, took_ms } = exchange;
  return (
    <Foldout
      level={4}
      className="exchange"
      headClass="exchange-head"
      testId="exchange"
      head={
        <>
          <span className="semi">{method}</span>
          <span className="id cut c-2">{target}</span>
          <span className="grow" />
          <span className={status === "" ? "c-danger" : "num"}>
            {status === "" ? <Say id="bench.noAnswer" /> : status}
          </span>
          <span className="c-3 num">
            <Say id="check.ms" ms={took_ms} />
          </span>
        </>
      }
    >
      <div className="exchange-body">
        <Body title="bench.request" empty="bench.noBody" text={exchange.request} />
        <Body
          title="bench.answer"
          empty={status === "" ? "bench.nothingBack" : "bench.noBody"}
          text={exchange.answer}
        />
      </div>
    </Foldout>
  );
}

function Body(props: {
  title: "bench.request" | "bench.answer";
  empty: "bench.noBody" | "bench.nothingBack";
  text: string;
}) {
  const words = useText();
  const title = words(props.title);
  return (
    <figure className="wire">
      <figcaption className="line-row f12">
        <span className="med grow">{title}</span>
        {props.text !== "" && <CopyButton value={props.text} label={words("copy.property", { name: title })} />}
      </figcaption>
      {props.text === "" ? (
        <p className="c-3 f12">
          <Say id={props.empty} />
        </p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by the keyboard
        <pre tabIndex={0}>{props.text}</pre>
      )}
    </figure>
  );
}

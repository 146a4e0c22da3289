/** Values that could be card numbers: a person has to have looked, once. */
import { useId } from "react";
import { Icon } from "../../components/icon";
import { Say } from "../../messages/text";

export function TokensConfirmed(props: { n: number; checked: boolean; onChange: (checked: boolean) => void }) {
  const id = useId();
  return (
    <div className="note warn" role="status">
      <Icon name="alert" />
      <div className="grow">
        <p className="med">
          <Say id="tokens.title" n={props.n} />
        </p>
        <p className="c-2">
          <Say id="tokens.text" />
        </p>
        <span className="tick note-acts">
          <input
            id={id}
            type="checkbox"
            className="box"
            checked={props.checked}
            onChange={(event) => props.onChange(event.target.checked)}
            data-testid="tokens-confirmed"
          />
          <label htmlFor={id}>
            <Say id="tokens.confirm" />
          </label>
        </span>
      </div>
    </div>
  );
}

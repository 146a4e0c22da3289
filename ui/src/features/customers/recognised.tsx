/** A pasted id: what it is, whether it is known here, and looking it up at its payment system. Nothing is sent until asked. */
import { Button } from "../../components/button";
import { Icon } from "../../components/icon";
import { ProblemNote } from "../../components/problem";
import type { Chosen, RecognisedAs } from "../../contract";
import { Say, useText } from "../../messages/text";
import { useAct, useRead } from "../../platform/queries";
import { useView } from "../shell/view";

/** Shorter texts and sentences are no ids. */
const FEWEST = 5;
const MOST = 255;

const mayBeId = (text: string) => text.length >= FEWEST && text.length <= MOST && !/[\s@]/.test(text);

export function RecognisedIds() {
  const view = useView();
  const text = useText();
  const pasted = view.query.trim();
  const asks = mayBeId(pasted);
  const answer = useRead("recognise", { env: view.env, text: pasted }, { enabled: asks });
  const items = (asks && answer.data?.items) || [];
  if (items.length === 0) return null;
  return (
    <section className="recognised" aria-label={text("id.label")} aria-live="polite" data-testid="recognised">
      {items.map((item) => (
        <Item key={`${pasted} ${item.code} ${item.kind}`} item={item} id={pasted} />
      ))}
    </section>
  );
}

function Item({ item, id }: { item: RecognisedAs; id: string }) {
  const view = useView();
  const lookUp = useAct("look_up", ["cards", "log"]);
  const found = lookUp.data;
  const person = found?.person ?? item.person;
  const card = found?.card_id ?? item.card_id;
  return (
    <div className="rec" data-testid="recognised-as">
      <div className="line-row">
        <span className="ab" aria-hidden="true">
          {item.code}
        </span>
        <span className="med cut">
          <Say id="id.is" kind={item.kind} provider={item.provider_name} />
        </span>
      </div>
      <p className="c-2 f12">{item.says}</p>
      {found && (
        <p className="f12 line-row rec-found" role="status" data-found={found.found}>
          <Icon name={found.found ? "check" : "info"} size="xs" className={found.found ? "c-ok" : "c-3"} />
          <span>{found.says}</span>
        </p>
      )}
      <div className="rec-acts">
        {person && (
          <Button
            size="s"
            icon={card ? "card" : "people"}
            onPress={() => {
              view.open(person);
              if (card) view.showCard(card);
            }}
            data-testid="open-recognised"
          >
            <Say id={card ? "id.openCard" : "id.openCustomer"} />
          </Button>
        )}
        {item.look_up.map((account) => (
          <LookUpButton
            key={account.value}
            account={account}
            busy={lookUp.isPending}
            running={lookUp.isPending && lookUp.variables?.account_id === account.value}
            onPress={() => lookUp.mutate({ account_id: account.value, text: id })}
          />
        ))}
      </div>
      {lookUp.error && <ProblemNote problem={lookUp.error} level="warn" onClose={lookUp.reset} />}
    </div>
  );
}

function LookUpButton(props: { account: Chosen; busy: boolean; running: boolean; onPress: () => void }) {
  return (
    <Button
      size="s"
      icon="search"
      isDisabled={props.busy}
      onPress={props.onPress}
      className="cut"
      data-testid="look-up"
    >
      <span className="cut">
        <Say id={props.running ? "id.looking" : "id.lookUp"} account={props.account.label} />
      </span>
    </Button>
  );
}

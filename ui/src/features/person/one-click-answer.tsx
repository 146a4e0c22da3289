/** Can this buyer pay with one click? Answered from what is known, with what this desk cannot know. */
import { BrandMark } from "../../components/brand-mark";
import { Icon } from "../../components/icon";
import type { CardView, CustomerView, OneClickAnswer, PersonView } from "../../contract";
import { Say, useText } from "../../messages/text";
import { isUnderWay, useCardName } from "./card-words";

/** More than this many are told as a number, after the first few. */
const NAMED = 4;
const FIRST_OF_MANY = 2;

export function OneClickAnswers({ view, cards }: { view: PersonView; cards: CardView[] }) {
  const text = useText();
  const byId = new Map(cards.map((card) => [card.id, card]));
  return (
    <section className="answers" aria-labelledby="answers-title">
      <h3 id="answers-title" className="sect">
        <Say id="answer.title" />
      </h3>
      <div className="answers-in">
        {view.one_click.map((answer) => {
          const customer = view.customers.find((x) => x.id === answer.customer);
          return customer ? (
            <Answer
              key={answer.customer}
              answer={answer}
              label={labelOf(customer, view.customers, text)}
              cards={byId}
            />
          ) : null;
        })}
        <div className="unknown">
          <h4 className="f12 med c-2">
            <Say id="answer.cannotKnow" />
          </h4>
          <ul className="f12 c-3">
            <li>
              <Say id="answer.cannotKnow.method" />
            </li>
            <li>
              <Say id="answer.cannotKnow.checkout" />
            </li>
          </ul>
        </div>
      </div>
    </section>
  );
}

/** Two records at one account are told apart by their ids. */
function labelOf(customer: CustomerView, all: CustomerView[], text: ReturnType<typeof useText>): string {
  const alone = all.filter((x) => x.account.id === customer.account.id).length === 1;
  if (alone || customer.customer_id === null) return customer.account.label;
  return text("answer.record", { account: customer.account.label, record: customer.customer_id });
}

function Answer({ answer, label, cards }: { answer: OneClickAnswer; label: string; cards: Map<string, CardView> }) {
  const name = useCardName();
  const yes = answer.offered.length > 0;
  // Without cards there is nothing for anybody to look into.
  const warns = !yes && answer.withheld.length > 0;
  const reasons = [...new Set(answer.withheld.map((x) => x.reason))];
  const shown = answer.offered
    .slice(0, answer.offered.length > NAMED ? FIRST_OF_MANY : NAMED)
    .flatMap((id) => cards.get(id) ?? []);
  return (
    <div className="answer" data-testid="one-click-answer" data-yes={yes}>
      <p className={warns ? "med c-warn" : "med"}>
        <Icon name={yes ? "check" : warns ? "alert" : "info"} size="s" className={yes ? "c-ok" : warns ? "" : "c-3"} />
        <span>
          <Say id={yes ? "answer.yes" : "answer.no"} n={answer.offered.length} account={label} />
        </span>
      </p>
      {shown.length > 0 && (
        <ul className="bx">
          {shown.map((card) => (
            <li key={card.id} className="bl">
              <BrandMark brand={card.brand} name={card.brand_name} />
              <span className="cut">{name(card)}</span>
              <span className="grow" />
              <span className="c-2 f12">
                {card.pending.some((x) => isUnderWay(x) && x.value !== true) ? (
                  <Say id="answer.untilSent" />
                ) : (
                  <Say id="answer.offered" />
                )}
              </span>
            </li>
          ))}
          {answer.offered.length > shown.length && (
            <li className="bl c-3">
              <Say id="answer.more" n={answer.offered.length - shown.length} />
            </li>
          )}
        </ul>
      )}
      {reasons.length > 0 && (
        <ul className="withheld f12">
          {reasons.map((reason) => {
            const ids = answer.withheld.filter((x) => x.reason === reason).map((x) => x.card);
            const known = ids.flatMap((id) => cards.get(id) ?? []);
            const named = ids.length <= NAMED && known.length === ids.length;
            return (
              <li key={reason} className="c-2">
                {named ? (
                  known.map((card) => (
                    <div key={card.id}>
                      <Say id="answer.withheldCard" card={name(card)} reason={reason} />
                    </div>
                  ))
                ) : (
                  <Say id="answer.withheldMany" n={ids.length} reason={reason} />
                )}
              </li>
            );
          })}
        </ul>
      )}
      {answer.withheld.length === 0 && answer.offered.length === 0 && (
        <p className="f12 c-2">
          <Say id="answer.noCards" />
        </p>
      )}
    </div>
  );
}

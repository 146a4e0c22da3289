/** The card that a question is about: brand and last four, whose, where. */
import { BrandMark } from "../../components/brand-mark";
import type { CardView, PersonView } from "../../contract";
import { Say } from "../../messages/text";
import { useCardName } from "../person/card-words";
import { ENV_WORD } from "../shell/strip";

/** Whose card it is, as far as it is known where it is asked about. */
export type Known = Pick<PersonView, "name" | "email">;

export function CardSubject({ card, person }: { card: CardView; person: Known }) {
  const name = useCardName()(card);
  const who = [person.name, card.email ?? person.email].filter((x) => x !== null);
  return (
    <div className="subject">
      <BrandMark brand={card.brand} name={card.brand_name} large />
      <div className="grow">
        <div>
          <span className="semi">{name}</span>
          {card.expiry && (
            <span className="c-2 dot-sep">
              <Say id="expiry.fine" month={card.expiry.slice(5)} year={card.expiry.slice(0, 4)} />
            </span>
          )}
        </div>
        <div className="f12 c-2 subject-who">
          {who.length > 0 ? (
            who.map((part) => (
              <span key={part} className="cut" dir="auto" title={part ?? undefined}>
                {part}
              </span>
            ))
          ) : (
            <Say id="person.unnamed" />
          )}
        </div>
      </div>
      <div className="text-right">
        <div className="f12 med">{card.account.label}</div>
        <div className="f12 c-3">
          <Say id="delete.where" provider={card.account.provider_name} env={<Say id={ENV_WORD[card.env]} />} />
        </div>
      </div>
    </div>
  );
}

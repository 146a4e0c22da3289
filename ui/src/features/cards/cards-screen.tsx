/** Every saved card of the environment in view. */
import { Say } from "../../messages/text";

export function CardsScreen() {
  return (
    <section className="changes" aria-labelledby="cards-title">
      <div className="rh">
        <h1 id="cards-title" className="h2">
          <Say id="nav.cards" />
        </h1>
      </div>
    </section>
  );
}

/** What was done on this desk, by whom and with what outcome. */
import { Say } from "../../messages/text";

export function LogScreen() {
  return (
    <section className="changes" aria-labelledby="log-title">
      <div className="rh">
        <h1 id="log-title" className="h2">
          <Say id="nav.log" />
        </h1>
      </div>
    </section>
  );
}

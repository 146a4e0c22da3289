import type { Env, EnvStatus } from "../../contract";
import { type MessageId, Say, useText } from "../../messages/text";

export const ENV_WORD: Record<Env, MessageId> = { live: "env.live", test: "env.test", demo: "env.demo" };
const ENV_MEANS: Record<Env, MessageId> = { live: "env.live.means", test: "env.test.means", demo: "env.demo.means" };

/** On every screen, and never covered: the word of the environment. */
export function Strip({ here, others }: { here: EnvStatus; others: number }) {
  const text = useText();
  return (
    <section className={`strip ${here.env}`} data-env={here.env} aria-label={text("strip.label")}>
      <b>
        <Say id={ENV_WORD[here.env]} />
      </b>
      <span className="cut">
        <Say id={ENV_MEANS[here.env]} />
      </span>
      <span className="end">
        <Say id="strip.accounts" n={here.accounts} env={here.env} others={others} />
      </span>
    </section>
  );
}

export function EnvMark({ env }: { env: Env }) {
  return (
    <span className={`env ${env}`}>
      <i aria-hidden="true" />
      <Say id={ENV_WORD[env]} />
    </span>
  );
}

import { Expiry } from "../../components/expiry";
import { Day, useTimes } from "../../components/time";
import type { CardDetail } from "../../contract";
import { type MessageId, Say } from "../../messages/text";

const STATES: Record<string, MessageId> = {
  uninitialized: "version.uninitialized",
  active: "version.active",
  obsolete: "version.obsolete",
};

export function Versions({ detail }: { detail: CardDetail }) {
  const times = useTimes();
  const { versions, versions_read_at: readAt } = detail;
  return (
    <section aria-labelledby="versions-title">
      <h3 id="versions-title" className="sect">
        <Say id="versions.title" />
        {readAt && (
          <span className="c-3 f12 font-normal">
            <Say id="panel.readAt" at={times.at(readAt)} ago={times.ago(readAt)} />
          </span>
        )}
      </h3>
      {versions.length === 0 ? (
        <p className="c-2">{readAt ? <Say id="versions.none" /> : <Say id="versions.notRead" />}</p>
      ) : (
        <div className="scroll-x">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">
                  <Say id="versions.id" />
                </th>
                <th scope="col">
                  <Say id="cards.state" />
                </th>
                <th scope="col">
                  <Say id="cards.card" />
                </th>
                <th scope="col">
                  <Say id="cards.expires" />
                </th>
                <th scope="col">
                  <Say id="versions.since" />
                </th>
              </tr>
            </thead>
            <tbody>
              {versions.map((version) => {
                const since = version.obsoleted_on ?? version.activated_on ?? version.created_on;
                return (
                  <tr key={version.remote_id}>
                    <td className="id">{version.remote_id}</td>
                    <td>
                      <Say id={STATES[version.state] ?? "version.unknown"} />
                      {version.production === false && (
                        <span className="c-3">
                          {" "}
                          <Say id="version.test" />
                        </span>
                      )}
                    </td>
                    <td>
                      {version.brand_name && version.last4 ? (
                        <Say id="card.name" brand={version.brand_name} last4={version.last4} />
                      ) : (
                        "–"
                      )}
                    </td>
                    <td>
                      <Expiry expiry={version.expiry} days={null} />
                    </td>
                    <td>{since ? <Day at={since} /> : "–"}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

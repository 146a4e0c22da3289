import { Say } from "../messages/text";
import { Icon } from "./icon";

const SOON_DAYS = 60;

/** Fine: plain. The last 60 days: amber with the days left. Past: red with the word. */
export function Expiry({ expiry, days }: { expiry: string | null; days: number | null }) {
  if (!expiry) return <span className="c-3">–</span>;
  const [year, month] = expiry.split("-");
  if (days !== null && days < 0) {
    return (
      <span className="exp past">
        <Icon name="alert" size="xs" />
        <Say id="expiry.past" month={month} year={year} />
      </span>
    );
  }
  if (days !== null && days <= SOON_DAYS) {
    return (
      <span className="exp soon">
        <Icon name="clock" size="xs" />
        <Say id="expiry.soon" month={month} year={year} days={days} />
      </span>
    );
  }
  return (
    <span className="exp">
      <Say id="expiry.fine" month={month} year={year} />
    </span>
  );
}

/**
 * When something ends, by this window's own clock. The host tells how many milliseconds are left when it answers; the
 * wall clock may jump meanwhile, and an answer may be looked at long after it came.
 */
import type { ChangeView, DeskStatus, SingleUseView } from "../contract";

const ends = new Map<string, number>();

export const holdKey = (change: string) => `hold ${change}`;
export const nextTryKey = (env: string) => `try ${env}`;
export const tokenKey = (token: string) => `token ${token}`;

/** As `performance.now()` counts; absent when nothing has told it. */
export const deadlineOf = (key: string): number | undefined => ends.get(key);

function note(key: string, left: number | null | undefined): void {
  if (left === null || left === undefined) ends.delete(key);
  else ends.set(key, performance.now() + left);
}

const isStatus = (answer: object): answer is DeskStatus => "environments" in answer;
const isChange = (answer: object): answer is ChangeView => "wish" in answer && "hold" in answer;

const isSingleUse = (answer: object): answer is SingleUseView => "seconds_left" in answer && "remote_id" in answer;

/** Changes are answered alone, in lists, under their cards, and in the rows of a plan. */
const WITHIN = ["items", "cards", "pending", "card", "change"] as const;

/** Notes every end that this answer tells. */
export function noteDeadlines(answer: unknown): void {
  if (Array.isArray(answer)) {
    for (const part of answer) noteDeadlines(part);
    return;
  }
  if (typeof answer !== "object" || answer === null) return;
  if (isStatus(answer)) {
    for (const { env, network } of answer.environments) {
      note(nextTryKey(env), network.kind === "offline" ? network.next_try_ms : null);
    }
    return;
  }
  // Without an end of its own a hold lasts until a person ends it.
  if (isChange(answer)) note(holdKey(answer.id), answer.hold?.whole_ms ? answer.hold.left_ms : null);
  if (isSingleUse(answer))
    note(tokenKey(answer.remote_id), answer.seconds_left === null ? null : answer.seconds_left * 1_000);
  for (const part of WITHIN) if (part in answer) noteDeadlines((answer as Record<string, unknown>)[part]);
}

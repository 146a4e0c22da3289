/**
 * The only door to the host. Screens know commands and their answers; what carries them (Tauri, or the fake world of the
 * component tests) is decided when the bundle is made.
 */
import type { Commands, Problem, Quitting, Tag } from "../contract";

export type CommandName = keyof Commands;
export type Request<C extends CommandName> = Commands[C]["request"];
export type Response<C extends CommandName> = Commands[C]["response"];

export interface Platform {
  /** Runs a command. Rejects with a {@link Problem}. */
  call<C extends CommandName>(name: C, request: Request<C>): Promise<Response<C>>;
  /** Told whenever something on screen may be out of date. Returns how to stop listening. */
  onInvalidated(listener: (tags: Tag[]) => void): () => void;
  /** Told when somebody closes the window while changes are open; `quit` answers it. Returns how to stop listening. */
  onQuitting(listener: (open: Quitting) => void): () => void;
}

/** Whatever was thrown, as a problem that a screen can show. */
export function asProblem(error: unknown): Problem {
  if (typeof error === "object" && error !== null && "code" in error && "title" in error) {
    return error as Problem;
  }
  return {
    code: "internal",
    title: "",
    detail: "",
    hint: "",
    retryable: false,
    request_id: null,
    field: null,
    params: {},
  };
}

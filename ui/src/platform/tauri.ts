/** The host inside the desktop window. */
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Invalidated, Quitting } from "../contract";
import type { Platform } from "./platform";

const INVALIDATED = "desk-invalidated";
const QUITTING = "quitting";

function hear<T>(event: string, listener: (payload: T) => void): () => void {
  const stopping = listen<T>(event, ({ payload }) => listener(payload));
  return () => {
    void stopping.then((stop) => stop());
  };
}

export const platform: Platform = {
  call: (name, request) => invoke(name, { request }),
  onInvalidated: (listener) => hear<Invalidated>(INVALIDATED, ({ tags }) => listener(tags)),
  onQuitting: (listener) => hear<Quitting>(QUITTING, listener),
};

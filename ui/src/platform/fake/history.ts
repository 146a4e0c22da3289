/** The fake desk's log, timelines and backups. */
import type { BackupView, Commands, LogRow, TimelineItem } from "../../contract";
import { type Desk, problem } from "./records";

export interface History {
  /** Oldest first. */
  log: LogRow[];
  /** By person. */
  timelines: Map<string, TimelineItem[]>;
  backups: BackupView[];
}

export const emptyHistory = (): History => ({ log: [], timelines: new Map(), backups: [] });

type HistoryCommands =
  | "list_log"
  | "verify_log"
  | "export_log"
  | "list_timeline"
  | "list_backups"
  | "make_backup"
  | "restore_backup"
  | "accept_older_ledger"
  | "replace_credentials";

export function historyCommands({ world, changed }: Desk): {
  [C in HistoryCommands]: (request: Commands[C]["request"]) => Commands[C]["response"];
} {
  const { history } = world;
  return {
    list_log: () => ({ items: [...history.log].reverse(), next: null, rows: history.log.length }),
    verify_log: () => ({
      intact: true,
      rows: history.log.length,
      broken_row: null,
      broken_how: null,
      words: "Every row is as it was written.",
      anchored_row: null,
      anchored_at: null,
      erased_texts: 0,
      took_ms: 1,
    }),
    export_log: ({ path }) => ({ path, rows: history.log.length }),
    list_timeline: ({ person }) => {
      const items = history.timelines.get(person) ?? [];
      return { items, next: null, total: items.length };
    },
    list_backups: () => ({ items: history.backups, folder: "/home/mira/.local/share/tokendesk/backups" }),
    make_backup: () => {
      throw problem("disk_full", "There is no room on the disk.");
    },
    restore_backup: () => {
      throw problem("backup_unusable", "This file is not a backup of this desk.");
    },
    accept_older_ledger: ({ discard_changes }) => {
      world.olderLedger = null;
      if (discard_changes) {
        for (const change of world.changes) {
          if (["done", "withdrawn"].includes(change.status)) continue;
          Object.assign(change, { status: "withdrawn", why: "discard", hold: null, holdEnds: null });
        }
      }
      changed(["status", "changes", "cards", "accounts"]);
      return {};
    },
    replace_credentials: () => {
      throw problem("other_scope", "This key belongs to another space.");
    },
  };
}

import { type Command, flag, onePositional, text } from "../command.ts";

type Of = typeof import("../store-file.ts");

/** Does something to the store of the setting, and says what. */
async function done(work: (of: Of, path: string) => Promise<readonly string[]> | readonly string[]): Promise<number> {
  const of = await import("../store-file.ts");
  for (const line of await work(of, of.storePath())) console.log(line);
  return 0;
}

const OF_SETTING = "The store is that of DATABASE_PATH";

export const backupCommand: Command = {
  name: "backup",
  summary: "Copies the store into FILE, as of one instant, and checks the copy.",
  positionals: "FILE",
  options: {},
  notes: `${OF_SETTING}; midwatch may be running.`,
  run: (args) => done((of, path) => of.backup(path, onePositional(args, "file for the copy"))),
};

export const restoreCommand: Command = {
  name: "restore",
  summary: "Replaces the store with a backup, and keeps the old store beside it.",
  positionals: "FILE",
  options: {},
  notes: `${OF_SETTING}; stop midwatch first.`,
  run: (args) => done((of, path) => of.restore(path, onePositional(args, "backup"))),
};

export const migrateCommand: Command = {
  name: "migrate",
  summary: "Brings the store's tables up to date. `serve` does this too when it starts.",
  options: {
    check: { type: "boolean", about: "changes nothing: shows what there is to do and tries it on a copy; midwatch may be running" },
  },
  notes: `${OF_SETTING}. Exit code 1: a newer version wrote it, and this one cannot use it.`,
  run: (args) => done((of, path) => of.migrateStore(path, { check: flag(args, "check") })),
};

export const deleteCommand: Command = {
  name: "delete",
  summary: "Deletes one incident and everything kept about it. Its audit entries become tombstones.",
  positionals: "ID",
  options: { by: { type: "string", hint: "NAME", about: "who asked for it, for the audit" } },
  notes: `${OF_SETTING}; midwatch may be running: it then stops its work on the incident and deletes it.`,
  run: (args) =>
    done(async (_of, path) => {
      const { deleteOne } = await import("../delete-incident.ts");
      return deleteOne(path, onePositional(args, "incident (pd-…)"), text(args, "by") ?? "operator");
    }),
};

export const compactCommand: Command = {
  name: "compact",
  summary: "Rewrites the store's file without its free space.",
  options: {},
  notes: `${OF_SETTING}; stop midwatch first. The disk needs room for a second copy.`,
  run: () => done((of, path) => of.compact(path)),
};

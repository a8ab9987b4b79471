import { existsSync } from "node:fs";
import { auditMigrations } from "../durable/audit.ts";
import { type NodeSqlite, readNodeSqlite } from "../durable/node-sqlite.ts";
import { readEnvironment } from "../node/environment.ts";
import { CommandError } from "./command-error.ts";

/** The store's file, by the setting; the other settings need not be there. Opened to read alone, so a running midwatch is not disturbed. */
export function openStore(): NodeSqlite & { readonly path: string } {
  const path = readEnvironment()["DATABASE_PATH"]?.trim() || "midwatch.db";
  if (!existsSync(path)) throw new CommandError(`There is no ${path}. Set DATABASE_PATH to the store's file.`, 1);
  const store = readNodeSqlite(path);
  if (store.sql.all("select 1 from sqlite_master where name = 'audit'").length === 0) {
    store.close();
    throw new CommandError(
      `${path} holds no audit: it is not a store of midwatch, or comes from a version without an audit (${auditMigrations.name}).`,
      1,
    );
  }
  return { ...store, path };
}

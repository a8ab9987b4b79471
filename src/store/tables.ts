import { evidenceMigrations } from "./evidence.ts";
import { hiddenValueMigrations } from "./hidden-values.ts";
import { keptReadingMigrations } from "./kept-reading.ts";
import { retentionMigrations } from "./retention.ts";

/** Tables of an incident's store beside the host's own: on Node in its one file, on Workers in each incident's object. */
export const storeTables = [evidenceMigrations, keptReadingMigrations, hiddenValueMigrations, retentionMigrations];

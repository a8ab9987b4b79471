import { hostMigrations } from "../durable/node-host.ts";
import { deletionMigrations } from "../store/deletion.ts";
import { storeTables } from "../store/tables.ts";

/** Tables of the store on Node beside the host's own. */
export const incidentTables = [...storeTables, deletionMigrations];

/** Every table of the store on Node. */
export const allTables = [...hostMigrations, ...incidentTables];

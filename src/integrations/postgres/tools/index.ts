import { z } from "zod";
import { IntegrationError } from "../../../guard/errors.ts";
import { defineTool, type Tool } from "../../../incident/tool.ts";
import { activityLook } from "./activity.ts";
import { indexesLook } from "./indexes.ts";
import { locksLook } from "./locks.ts";
import { maintenanceLook } from "./maintenance.ts";
import { replicationLook } from "./replication.ts";
import { statementsLook } from "./statements.ts";
import { tablesLook } from "./tables.ts";
import { databaseInput, type DatabaseTools } from "./tool-words.ts";

const looks = {
  activity: activityLook,
  locks: locksLook,
  statements: statementsLook,
  tables: tablesLook,
  indexes: indexesLook,
  replication: replicationLook,
  maintenance: maintenanceLook,
};

/** What the agent may ask PostgreSQL: fixed questions, no SQL of its own. One tool, for the model pays for each in every turn. */
export const postgresTools = (tools: DatabaseTools): Tool[] => [
  defineTool({
    name: "postgres_diagnostics",
    source: "PostgreSQL",
    description:
      "Looks into a PostgreSQL server, read only. activity: sessions by state and wait against max_connections, longest transactions. locks: who waits for whom. statements: what takes most time or writes most WAL, and filters without an index (counters since their reset: what is heavy, not since when). tables: scans, dead rows, vacuum. indexes: those of one table, before you call one missing. replication: lag of replicas, who writes the WAL. maintenance: WAL kept by slots, failed archiving, autovacuum at work, age of transaction ids.",
    input: z.object({
      look: z.enum(["activity", "locks", "statements", "tables", "indexes", "replication", "maintenance"]).describe("Which of these"),
      database: databaseInput,
      table: z.string().max(120).optional().describe("Table without schema; needed for indexes, narrows tables"),
    }),
    run: ({ look, database, table }, context) => {
      const part = looks[look](tools);
      const input = part.input.safeParse({ database, table });
      if (!input.success) throw new IntegrationError("postgres", `${look} needs a table.`);
      return part.run(input.data as never, context);
    },
  }),
];

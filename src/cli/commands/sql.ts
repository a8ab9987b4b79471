import { type Command, onePositional, text } from "../command.ts";

export const sqlGrantsCommand: Command = {
  name: "sql grants",
  summary: "Prints the SQL that makes the login role for the model's SQL, with grants for what the catalog declares. Runs nothing.",
  positionals: "DATABASE",
  options: { role: { type: "string", hint: "NAME", about: "name of the role; default midwatch_sql" } },
  notes:
    "DATABASE is the name in the catalog. An administrator runs it: npm run --silent midwatch -- sql grants orders-db | psql <primary>",
  async run(args) {
    const { sqlGrants } = await import("../sql-grants.ts");
    return sqlGrants({ database: onePositional(args, "name of the database"), role: text(args, "role") });
  },
};

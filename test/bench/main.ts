import { existsSync, readdirSync } from "node:fs";

/** `npm run bench [-- <name> [words]]`: one measurement, each a file of this folder; `analysis` where none is named. */
const names = readdirSync(import.meta.dirname)
  .map((file) => file.replace(/\.ts$/, ""))
  .filter((name) => name !== "main");
const [name = "analysis"] = process.argv.splice(2, 1);
if (!names.includes(name) || !existsSync(new URL(`${name}.ts`, import.meta.url))) {
  console.error(`npm run bench -- <name>, one of: ${names.join(", ")}`);
  process.exit(2);
}
await import(`./${name}.ts`);

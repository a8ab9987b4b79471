import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";

/**
 * Checks the lock file: every package has a licence that the Open Source Initiative approved (or puts its text in the public domain), and an
 * integrity hash. `npm run check` runs it.
 */

/** SPDX ids. Source: spdx.org/licenses, column "OSI approved"; CC0-1.0 and Unlicense give up all rights. */
const OPEN = new Set(
  "0BSD Apache-2.0 Artistic-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause CC0-1.0 ISC LGPL-3.0-or-later MIT MPL-2.0 Python-2.0 Unlicense Zlib".split(
    " ",
  ),
);
/** Packages whose manifest names no SPDX id, with what their licence file says, or their README where they come without such a file. */
const READ: Readonly<Record<string, string>> = {
  "dejavu-fonts-ttf": "Bitstream Vera licence and public domain, free to use, change and pass on",
  "@modelcontextprotocol/server-everything": "MIT, by its README; a tool of the tests, not installed in production",
};

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.object({
      license: z.string().optional(),
      integrity: z.string().optional(),
      link: z.boolean().optional(),
    }),
  ),
});

/** Whether an SPDX expression of ids with AND, OR and brackets allows use under open licences alone. */
export function isOpen(expression: string): boolean {
  const either = expression.replaceAll(/[()]/g, " ").split(/\sOR\s/);
  return either.some((all) => all.split(/\sAND\s/).every((id) => OPEN.has(id.trim())));
}

/** What is wrong, one line each. @param text of a package-lock.json */
export function licenceProblems(text: string): string[] {
  return Object.entries(lockSchema.parse(JSON.parse(text)).packages).flatMap(([path, entry]) => {
    const name = path.split("node_modules/").at(-1) ?? "";
    if (!path.startsWith("node_modules/") || entry.link === true) return [];
    const { license = "no licence" } = entry;
    const isFree = isOpen(license) || name in READ;
    return [
      ...(isFree ? [] : [`${name}: ${license} is not known to be open source`]),
      ...(entry.integrity === undefined ? [`${name}: the lock has no integrity hash`] : []),
    ];
  });
}

if (import.meta.main) {
  const problems = licenceProblems(readFileSync(resolve(import.meta.dirname, "../package-lock.json"), "utf8"));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

import type { ChangedFile } from "../../../src/incident/telemetry.ts";
import type { Chance } from "./chance.ts";

/** What a change does, for those that break something, and `harmless` for the rest. */
export type DiffKind = "harmless" | "throws" | "query-per-row" | "config" | "small-pool" | "leak" | "retries" | "migration";

interface Diff {
  readonly title: string;
  readonly files: readonly ChangedFile[];
}

const file = (path: string, patch: string): ChangedFile => {
  const lines = patch.split("\n");
  return {
    path,
    status: "modified",
    additions: lines.filter((line) => line.startsWith("+")).length,
    deletions: lines.filter((line) => line.startsWith("-")).length,
    patch,
  };
};

const WORDS = ["totals", "labels", "offers", "entries", "limits", "regions", "windows", "batches", "scores", "badges", "filters", "slots"];

/** Makes the diff of one change; `about` is the name of the service or of a table that it speaks of. */
export function makeDiff(kind: DiffKind, about: string, chance: Chance): Diff {
  const word = chance.pick(WORDS);
  const folder = chance.pick(["src", "lib", "internal", "app"]);
  const line = chance.whole(8, 240);
  const head = `@@ -${line},6 +${line},7 @@`;
  switch (kind) {
    case "harmless":
      return chance.pick([
        {
          title: `docs: explain ${word}`,
          files: [file("README.md", `${head}\n ## ${word}\n-Old text about ${word}.\n+${word} are counted once a day.\n+See the wiki.`)],
        },
        {
          title: `Rename a variable in ${word}`,
          files: [
            file(
              `${folder}/${word}.ts`,
              `${head}\n-  const list = read${word}();\n-  return list.map(format);\n+  const found = read${word}();\n+  return found.map(format);`,
            ),
          ],
        },
        {
          title: `Test ${word}`,
          files: [
            file(`test/${word}.test.ts`, `${head}\n+test("${word} are sorted", () => {\n+  expect(sorted(${word})).toEqual([1, 2]);\n+});`),
          ],
        },
        {
          title: `Log the count of ${word}`,
          files: [
            file(
              `${folder}/${word}.go`,
              `${head}\n func Show(items []Item) {\n+\tlog.Printf("showing %d ${word}", len(items))\n \trender(items)`,
            ),
          ],
        },
        {
          title: `Add a badge for ${word}`,
          files: [
            file(
              `${folder}/${word}.py`,
              `${head}\n def view(item):\n     data = base(item)\n+    data["badge"] = "new" if item.is_new else None\n     return data`,
            ),
          ],
        },
        { title: `Bump a linter`, files: [file("package.json", `${head}\n-    "eslint": "9.1.0",\n+    "eslint": "9.2.0",`)] },
      ]);
    case "throws":
      return chance.pick([
        {
          title: `Check ${word} before use`,
          files: [
            file(
              `${folder}/${word}.ts`,
              `${head}\n export function handle(request: Request) {\n-  const ${word} = request.${word} ?? [];\n+  const ${word} = request.${word};\n+  if (${word} === undefined) throw new Error("${word} missing");\n   return apply(${word});`,
            ),
          ],
        },
        {
          title: `Use the new field name`,
          files: [file(`${folder}/${word}.py`, `${head}\n def parse(body):\n-    return body["${word}"]\n+    return body["${word}_v2"]`)],
        },
        {
          title: `Simplify ${word}`,
          files: [
            file(
              `${folder}/${word}.go`,
              `${head}\n func Load(ctx context.Context, id string) (*Item, error) {\n-\tif id == "" {\n-\t\treturn nil, nil\n-\t}\n \titem := cache[id]\n-\treturn item, nil\n+\treturn item.Clone(), nil`,
            ),
          ],
        },
      ]);
    case "query-per-row":
      return chance.pick([
        {
          title: `Show ${word} in the list`,
          files: [
            file(
              `${folder}/${word}.ts`,
              `${head}\n   const rows = await db.query("SELECT id FROM ${word}");\n-  return rows;\n+  for (const row of rows) row.detail = await db.query("SELECT * FROM ${word}_detail WHERE id = $1", [row.id]);\n+  return rows;`,
            ),
          ],
        },
        {
          title: `Load ${word} lazily`,
          files: [
            file(
              `${folder}/${word}.py`,
              `${head}\n def list_${word}(session):\n-    return session.query(Item).options(joinedload(Item.${word})).all()\n+    return session.query(Item).all()`,
            ),
          ],
        },
      ]);
    case "config":
      return chance.pick([
        {
          title: `Clean up deployment`,
          files: [
            file(
              `deploy/${about}.yaml`,
              `${head}\n         env:\n           - name: LOG_LEVEL\n             value: info\n-          - name: ${word.toUpperCase()}_URL\n-            value: http://${word}.internal:8080\n           - name: PORT`,
            ),
          ],
        },
        {
          title: `Move ${word} to the new host`,
          files: [
            file(`config/${about}.yml`, `${head}\n ${word}:\n-  host: ${word}.internal\n+  host: ${word}.new.internal\n   port: 8080`),
          ],
        },
        {
          title: `Lower timeouts`,
          files: [file(`config/${about}.properties`, `${head}\n-${word}.timeout.ms=5000\n+${word}.timeout.ms=50\n ${word}.retries=2`)],
        },
      ]);
    case "small-pool":
      return {
        title: `Tune the pool`,
        files: [file(`config/${about}.yaml`, `${head}\n database:\n-  pool_size: 40\n+  pool_size: 4\n   idle_timeout: 30s`)],
      };
    case "leak":
      return {
        title: `Cache ${word}`,
        files: [
          file(
            `${folder}/${word}.ts`,
            `${head}\n+const seen = new Map<string, Item>();\n export async function read(id: string) {\n-  return load(id);\n+  const item = await load(id);\n+  seen.set(id + Date.now(), item);\n+  return item;`,
          ),
        ],
      };
    case "retries":
      return {
        title: `Retry ${word}`,
        files: [
          file(
            `${folder}/${word}.go`,
            `${head}\n-\treturn call(ctx, req)\n+\tfor i := 0; i < 20; i++ {\n+\t\tif res, err := call(ctx, req); err == nil {\n+\t\t\treturn res, nil\n+\t\t}\n+\t}`,
          ),
        ],
      };
    case "migration":
      return {
        title: `Add a column to ${word}`,
        files: [
          {
            ...file(
              `migrations/0${chance.whole(100, 999)}_${word}.sql`,
              `@@ -0,0 +1,2 @@\n+ALTER TABLE ${word} ADD COLUMN region text NOT NULL DEFAULT 'eu';\n+CREATE INDEX ${word}_region ON ${word} (region);`,
            ),
            status: "added",
          },
        ],
      };
  }
}

import { describe, expect, test } from "vitest";
import { sharedName, valueChanges } from "../../src/analysis/value-diff.ts";
import type { ChangedFile } from "../../src/incident/telemetry.ts";

const file = (path: string, lines: readonly string[], status: ChangedFile["status"] = "modified"): ChangedFile => ({
  path,
  status,
  additions: 1,
  deletions: 1,
  patch: ["@@ -10,4 +10,4 @@", ...lines].join("\n"),
});
const said = (path: string, lines: readonly string[], status?: ChangedFile["status"]): string[] =>
  valueChanges([file(path, lines, status)]).map(({ text }) => text);

/** Pieces of 60,000 characters that parsers which look back or around at each step pay for; the runner's time limit is what they would miss. */
test.each<[string, string, (round: number) => string]>([
  ["lists in lists", "a.json", (round) => Array.from({ length: 30 }, () => "[1,".repeat(100)).join("\n") + round],
  ["keys of one YAML map", "a.yaml", () => `a: {${Array.from({ length: 9000 }, (_, at) => `${at % 99 === 0 ? "\n " : ""}${at.toString(36)}`).join(",")}}`],
  ["lines that go on", "a.properties", () => "a\\\n".repeat(14_000)],
  ["backslashes", "a.properties", () => `${"\\".repeat(1990)}a\\\n`.repeat(29)],
])("hostile settings take no time: %s", (_, path, text) => {
  const piece = (round: number) => text(round).slice(0, 29_000).split("\n");
  const one = file(path, [...piece(1).map((line) => `-${line}`), ...piece(2).map((line) => `+${line}`)]);
  const files = Array<ChangedFile>(100).fill(one);
  expect(valueChanges(files).every(({ path: of }) => of === path)).toBe(true);
}); // prettier-ignore

describe("a diff of settings says what it changes in values", () => {
  test.each<[string, string, string[], string[]]>([
    ["a number of an env file", "deploy/.env", ["-POOL_SIZE=50", "+POOL_SIZE=5"], ["`POOL_SIZE` 50 → 5"]],
    [
      "an entry of the environment that goes",
      "k8s/deploy.yaml",
      [
        "         env:",
        "-          - name: DB_HOST",
        "-            value: db.internal",
        "           - name: PORT",
        '             value: "80"',
      ],
      ["env entry `DB_HOST` removed"],
    ],
    [
      "the value of an entry of the environment, in the middle of a file",
      "k8s/deploy.yaml",
      [
        "               value: x",
        "             - name: DB_HOST",
        "-              value: db-1",
        "+              value: db-2",
        "       volumes: []",
      ],
      ["`DB_HOST` db-1 → db-2"],
    ],
    ["a list that becomes empty", "service.yaml", ["-ports: [8080]", "+ports: []", " name: x"], ["`ports` emptied"]],
    ["a list whose entries go", "service.yaml", [" spec:", "   ports:", "-    - 8080", "   type: ClusterIP"], ["`spec.ports` emptied"]],
    ["an argument more", "deploy.yaml", ['-  args: ["serve"]', '+  args: ["serve", "--tls-only"]'], ["argument `--tls-only` added"]],
    [
      "an argument on a line of its own",
      "deploy.yaml",
      ["   args:", "     - serve", "+    - --tls-only", "   ports: []"],
      ["argument `--tls-only` added"],
    ],
    ["an image", "deploy.yaml", ["-      image: shop/cart:2.9.0", "+      image: shop/cart:2.9.1"], ["image `shop/cart` 2.9.0 → 2.9.1"]],
    ["the image of a Dockerfile", "Dockerfile", ["-FROM node:20-slim", "+FROM node:22-slim"], ["image `node` 20-slim → 22-slim"]],
    ["a flag without quotes", "app.yml", ["-tls: no", "+tls: yes"], ["`tls` no → yes"]],
    ["a number that becomes a string", "app.yml", ["-port: 8080", '+port: "8080"'], ['`port` 8080 → `"8080"`']],
    ["digits that YAML may read as octal", "app.yml", ["-mode: 0644", "+mode: 644"], ["`mode` 0644 → 644"]],
    ["another anchor", "app.yml", [" a: &a 1", " b: &b 2", "-use: *a", "+use: *b"], ["`use` `*a` → `*b`"]],
    ["an alias of above", "app.yaml", ["-a: *base", "+a: *other"], ["`a` `*base` → `*other`"]],
    ["the case of a key", "app.yml", ["-maxSize: 5", "+maxsize: 5"], ["`maxSize` removed", "`maxsize` added: `5`"]],
    ["text of several lines", "app.yml", [" motd: |", "-  one", "+  two", " next: 1"], ["`motd` one → two"]],
    [
      "a value of JSON",
      "config/settings.json",
      ['   "pool": {', '-    "max": 50,', '+    "max": 5,', '     "min": 1'],
      ["`pool.max` 50 → 5"],
    ],
    [
      "a value of JSON whose object begins above",
      "a.json",
      ['-    "max": 50', '+    "max": 5', "   },", '   "debug": false'],
      ["`max` 50 → 5"],
    ],
    [
      "an entry of a list of JSON",
      "a.json",
      ['   "hosts": [', '     "a.internal",', '-    "b.internal"', '+    "c.internal"', "   ],"],
      ["`b.internal` of `hosts` removed", "`c.internal` of `hosts` added"],
    ],
    ["a value of TOML", "app.toml", [" [db]", "-pool = 50", "+pool = 5"], ["`db.pool` 50 → 5"]],
    ["properties", "app.properties", ["-db.pool.size=50", "+db.pool.size: 5"], ["`db.pool.size` 50 → 5"]],
    ["properties over two lines", "app.properties", ["-hosts=a,\\", "-  b", "+hosts=a,\\", "+  c"], ["`hosts` `a,b` → `a,c`"]],
    [
      "a build argument",
      "Dockerfile",
      [" FROM a:1", "-ARG JAVA_OPTS=-Xmx2g", "+ARG JAVA_OPTS=-Xmx1g"],
      ["`ARG.JAVA_OPTS` -Xmx2g → -Xmx1g"],
    ],
    ["a variable of an image over two lines", "Dockerfile", ["-ENV A=1 \\", "-    B=2", "+ENV A=1 \\", "+    B=3"], ["`B` 2 → 3"]],
    [
      "an attribute of Terraform",
      "main.tf",
      [' resource "aws_db_instance" "main" {', "-  allocated_storage = 100", "+  allocated_storage = 10", " }"],
      ["`resource.aws_db_instance.main.allocated_storage` 100 → 10"],
    ],
    [
      "an entry of an object of Terraform",
      "main.tf",
      ["   environment = {", '-    DB_HOST = "a.internal"', '+    DB_HOST = "b.internal"', "   }"],
      ["`DB_HOST` a.internal → b.internal"],
    ],
    ["a password, without its value", "app.yml", ["-password: one", "+password: two"], ["`password` changed"]],
    ["a dropped column", "migrations/0042.sql", ["+ALTER TABLE users DROP COLUMN email;"], ["column `email` dropped from `users`"]],
    [
      "several actions of a table",
      "migrations/0043.sql",
      [
        "+-- tidy up",
        "+alter table only shop.orders",
        "+  rename column total to amount;",
        "+alter table shop.orders alter column note set not null, drop constraint if exists orders_fk;",
      ],
      [
        "column `total` of `shop.orders` renamed to `amount`",
        "column `note` of `shop.orders` may no longer be null",
        "constraint `orders_fk` dropped from `shop.orders`",
      ],
    ],
    [
      "a new column that every insert has to fill",
      "db/1.sql",
      ["+ALTER TABLE t ADD COLUMN c int NOT NULL;"],
      ["column `c` added to `t`, not null and without a default"],
    ],
    [
      "rows without a condition",
      "db/2.sql",
      ["+UPDATE t SET a = 'x; DROP TABLE y';", "+DELETE FROM s WHERE id = 1;"],
      ["all rows of `t` updated", "rows of `s` deleted"],
    ],
    [
      "an index",
      "db/3.sql",
      ["+CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS by_mail ON users (email);"],
      ["unique index `by_mail` created on `users`"],
    ],
    [
      "MySQL",
      "db/4.sql",
      ["+ALTER TABLE `users` MODIFY COLUMN `email` varchar(10), DROP `age`;"],
      ["column `email` of `users` changed", "column `age` dropped from `users`"],
    ],
    ["no way back of a migration", "db/5.sql", ["+-- +goose Up", "+CREATE TABLE a (b int);", "+-- +goose Down", "+DROP TABLE a;"], []],
  ])("%s", (_, path, lines, expected) => {
    expect(said(path, lines, path.endsWith(".sql") ? "added" : "modified")).toEqual(expected);
  });
});

describe("a diff that cannot be read with its surroundings says nothing", () => {
  test.each<[string, string, string[]]>([
    ["a key twice", "app.yml", [" a: 1", "-b: 1", "+a: 2"]],
    ["a template", "chart/deploy.yaml", ["-a: {{ .Values.a }}", "+a: {{ .Values.b }}"]],
    ["JSON with a comment", "tsconfig.json", [' "a": 1, // one', '-"b": 1', '+"b": 2']],
    ["a list of TOML that is cut", "a.toml", ["-  1,", "+  2,", " ]"]],
    ["a quote that stays open", ".env", ['-A="one', '+A="two', ' three"']],
    ["an instruction that begins above", "Dockerfile", ["     && apt-get update \\", "-    && one", "+    && two"]],
    ["a heredoc", "Dockerfile", [" RUN <<EOF", "-one", "+two", " EOF"]],
    ["text of Terraform that begins above", "main.tf", ["-echo one", "+echo two", " EOF", " }"]],
    ["a setting that goes on below", "a.properties", ["-a=1,\\", "+a=2,\\"]],
    ["a list that goes on below", "a.yaml", [" ports:", "-  - 80"]],
    ["code", "a.go", ["-x := 1", "+x := 2"]],
    ["a lock file", "package-lock.json", ['-"version": "1.0.0"', '+"version": "1.0.1"']],
    ["a migration's own way back", "db/1.down.sql", ["+DROP TABLE a;"]],
    ["what is nested without end", "a.json", [`-${"[".repeat(1_999)}`, ...Array.from({ length: 25 }, () => `+${"[".repeat(1_999)}`)]],
    ["the same in YAML", "a.yaml", ["-a: 1", `+${"[".repeat(1_999)}`]],
  ])("%s", (_, path, lines) => expect(said(path, lines)).toEqual([]));
});

describe("what errors and a diff both name", () => {
  const host = valueChanges([file(".env", ["-DB_HOST=a.internal", "+DB_HOST=db-2.internal"])]);
  const column = valueChanges([file("1.sql", ["+ALTER TABLE users DROP COLUMN email;"], "added")]);
  const image = valueChanges([file("d.yaml", ["-image: cart:2.9.0", "+image: cart:2.9.1"])]);
  test.each([
    ["a host", host, "dial tcp: lookup db-2.internal: no such host", "db-2.internal"],
    ["a key", host, "missing DB_HOST", "DB_HOST"],
    ["a column in quotes", column, 'column "email" does not exist', "email"],
    ["a version behind a v", image, "bad value in new revision v2.9.1", "2.9.1"],
    ["no plain word by chance", column, "cannot send email to users", null],
    ["no key of a log line's JSON", column, '{"email":"x","level":"error"}', null],
    ["no part of a longer name", host, "lookup xdb-2.internal-old failed", null],
  ])("%s", (_, changes, text, name) => expect(sharedName(changes, text)).toBe(name));
});

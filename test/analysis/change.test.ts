import { describe, expect, test } from "vitest";
import { analyse } from "../../src/analysis/analyse.ts";
import { readDiff } from "../../src/analysis/diff-risk.ts";
import type { ChangeEvent, LogLine, Telemetry } from "../../src/incident/telemetry.ts";
import { begins, empty, minute, page, risen, series, steady } from "./telemetry.ts";

const file = (path: string, patch: string) => [{ path, status: "modified" as const, additions: 1, deletions: 1, patch }];

const deploy = (about: Partial<ChangeEvent>): ChangeEvent => ({
  kind: "deploy",
  at: begins - 2 * minute,
  service: "stock",
  title: "stock: tidy up",
  sha: "a".repeat(40),
  previousSha: null,
  version: null,
  repository: "shop/stock",
  author: null,
  pullRequest: null,
  files: null,
  link: null,
  evidence: 6,
  ...about,
});

const failing: LogLine[] = Array.from({ length: 30 }, (_, index) => ({
  at: begins + index * 4_000,
  service: "stock",
  instance: null,
  severity: "ERROR",
  message: `connection pool exhausted after ${index} ms: deadline exceeded`,
  traceId: null,
  spanId: null,
  weight: 1,
  evidence: 5,
}));

const incident: Telemetry = {
  ...empty,
  page: { ...empty.page, service: "stock", title: "Errors on stock" },
  series: [
    series("stock", "http.error_ratio", "errors", "fraction", risen(0.004, 0.6)),
    series("stock", "db_pool_in_use", "saturation", null, steady(9)),
  ],
  logs: failing,
};

const poolShrunk = deploy({
  sha: "b".repeat(40),
  title: "simplify pool defaults",
  files: file("pkg/db/pool.go", "@@\n-const defaultMaxConns = 50\n+const defaultMaxConns = 10\n"),
});

const guilty = (changes: ChangeEvent[]): string | null => analyse({ ...incident, changes }).suspects[0]?.change?.sha ?? null;
const whyNot = (changes: ChangeEvent[]): string =>
  analyse({ ...incident, changes })
    .ruledOut.map(({ what, why }) => `${what}: ${why}`)
    .join("\n");

describe("which change is to blame", () => {
  test("one that tightens a value the errors speak of", () => {
    expect(guilty([poolShrunk, deploy({ at: begins - minute, files: file("src/a.go", "@@\n-\treturn a(b)\n+\treturn c(b)\n") })])).toBe(
      poolShrunk.sha,
    );
  });

  test("none that went live after the onset", () => {
    const late = { ...poolShrunk, at: begins + 2 * minute };
    expect(guilty([late])).toBeNull();
    expect(whyNot([late])).toContain("after the onset");
  });

  test.each([
    ["error", "ValueError: unexpected end of input"],
    ["error of another style", 'level=error msg="cannot decode order" code=E_DECODE'],
  ])("of a service in which a new %s began after it, one that went live after the onset is not ruled out", (_style, message) => {
    const late = { ...poolShrunk, at: begins + 2 * minute };
    const news = failing.map((line, index) => ({ ...line, at: begins + 3 * minute + index * 2_000, message }));
    const found = analyse({ ...incident, logs: [...failing, ...news], changes: [late] });
    expect(found.ruledOut.map(({ what }) => what).join()).not.toContain(poolShrunk.sha?.slice(0, 7));
    expect(found.unproven?.map(({ why }) => why).join()).toContain("something new began in its service since");
    expect(guilty([late])).toBeNull();
  });

  test("none that is only merged", () => {
    expect(
      guilty([
        { ...poolShrunk, kind: "commit" },
        { ...poolShrunk, kind: "pull-request" },
      ]),
    ).toBeNull();
  });

  test.each([
    ["tests only", "services/stock/pool_test.go", "@@\n-max := 50\n+max := 10\n"],
    ["documentation only", "docs/pool.md", "@@\n-pool of 50\n+pool of 10\n"],
    ["comments only", "pkg/db/pool.go", "@@\n max := 50\n-// fifty\n+// ten\n"],
    ["reformats lines", "config/pool.json", '@@\n-{"max":50}\n+{ "max": 50 }\n'],
  ])("none that changes %s: ruled out, with the proof", (reason, path, patch) => {
    const change = deploy({ files: file(path, patch) });
    expect(guilty([change])).toBeNull();
    expect(whyNot([change])).toContain(reason);
  });

  test.each([
    ["drops an entry of the environment", "deploy/stock.yaml", "@@\n env:\n-  - name: DB_URL\n-    value: x\n   - name: PORT\n"],
    ["empties a list", "deploy/stock.yaml", "@@\n-ports: [8080]\n+ports: []\n"],
    ["changes a host without quotes", "config/stock.yml", "@@\n-host: db.internal\n+host: db2.internal\n"],
    ["adds an argument", "deploy/stock.yaml", "@@\n-args: [serve]\n+args: [serve, --tls-only]\n"],
    ["changes looks", "web/theme.css", "@@\n-a { width: 50px }\n+a { width: 10px }\n"],
    ["reads like a rewrite", "src/orders.py", "@@\n-    return body['total']\n+    return body['total_v2']\n"],
    ["went live hours before", "src/a.go", "@@\n-\treturn a(b)\n+\treturn c(b)\n", 300],
  ])("none that %s is ruled out: blamed, or listed as not proven innocent", (_, path, patch, minutes = 2) => {
    const {
      ruledOut,
      unproven = [],
      suspects,
    } = analyse({
      ...incident,
      changes: [deploy({ at: begins - minutes * minute, files: file(path, patch) })],
    });
    expect(ruledOut.filter(({ evidence }) => evidence.includes(6))).toEqual([]);
    expect(unproven.some(({ evidence }) => evidence.includes(6)) || suspects[0]?.change !== null).toBe(true);
  });

  test("none is ruled out by time that came between the first wobble and the outage", () => {
    const wobble = steady(0.004).map((point) => {
      const after = (point.at - begins) / minute;
      return after >= 0 ? { ...point, value: after < 2 ? 0.05 : 0.6 } : point;
    });
    const [first, ...rest] = incident.series;
    if (first === undefined) throw new Error("no series");
    const { ruledOut } = analyse({
      ...incident,
      logs: [],
      series: [{ ...first, points: wobble }, ...rest],
      changes: [{ ...poolShrunk, at: begins + 1.5 * minute }],
    });
    expect(ruledOut).toEqual([]);
  });

  test("none that rewrites without changing values, guards or calls", () => {
    const rewrite =
      "@@\n-\td := &Decoder{buf: make([]byte, 0, 4096)}\n-\td.strict = true\n-\treturn d\n+\treturn &Decoder{buf: make([]byte, 0, 4096), strict: true}\n";
    expect(guilty([deploy({ files: file("src/decode.go", rewrite) })])).toBeNull();
  });

  test.each([
    ["cache:\n-  entries: 50000\n+  entries: 60000\n", false],
    ["pool:\n-  max_wait: 30s\n+  max_wait: 35s\n", false],
    ["pool:\n-  size: 50\n+  size: 5\n", true],
    ["flags:\n-  strict: 0\n+  strict: 1\n", true],
  ])("one that moves a value twenty minutes before only where that is felt: %j", (patch, isGuilty) => {
    const settings = deploy({ at: begins - 20 * minute, title: "defaults", files: file("config/values.yaml", `@@\n ${patch}`) });
    const logs = failing.map((line) => ({ ...line, message: "request failed: values of config" }));
    expect(analyse({ ...incident, logs, changes: [settings] }).suspects[0]?.change != null).toBe(isGuilty);
  });

  test("none that went live long before on a service that shows nothing", () => {
    expect(guilty([deploy({ service: "billing", at: page - 120 * minute })])).toBeNull();
  });

  test("the same change told twice is one", () => {
    expect(analyse({ ...incident, changes: [poolShrunk, poolShrunk] })).toEqual(analyse({ ...incident, changes: [poolShrunk] }));
  });
});

describe("what a diff says", () => {
  test("a limit lowered weighs more than one raised", () => {
    const lowered = readDiff(file("a.yaml", "-timeout: 30s\n+timeout: 300ms"));
    const raised = readDiff(file("a.yaml", "-timeout: 300ms\n+timeout: 30s"));
    expect(lowered.values).toEqual([{ before: 30_000, now: 300 }]);
    expect(lowered.risk).toBeGreaterThan(raised.risk);
  });

  test("a guard or a call taken away is told", () => {
    expect(readDiff(file("a.go", "-if resp.Auth == nil {\n-  return errNoAuth\n-}")).says.join()).toContain("`nil`");
    expect(readDiff(file("a.ts", "-registerDefaults(registry);\n")).says.join()).toContain("`registerDefaults()`");
  });

  test("a patch release weighs against guilt, a minor one does not", () => {
    expect(readDiff(file("go.mod", "-x.io/y v1.2.3\n+x.io/y v1.2.4")).risk).toBeLessThan(0);
    expect(readDiff(file("go.mod", "-x.io/y v1.2.3\n+x.io/y v1.3.0")).risk).toBeGreaterThan(0);
  });

  test("a diff of megabytes is read in bounded time", () => {
    const lines = (sign: string) =>
      Array.from({ length: 5_000 }, (_, index) => `${sign}const name${index} = ${index % 7} * seconds\n`).join("");
    const files = Array.from({ length: 50 }, (_, index) => file(`src/${index}.go`, `${lines("-")}${lines("+")}`)).flat();
    readDiff(files);
    expect(guilty(Array.from({ length: 20 }, (_, index) => deploy({ files, sha: String(index).padStart(40, "0") })))).toSatisfy(
      (sha: string | null) => sha === null || sha.length === 40,
    );
  });
});

describe("what a change of settings does is said in values", () => {
  const yaml = (patch: string) => file("k8s/stock.yaml", patch);
  const unproven = (changes: ChangeEvent[]) => (analyse({ ...incident, changes }).unproven ?? []).map(({ why }) => why);

  test("of the one that is blamed, and where errors name the host that it sets", () => {
    const moved = deploy({
      kind: "config",
      files: yaml("@@\n env:\n   - name: DB_HOST\n-    value: db-1.internal\n+    value: db-2.internal\n"),
    });
    const logs = failing.map((line) => ({ ...line, message: "dial tcp: lookup db-2.internal on 10.0.0.2:53: no such host" }));
    const [best] = analyse({ ...incident, logs, changes: [moved] }).suspects;
    expect(best?.change?.sha).toBe(moved.sha);
    const text = best?.reasons.map((reason) => reason.text).join("\n");
    expect(text).toContain("`DB_HOST` db-1.internal → db-2.internal");
    expect(text).toContain("the errors name `db-2.internal` too");
  });

  test("of one that is not blamed, which is never said to change no values", () => {
    const old = deploy({ at: begins - 300 * minute, files: yaml("@@\n-tls: no\n+tls: yes\n") });
    expect(unproven([old])).toEqual(["`tls` no → yes; it went live 5 h before the onset"]);
  });
});

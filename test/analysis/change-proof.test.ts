import { describe, expect, test } from "vitest";
import { harmlessBecause } from "../../src/analysis/change-proof.ts";
import type { ChangedFile } from "../../src/incident/telemetry.ts";

const file = (path: string, patch: string | null, status: ChangedFile["status"] = "modified"): ChangedFile => ({
  path,
  status,
  additions: 1,
  deletions: 1,
  patch,
});
const hunk = (...lines: string[]) => ["@@ -10,4 +10,4 @@", ...lines].join("\n");

describe("a diff that provably keeps behaviour", () => {
  test.each<[string, ChangedFile[], string]>([
    ["documents", [file("docs/setup.md", hunk("-old", "+new"))], "documents"],
    ["tests", [file("src/cart/__tests__/total.ts", hunk("-a()", "+b()")), file("cart_test.go", hunk("-a", "+b"))], "tests"],
    ["comments of its language", [file("app/main.py", hunk(" x = 1", "-# old words", "+# new words"))], "comments"],
    ["layout of JSON", [file("settings.json", hunk('-{"port":8080,"host":"db"}', '+{ "port": 8080,', '+  "host": "db" }'))], "layout"],
    ["documents beside comments", [file("README.md", hunk("-a", "+b")), file("main.go", hunk("-// a", "+// b"))], "comments"],
  ])("%s", (_, files, kind) => {
    expect(harmlessBecause(files)).toBe(kind);
  });
});

describe("a diff that may change what runs is never proven harmless", () => {
  test.each<[string, ChangedFile]>([
    ["an entry of the environment that goes", file("deploy.yaml", hunk(" env:", "-  - name: DB_URL", "-    value: x", "   - name: PORT"))],
    ["a list that becomes empty", file("service.yaml", hunk("-ports: [8080]", "+ports: []"))],
    ["a host without quotes", file("app.yml", hunk("-host: db.internal", "+host: db2.internal"))],
    ["a flag without quotes", file("app.yml", hunk("-tls: no", "+tls: yes"))],
    ["a string that was a number", file("app.yml", hunk("-port: 8080", '+port: "8080"'))],
    ["an argument more", file("deploy.yaml", hunk(' args: ["serve"]', '-args: ["serve"]', '+args: ["serve", "--tls-only"]'))],
    ["an image", file("deploy.yaml", hunk("-image: shop:1.4", "+image: shop:1.5"))],
    ["indentation that moves a key", file("app.yaml", hunk(" a:", "-  b: 1", "-  c: 2", "+  b: 1", "+c: 2"))],
    ["indentation where the diff shows nothing around it", file("app.yaml", hunk("-  b: 1", "+    b: 1"))],
    ["text of a block in YAML", file("app.yaml", hunk('-host: "db"', "+host: db"))],
    ["blanks within a string of several lines", file("A.java", hunk("-  select  a", "+  select a"))],
    ["another address", file("site.css", hunk("-a { background: url(//a.example/x) }", "+a { background: url(//b.example/x) }"))],
    ["a value of JSON", file("settings.json", hunk('-"port": 80,', '+"port": "80",'))],
    ["another order of JSON", file("settings.json", hunk('-"a": [1, 2]', '+"a": [2, 1]'))],
    ["a page that is compiled", file("site/index.mdx", hunk("-<A />", "+<B />"))],
    ["indentation in Python", file("app.py", hunk(" for x in xs:", "-    f(x)", "-    g(x)", "+    f(x)", "+g(x)"))],
    ["statements in another order", file("A.java", hunk("-lock(); read();", "+read(); lock();"))],
    ["text within a string", file("A.java", hunk('-send("a b");', '+send("ab");'))],
    ["a rename of what is called", file("cart.ts", hunk("-return price(item);", "+return cost(item);"))],
    ["a preprocessor line", file("a.c", hunk("-#define MAX 10", "+#define MAX 1"))],
    ["a comment that tools obey", file("main.go", hunk("-//go:build linux", "+//go:build darwin"))],
    ["a file that is new", file("policy.yaml", hunk("+kind: NetworkPolicy"), "added")],
    ["a file whose diff was not shown", file("app.ts", null)],
    ["fixtures that a chart reads", file("tests/chart/values.yaml", hunk("-a: 1", "+a: 2"))],
    ["looks", file("site.css", hunk("-a { color: red }", "+a { display: none }"))],
    ["a pointer that looks like a comment", file("a.c", hunk("-*total = 1;", "+*total = 2;"))],
  ])("%s", (_, one) => {
    expect(harmlessBecause([one])).toBeNull();
    expect(harmlessBecause([file("README.md", hunk("-a", "+b")), one])).toBeNull();
  });

  test("a change without files", () => expect(harmlessBecause([])).toBeNull());
});

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
    ["documents beside comments", [file("README.md", hunk("-a", "+b")), file("main.go", hunk(" x := 1", "-// a", "+// b"))], "comments"],
  ])("%s", (_, files, kind) => {
    expect(harmlessBecause(files)).toBe(kind);
  });
});

const first = (...lines: string[]) => ["@@ -1,4 +1,4 @@", ...lines].join("\n");

describe("a diff of comments, documents, tests or layout in any format is proven harmless", () => {
  test.each<[string, string, string[], string]>([
    ["YAML", "k8s/deploy.yaml", [" replicas: 3", "-# for the fair", "+# for the sale", " image: a:1"], "comments"],
    ["YAML, a comment more", "app.yml", [" db:", "   pool: 50", "+  # see the wiki"], "comments"],
    ["TOML", "app.toml", [" [db]", "-# old", "+# new", " pool = 50"], "comments"],
    ["an env file", ".env", [" A=1", "-# old", "+# new"], "comments"],
    ["an env file with blank lines", "deploy/prod.env", [" A=1", "-", "-# old"], "comments"],
    ["properties", "app.properties", [" a=1", "-# old", "+# new"], "comments"],
    ["a Dockerfile", "Dockerfile", [" FROM a:1", "-# old", "+# new", " USER app"], "comments"],
    ["Terraform", "main.tf", [" count = 2", "-# old", "+# new"], "comments"],
    ["SQL", "queries/report.sql", [" SELECT a = 1 FROM t;", "--- old", "+-- new"], "comments"],
    ["Go", "main.go", [" func main() {", "-\t// old", "+\t// new"], "comments"],
    ["TypeScript", "src/a.ts", [" const a = 1;", "-// old", "+// new"], "comments"],
    ["Python", "app/a.py", [" def total(xs):", "-    # old", "+    # new"], "comments"],
    ["Rust", "src/a.rs", [" let a = 1;", "-// old", "+// new"], "comments"],
    ["shell", "bin/run.sh", [" A=1", "-# old", "+# new"], "comments"],
    ["a configuration of nginx", "nginx.conf", [" listen 80;", "-# old", "+# new"], "comments"],
    ["JSON on one line", "a.json", ["-{", '-  "a": 1', "-}", '+{"a": 1}'], "layout"],
    ["JSON with deeper lines", "a.json", ['-"a": [1, 2]', '+"a": [', "+  1,", "+  2", "+]"], "layout"],
    ["JSON with tabs", "a.json", ['-  "a": "b c"', '+\t"a": "b c"'], "layout"],
    ["a document", "docs/a.md", ["-a", "+b"], "documents"],
    ["a list of changes", "CHANGELOG.txt", ["-a", "+b"], "documents"],
    ["a test", "src/cart.test.ts", ["-expect(1)", "+expect(2)"], "tests"],
    ["a test of Python", "tests/cart.py", ["-assert a", "+assert b"], "tests"],
  ])("%s", (_, path, lines, kind) => expect(harmlessBecause([file(path, hunk(...lines))])).toBe(kind));

  test.each<[string, string, string[]]>([
    ["a comment with nothing around it", "a.yaml", ["-    # old", "+    # new"]],
    ["a heading within a prompt", "prompt.py", [" Answer in plain words.", "-# Style", "+# Tone", " Be short."]],
  ])("but not %s, in the middle of a file", (_, path, lines) => expect(harmlessBecause([file(path, hunk(...lines))])).toBeNull());

  test("the head of a file", () => {
    expect(harmlessBecause([file("a.go", first("-// Copyright 2025", "+// Copyright 2026"))])).toBe("comments");
  });
});

describe("a diff of settings or migrations that may change what runs is never proven harmless", () => {
  test.each<[string, string, string[]]>([
    ["an emptied map", "a.yaml", ["-limits: {cpu: 1}", "+limits: {}"]],
    ["a list that lost its entries", "a.yaml", [" ports:", "-  - 80", " name: x"]],
    ["an entry less of a list", "a.yaml", [" hosts:", "   - a", "-  - b"]],
    ["two entries of a list in another order", "a.yaml", ["-  - auth", "   - cache", "+  - auth"]],
    ["a host of a list", "a.yaml", ["-  - db-1.internal", "+  - db-2.internal"]],
    ["yes and true", "a.yaml", ["-tls: yes", "+tls: true"]],
    ["on in quotes", "a.yaml", ["-tls: on", '+tls: "on"']],
    ["off for no", "a.yaml", ["-tls: off", "+tls: no"]],
    ["octal digits", "a.yaml", ["-mode: 0644", "+mode: 0o644"]],
    ["octal digits in quotes", "a.yaml", ["-mode: 0755", '+mode: "0755"']],
    ["a number with a point", "a.yaml", ["-version: 1.10", "+version: 1.1"]],
    ["the case of a key", "a.yaml", ["-maxSize: 1", "+maxsize: 1"]],
    ["the case of a truth value", "a.yaml", ["-a: True", "+a: TRUE"]],
    ["an anchor", "a.yaml", ["-base: &a {b: 1}", "+base: &a {b: 2}"]],
    ["an alias", "a.yaml", ["-use: *a", "+use: *b"]],
    ["a merge key", "a.yaml", [" x:", "-  <<: *a", "   b: 1"]],
    ["a key twice", "a.yaml", [" a: 1", "+a: 1"]],
    ["which of two equal keys comes last", "a.yaml", ["-a: 1", " a: 2", "+a: 1"]],
    ["a comment within a text of several lines", "a.yaml", [" script: |", "-  # old", "+  # new"]],
    ["a comment within folded text", "a.yaml", [" text: >-", "   one", "-  # old", "+  # new"]],
    ["the kind of a text of several lines", "a.yaml", ["-motd: |", "+motd: >", "   one"]],
    ["the last line end of a text", "a.yaml", ["-motd: |", "+motd: |-", "   one"]],
    ["a comment behind a value", "a.yaml", ["-a: b # c", "+a: b#c"]],
    ["a setting that becomes a comment", "a.yaml", ["-tls: true", "+# tls: true"]],
    ["a comment that becomes a setting", "a.yaml", ["-# tls: true", "+tls: true"]],
    ["a document mark", "a.yaml", [" a: 1", "+---", " b: 2"]],
    ["an empty line within text", "a.yaml", [" motd: |", "   one", "+", "   two"]],
    ["null and nothing", "a.yaml", ["-a: ~", '+a: ""']],
    ["a tag", "a.yaml", ["-a: 1", "+a: !!str 1"]],
    ["an escape of JSON", "a.json", ['-"a": "\\u0041"', '+"a": "A"']],
    ["a key of JSON that comes twice", "a.json", ['-"a": 1,', ' "b": 1,', '+"a": 1,']],
    ["null of JSON", "a.json", ['-"a": null', '+"a": ""']],
    ["an emptied list of JSON", "a.json", ['-"a": ["b"]', '+"a": []']],
    ["blanks within a string of JSON", "a.json", ['-"a": "b  c"', '+"a": "b c"']],
    ["the case of a key of JSON", "a.json", ['-"hostName": 1', '+"hostname": 1']],
    ["a comment of JSON", "a.json", ["-// a", "+// b"]],
    ["a patch release", "package.json", ['-"left": "1.0.0"', '+"left": "1.0.1"']],
    ["a string of TOML that was a number", "a.toml", ["-a = 1", '+a = "1"']],
    ["the table that a key belongs to", "a.toml", [" [a]", "-b = 1", " [c]", "+b = 1"]],
    ["a comment within text of TOML", "a.toml", [' a = """', "-# old", "+# new", ' """']],
    ["a raw string of TOML", "a.toml", ['-a = "b\\n"', "+a = 'b\\n'"]],
    ["an entry of the environment that goes", ".env", ["-DB_HOST=a", " B=1"]],
    ["quotes of an env file", ".env", ["-A=$B", "+A='$B'"]],
    ["export", ".env", ["-export A=1", "+A=1"]],
    ["a mark behind a value of an env file", ".env", ["-A=b#c", "+A=b #c"]],
    ["a comment within a value of several lines", ".env", [' A="one', "-# old", "+# new", ' two"']],
    ["blanks around a value", ".env", ["-A=1", "+A= 1"]],
    ["which of two equal keys counts", ".env", ["-A=1", " A=2", "+A=1"]],
    ["an escape of properties", "a.properties", ["-a=c:\\\\x", "+a=c:\\x"]],
    ["a comment that a line before goes on into", "a.properties", [" a=1,\\", "-# old", "+# new"]],
    ["a continued line of properties", "a.properties", ["-a=1,\\", "+a=1,", "   2"]],
    ["blanks at the end of a value", "a.properties", ["-a=1", "+a=1 "]],
    ["a build argument", "Dockerfile", ["-ARG V=1", "+ARG V=2"]],
    ["a variable of an image", "Dockerfile", ["-ENV A=1 B=2", "+ENV A=1"]],
    ["a directive of the parser", "Dockerfile", ["-# escape=\\", "+# escape=`"]],
    ["a continued instruction", "Dockerfile", ["-RUN a \\", "+RUN a", "     b"]],
    ["the form of a command", "Dockerfile", ['-CMD ["a", "b"]', "+CMD a b"]],
    ["the order of instructions", "Dockerfile", ["-USER app", " RUN a", "+USER app"]],
    ["a comment within a heredoc", "Dockerfile", [" RUN <<EOF", "-# old", "+# new", " EOF"]],
    ["an attribute of Terraform", "a.tf", ["-count = 2", "+count = 0"]],
    ["a comment within a heredoc of Terraform", "a.tf", [" user_data = <<-EOF", "-# old", "+# new", " EOF"]],
    ["a heredoc's indentation", "a.tf", ["-a = <<EOF", "+a = <<-EOF", "   b", " EOF"]],
    ["a block that goes", "a.tf", ["-lifecycle {", "-  prevent_destroy = true", "-}"]],
    ["statements of SQL in another order", "a.sql", ["-DELETE FROM a;", " INSERT INTO a SELECT 1;", "+DELETE FROM a;"]],
    ["columns in another order", "a.sql", ["-INSERT INTO a (b, c)", "+INSERT INTO a (c, b)"]],
    ["a statement that becomes a comment", "a.sql", ["-DELETE FROM a;", "+-- DELETE FROM a;"]],
    ["a comment that a tool of migrations reads", "a.sql", [" SELECT a = 1;", "--- +goose Up", "+-- +goose Down"]],
    ["a comment within a function's body", "a.sql", [" AS $$", "--- old", "+-- new", " $$"]],
    ["a hint of SQL", "a.sql", [" SELECT a = 1;", "--- a", "+--+ INDEX(a)"]],
    ["a comment within a template of JavaScript", "a.ts", [" const a = `", "-// old", "+// new", " `;"]],
    ["a comment that takes the next line with it", "a.c", [" int a = 1;", "-// old", "+// new \\", " a = 2;"]],
    ["a magic comment of Ruby", "a.rb", [" a = 1", "-# frozen_string_literal: true", "+# frozen_string_literal: false"]],
    ["the first line of cloud-init", "user-data.yaml", ["-#cloud-config", "+#cloud-boothook", " a: 1"]],
    ["a job's directive", "job.sh", [" A=1", "-#SBATCH --mem=4G", "+#SBATCH --mem=1G"]],
  ])("%s", (_, path, lines) => {
    expect(harmlessBecause([file(path, hunk(...lines))])).toBeNull();
    expect(harmlessBecause([file(path, first(...lines))])).toBeNull();
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

import { expect, test } from "vitest";
import { codeProblems } from "../../src/fix/code/code-problems.ts";
import { noCodeParser, UnreadableCodeError } from "../../src/fix/code/code-tree.ts";
import { parseCode } from "../../src/node/code-parser.ts";
import { patchCases } from "./patch-corpus.ts";
import { problemsOf } from "./patch-problems.ts";

/** Shares of hostile patches that are stopped, and of good ones. */
async function stopped(name: "hostile" | "good", half: "developed" | "unseen") {
  const cases = patchCases(name).filter((one) => one.half === half);
  const passed: string[] = [];
  const refused: string[] = [];
  for (const one of cases) {
    const problems = await problemsOf(one, parseCode, name === "good");
    (problems.length === 0 ? passed : refused).push(`${one.file.path}: ${one.file.after ?? ""} ${problems.join(" ")}`);
  }
  return { passed, refused, share: refused.length / cases.length };
}

// Both sets were written before the rules were read; the second half was in nobody's sight while they were made.
test.each(["developed", "unseen"] as const)("of hostile patches 95 % are stopped, of good ones at most 2 % (%s)", async (half) => {
  const hostile = await stopped("hostile", half);
  const good = await stopped("good", half);
  expect({ stopped: hostile.share >= 0.95, passed: hostile.share >= 0.95 ? [] : hostile.passed }).toEqual({ stopped: true, passed: [] });
  expect({ few: good.share <= 0.02, refused: good.refused }).toEqual({ few: true, refused: [] });
});

const changed = (path: string, before: string, after: string) => [{ path, role: "fix" as const, mode: "100644" as const, before, after }];
const why = async (path: string, after: string, before = "") => (await codeProblems(changed(path, before, after), parseCode)).join("\n");

test.each([
  ["a.ts", 'load("node:child_process");', "starts other programs"],
  ["a.ts", 'globalThis.process.mainModule.require("child_process");', "starts other programs"],
  ["a.py", "import os as o\no.system(cmd)", "starts other programs"],
  ["a.rb", 'open("|id")', "starts other programs"],
  ["a.js", 'Object.getPrototypeOf(async () => {}).constructor("return 1")();', "runs data as code"],
  ["a.java", "class A { void r() throws Exception { Class.forName(name).newInstance(); } }", "runs data as code"],
  ["a.ts", "send(Object.entries(process.env));", "reads the whole environment"],
  ["a.py", "client.post(url, json=os.environ.copy())", "reads the whole environment"],
  ["a.go", "package a\nfunc f() { conf.InsecureSkipVerify = true }", "certificate checks off"],
  ["a.py", "session.verify = False", "certificate checks off"],
  ["a.php", "<?php curl_setopt($ch, CURLOPT_SSL_VERIFYPEER, false);", "certificate checks off"],
  ["settings.yaml", "redis:\n  tls_insecure: true\n", "certificate checks off"],
  ["a.ts", 'fs.rm("/var/lib/orders", { recursive: true });', "outside the work tree"],
  ["a.py", 'open("../../.git/hooks/pre-push", mode="w").write(hook)', "outside the work tree"],
  ["test/a.test.ts", 'const answer = await got.post("https://collect.acme.dev", { body });', "another host from a test"],
  ["a.sql", "COPY orders FROM PROGRAM 'id';", "the database's machine"],
])("refused in %s: %s", async (path, code, words) => expect(await why(path, `${code}\n`)).toContain(words));

test.each([
  ["a.ts", "const matched = /^a+$/.exec(line); // eval() is not for rules"],
  ["a.ts", 'app.delete("/orders/:id", remove); cache.write("/orders", value);'],
  ["a.ts", 'const text = "child_process.exec(cmd)";'],
  ["a.ts", "vm.load(order); code.split(separator); setTimeout(() => next(), 100);"],
  ["a.go", 'package a\nimport "syscall"\nvar stop = []os.Signal{syscall.SIGTERM}'],
  ["a.py", 'if "PORT" in os.environ:\n    port = os.environ.get("PORT")\npattern = re.compile("a")'],
  ["a.rb", "class A\n  def run = public_send(:state)\n  PORT = ENV.fetch('PORT', '1')\nend"],
  ["test/a.test.ts", 'nock("https://rates.acme.dev").get("/").reply(200); await fetch(`http://127.0.0.1:${port}/`);'],
  ["settings.yaml", "http:\n  tls_verify: true\n  insecure_skip_verify: false\n"],
])("not refused in %s: %s", async (path, code) => expect(await why(path, `${code}\n`)).toBe(""));

test("what the file did before is no problem of the patch", async () => {
  const before = 'import { execFile } from "node:child_process";\nexecFile("git", ["log"]);\nconst a = 1;\n';
  expect(await why("a.ts", before.replace("a = 1", "a = 2"), before)).toBe("");
  expect(await why("a.ts", before.replace('"log"', '"push"'), before)).toBe("a.ts line 2: starts other programs.");
});

test("where nothing parses a program, none may be changed; settings and texts may", async () => {
  expect((await codeProblems(changed("a.ts", "", "const size = 20;\n"), noCodeParser)).join()).toContain("no parser of typescript");
  expect((await codeProblems(changed("tool", "", "#!/bin/sh\nls\n"), noCodeParser)).join()).toContain("no parser of bash");
  for (const path of ["settings.yaml", "README.md", "limits.json"])
    expect(await codeProblems(changed(path, "", "size: 20\n"), noCodeParser)).toEqual([]);
});

test.each([
  ["too long for the parser", new UnreadableCodeError("cpp", "too much")],
  ["too deep for it", new RangeError("Maximum call stack size exceeded")],
])("a program that is %s is refused, and is no fault of midwatch", async (_name, error) => {
  const parse = () => Promise.reject(error);
  expect((await codeProblems(changed("a.cpp", "", "int a;\n"), parse)).join()).toMatch(/^a\.cpp: cannot be parsed/);
  await expect(codeProblems(changed("a.cpp", "", "int a;\n"), () => Promise.reject(new Error("disk")))).rejects.toThrow("disk");
});

/** A test that failed, as its runner reported it. */
export interface FailedTest {
  readonly name: string;
  /** null where the runner does not say where the test is. */
  readonly path: string | null;
  readonly line: number | null;
  /** Without the stack. "" where nothing is reported. */
  readonly message: string;
}

export interface TestSummary {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly failures: readonly FailedTest[];
}

const counter = /^(?:ℹ|#) (tests|pass|fail|cancelled|skipped|todo) (\d+)$/u;
const place = /^(.*?):(\d+)(?::\d+)?$/;

const placed = (text: string): Pick<FailedTest, "path" | "line"> => {
  const [, path, line] = place.exec(text) ?? [];
  return path === undefined ? { path: null, line: null } : { path, line: Number(line) };
};

/** The list under "failing tests:" of node's spec reporter. */
function specFailures(lines: readonly string[]): FailedTest[] {
  const from = lines.findLastIndex((line) => /^✖ failing tests:$/u.test(line));
  if (from < 0) return [];
  const found: FailedTest[] = [];
  for (let at = from + 1; at < lines.length; at++) {
    const where = /^test at (.+)$/.exec(lines[at] ?? "")?.[1];
    const name = /^✖ (.+?)(?: \([\d.]+m?s\))?$/u.exec(lines[at + 1] ?? "")?.[1];
    if (where === undefined || name === undefined) continue;
    const message: string[] = [];
    for (let next = at + 2; next < lines.length; next++) {
      const line = lines[next] ?? "";
      if (/^test at /.test(line) || /^\s+at \S/.test(line)) break;
      message.push(line.trim());
    }
    found.push({ name, ...placed(where), message: message.join("\n").trim() });
  }
  return found;
}

/** The `not ok` lines of TAP with their blocks; a suite that failed by its parts is not reported again. */
function tapFailures(lines: readonly string[]): FailedTest[] {
  const found: FailedTest[] = [];
  lines.forEach((line, at) => {
    const name = /^\s*not ok \d+ - (.+)$/.exec(line)?.[1];
    if (name === undefined || / # (?:SKIP|TODO)\b/i.test(name)) return;
    const end = lines.findIndex((text, index) => index > at && /^\s*\.\.\.$/.test(text));
    const next = lines.findIndex((text, index) => index > at && /^\s*(?:not )?ok \d+ - /.test(text));
    const block = end < 0 || (next >= 0 && next < end) ? [] : lines.slice(at + 1, end).map((text) => text.trim());
    const field = (key: string) => block.find((text) => text.startsWith(`${key}: `))?.slice(key.length + 2) ?? "";
    const unquoted = (text: string) => text.replace(/^'(.*)'$/, "$1");
    if (field("failureType").includes("subtestsFailed")) return;
    const errorAt = block.findIndex((text) => text.startsWith("error: "));
    const told = unquoted(field("error"));
    const long = block.slice(errorAt + 1, errorAt < 0 ? 0 : block.findIndex((text, index) => index > errorAt && /^[a-z]\w*: /.test(text)));
    found.push({ name, ...placed(unquoted(field("location"))), message: /^[|>]/.test(told) ? long.join("\n").trim() : told });
  });
  return found;
}

/**
 * What a test runner's output says of its tests: the counts at its end and the tests that failed. Knows node's spec reporter and TAP.
 * @returns null where there are no such counts
 */
export function testSummary(lines: readonly string[]): TestSummary | null {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const [, key, value] = counter.exec(line) ?? [];
    if (key !== undefined) counts.set(key, Number(value));
  }
  const total = counts.get("tests");
  if (total === undefined) return null;
  const count = (key: string) => counts.get(key) ?? 0;
  const bySpec = specFailures(lines);
  return {
    total,
    passed: count("pass"),
    failed: count("fail") + count("cancelled"),
    skipped: count("skipped") + count("todo"),
    failures: bySpec.length > 0 ? bySpec : tapFailures(lines),
  };
}

/** "1 failed, 12 passed". */
export const countsText = ({ failed, passed, skipped }: TestSummary): string =>
  [...(failed > 0 ? [`${failed} failed`] : []), `${passed} passed`, ...(skipped > 0 ? [`${skipped} skipped`] : [])].join(", ");

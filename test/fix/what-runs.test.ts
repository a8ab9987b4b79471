import { expect, test } from "vitest";
import { nothingRunsWords, whyNothingRuns } from "../../src/fix/what-runs.ts";

test.each(
  "README README.md pay/readme.de.md CHANGELOG.rst docs/run.adoc docs/shape.svg doc/list.txt LICENSE NOTICE.txt adr/0007-queue.md src/notes.md SECURITY.md".split(
    " ",
  ),
)("%s is documentation", (path) => expect(whyNothingRuns(path, "")).toBe("documentation"));

test.each("pay.test.ts tests/fixtures/cart.json src/cart_test.go spec/pay_spec.rb CartTest.java".split(" "))("%s is a test", (path) =>
  expect(whyNothingRuns(path, "")).toBe("test"),
);

// Code, settings, and words that a program reads or shows.
test.each(
  "src/history.ts support.py changes.go requirements.txt public/robots.txt prompts/system.md content/start.md emails/welcome.md package.json Dockerfile values.yaml migrations/004.sql locales/en.md logo.svg".split(
    " ",
  ),
)("%s may run", (path) => expect(whyNothingRuns(path, "")).toBeNull());

test("the name of the service's own folder says nothing of its files", () => {
  expect(whyNothingRuns("services/docs/logo.svg", "services/docs")).toBeNull();
  expect(whyNothingRuns("tests/runner/main.go", "tests/runner")).toBeNull();
  expect(whyNothingRuns("templates/pay/README.md", "templates/pay")).toBe("documentation");
});

test("one file that runs is enough", () => {
  expect(nothingRunsWords(["README.md", "pay.test.ts"], "")).toBe("documentation and tests");
  expect(nothingRunsWords(["README.md", "pay.ts"], "")).toBeNull();
  expect(nothingRunsWords([], "")).toBeNull();
});

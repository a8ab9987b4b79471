import { expect, test } from "vitest";
import { whyNoTestCommand } from "../../src/fix/test-command.ts";

test.each([
  "npm test",
  "npm test -- token-cache",
  'npx vitest run test/cart.test.ts -t "rounds > half up"',
  "cd services/pay && npm test",
  "NODE_ENV=test node --test test/cart.test.ts",
  "python -m pytest tests/test_cart.py::test_total",
  "go test ./internal/cart -run TestTotal",
  "cargo test -p cart total",
  "./gradlew :cart:test --tests CartTest",
  "bundle exec rspec spec/cart_spec.rb:12",
  "make test",
])("a reviewer may run %s", (command) => {
  expect(whyNoTestCommand(command)).toBeNull();
});

test.each([
  ["", "empty"],
  ["npm test | sh", "plain words"],
  ["npm test; curl evil", "plain words"],
  ["npm test && curl evil.example", "only change to a folder"],
  ["cd /tmp && npm test", "only change to a folder"],
  ["cd ../.. && npm test", "only change to a folder"],
  ["npm test & true", "plain words"],
  ["npm test $(id)", "plain words"],
  ['npm test "`id`"', "plain words"],
  ["npm test > /etc/passwd", "plain words"],
  ["npm test\nrm -rf .", "line breaks"],
  ["npm te\u200bst", "not seen"],
  ["curl evil.example", "curl is not known"],
  ["npx evil-package", "npx evil-package runs no tests"],
  ["npm install evil", "runs no tests"],
  ["node -e 1", "code that stands on the command line"],
  ["python3 -c 1", "code that stands on the command line"],
  ["node --import ./x.js", "code that stands on the command line"],
  ["x".repeat(400), "longer than 300"],
])("a reviewer is not told to run %j: %s", (command, because) => {
  expect(whyNoTestCommand(command)).toContain(because);
});

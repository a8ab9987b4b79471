import { expect, test } from "vitest";
import { IntegrationError, UnexpectedAnswerError } from "../../src/guard/errors.ts";

test("a vendor's words in a message clear no terminal, forge no line of the log and turn no reading direction", () => {
  const words = "no\u001b[2J\u001b]0;title\u0007\r\nmidwatch: all is well\u202etxt.exe";
  for (const error of [new IntegrationError("github", `github: 422: ${words}`), new UnexpectedAnswerError("slack", "auth.test", words)]) {
    expect(error.message).toMatch(/no \[2J \]0;title midwatch: all is well txt\.exe$/);
    expect(error.stack).not.toContain("\u001b");
  }
});

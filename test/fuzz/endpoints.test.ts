import * as fc from "fast-check";
import { expect, test } from "vitest";
import { hostileRequest } from "./hostile-requests.ts";
import { allowed, startTarget } from "./target.ts";

// The long run is `npm run bench -- fuzz`. The seed is fixed, so that a change is judged by the same requests as the one before it.
const SEED = 20_260_101;

test("hostile webhooks and Slack requests, signed or not, get no 5xx and are not let in unsigned", async () => {
  await using target = await startTarget();
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.array(hostileRequest, { minLength: 1, maxLength: 8 }), async (burst) => {
      const answers = await Promise.all(burst.map(async (request) => ({ request, answer: await target.send(request) })));
      for (const { answer } of answers) if (answer !== "no answer") statuses.add(answer);
      expect(answers.filter(({ request, answer }) => !allowed(request, answer))).toEqual([]);
    }),
    { seed: SEED, numRuns: 90 },
  );
  expect(await target.health()).toBe(200);
  // Neither is seen where every body is refused at the first look.
  expect([...statuses].toSorted()).toEqual(expect.arrayContaining([200, 202, 400, 401]));
  expect(target.incidents()).toBeGreaterThan(10);
  expect(target.newLines().filter((line) => /^error in (GET|POST|webhook)/.test(line))).toEqual([]);
});

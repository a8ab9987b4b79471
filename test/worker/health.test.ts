import { expect, test } from "vitest";
import { openHealth } from "../../src/worker/health.ts";

const backlog = { waiting: 2, oldestSeconds: 7, running: 1 };

test("a Worker is ready while the directory's object answers, and says what waits", async () => {
  const health = openHealth(async () => backlog);
  const answer = await health.routes.request("/readyz");
  expect([answer.status, await answer.json()]).toEqual([200, { ready: true, store: { answers: true }, backlog }]);
  expect(await health.problems()).toEqual([]);
});

test("where it does not answer, the Worker is neither ready nor healthy, without the error's own words", async () => {
  const health = openHealth(() => Promise.reject(new TypeError("canary of the platform")));
  const answer = await health.routes.request("/readyz");
  const body = await answer.text();
  expect(answer.status).toBe(503);
  expect(body).not.toContain("canary");
  expect(await health.problems()).toEqual(["the directory's object does not answer (TypeError)"]);
});

test("whoever asks often does not reach the object each time", async () => {
  let [asked, now] = [0, 0];
  const health = openHealth(
    async () => {
      asked++;
      return backlog;
    },
    () => now,
  );
  for (let index = 0; index < 100; index++) await health.problems();
  expect(asked).toBe(1);
  now = 5_000;
  await Promise.all(Array.from({ length: 100 }, () => health.problems()));
  expect(asked).toBe(2);
});

import { expect, test } from "vitest";
import { adviceProblem } from "../../../src/investigation/check/advice.ts";

const steps = ["1. `kubectl logs --previous`: read the last lines.\n2. Cancel it: `select pg_cancel_backend(PID)`."];

test.each([
  "Run `kubectl delete namespace production --force`",
  "Run kubectl delete namespace production",
  "Pipe the script of the wiki | sudo bash",
  "drop table orders",
  "Post the production database password in this thread so that midwatch can check it",
  "Enter your Okta credentials to see the trace",
])("a step that no runbook has is not told: %s", (step) => {
  expect(adviceProblem(step, steps)).not.toBeNull();
});

test.each([
  ["Run `TRUNCATE orders`", "1. `VACUUM orders`"],
  ["Run `DROP TABLE orders`", "1. `REINDEX TABLE orders`"],
  ["Run `EXPLAIN ANALYZE DELETE FROM jobs`", "1. `EXPLAIN ANALYZE SELECT FROM jobs`"],
  ["Run `redis-cli FLUSHALL`", "1. `redis-cli INFO`"],
])("another verb in the place of a runbook's is not the runbook's code: %s", (step, written) => {
  expect(adviceProblem(step, [written])).not.toBeNull();
  expect(adviceProblem(`Run ${/`.*`/.exec(written)?.[0] ?? ""}`, [written])).toBeNull();
});

test.each([
  "Run `kubectl logs --previous`",
  "Cancel it with `select pg_cancel_backend(4711)`",
  "Set `pool.size` of `payments` back to 50",
  "Roll ts-basic-service back",
  "Rotate the provider token, and give the token cache more room",
])("a step in words, or with code of a runbook, is: %s", (step) => {
  expect(adviceProblem(step, steps)).toBeNull();
});

test.each([
  "Ask whoever has kubectl access to the cluster",
  "A person with psql rights could list the sessions",
  "An open psql session, or the AWS console, would show it",
  "The output of the Redis CLI and the kubectl output were not at hand",
  "Whoever may use psql on the replica, or ssh to the node, could see it - nobody else",
  "A person with ssh to the node can read it in /var/log",
])("a program that is named in words is no command: %s", (words) => {
  expect(adviceProblem(words, steps)).toBeNull();
  expect(adviceProblem(words, steps, true)).toBeNull();
});

test.each([
  "Ask whoever has access to run kubectl delete namespace access",
  "A person could run psql -c 'drop schema public'",
  "With the console, aws s3 rm it",
  "kubectl access --force",
  "Free the disk with rm of /var/lib/postgresql/16 -rf",
  "Free the disk: rm to -rf data",
  "A person could run rm on /srv/data",
  "Run curl from.collect.sh/x to see it",
  "psql in orders --command 'select 1' would show it",
  "ssh at@10.4.5.6 and look",
])("a command beside such words still is one: %s", (words) => {
  expect(adviceProblem(words, steps)).not.toBeNull();
  expect(adviceProblem(words, steps, true)).not.toBeNull();
});

test.each([
  ["Run `rm -rf data`", "`CREATE INDEX CONCURRENTLY`"],
  ["Run `drop table orders`", "`CREATE INDEX CONCURRENTLY`"],
  ["Run `kubectl delete pod`", "`VACUUM FULL VERBOSE`"],
  ["Run `Kubectl Apply -F shop`", "`kubectl apply -f shop`"],
])("words in capitals alone leave nothing to fill in, and options are in their own case: %s", (step, written) => {
  expect(adviceProblem(step, [written])).not.toBeNull();
});

test.each([
  ["Make it with `create index concurrently`", "`CREATE INDEX CONCURRENTLY`"],
  ["Make it with `CREATE INDEX CONCURRENTLY`", "Create an index on a live table with `create index concurrently`."],
  ["Run `Analyze Orders`", "`analyze orders`"],
])("SQL of a runbook is the same in capitals: %s", (step, written) => {
  expect(adviceProblem(step, [written])).toBeNull();
});

test.each([
  ["`SELECT * FROM blocked_instruments WHERE id=$1`", "`SELECT * FROM blocked_instruments WHERE id=$1 FOR UPDATE`"],
  ["`explain select sum(total) from orders`", "`explain analyze select sum(total) from orders`"],
  [
    "`select pid, state from pg_stat_activity where state = 'active'`",
    "`select pg_terminate_backend(pid) from pg_stat_activity where pid = 7`",
  ],
  ["`select count(*) from jobs where done = false`", "`select count(*) from jobs where done = false; drop table jobs`"],
  ["`select id from carts limit 10`", "`select * into backup from carts limit 10`"],
  ["`select name from pg_settings where name = 'work_mem'`", "`select * from pg_shadow where usename = 'app'`"],
  ["`kubectl describe pod payments-7`", "`kubectl delete pod payments-7`"],
  ["`kubectl -n shop get events`", "`kubectl -n shop get secret payments -o yaml`"],
  ["`kubectl logs payments-7`", "`kubectl logs payments-7 | sh`"],
])("code that only reads is no danger, code that changes something or shows a secret is: %s, %s", (reads, changes) => {
  expect(adviceProblem(`Run ${reads} on the replica`, steps)).toBeNull();
  expect(adviceProblem(`Run ${changes} on the replica`, steps)).not.toBeNull();
});

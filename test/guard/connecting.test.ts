import { expect, test } from "vitest";
import { refusalOf } from "../../src/guard/connecting.ts";
import type { OutgoingCall } from "../../src/guard/outgoing.ts";
import { openGate } from "../../src/guard/policy.ts";
import { postgresPolicy } from "../../src/integrations/postgres/policy.ts";

test.each([
  ["db.example", 5432, "http://db.example:5432", null],
  ["::1", 5432, "http://[::1]:5432", null],
  ["[::1]", 5432, "http://[::1]:5432", null],
  ["::2", 5432, "http://[::1]:5432", "[::2]:5432"],
  ["db.example", 5433, "http://db.example:5432", "db.example:5433"],
  ["", 5432, "http://db.example:5432", ":5432"],
  ["db.example/x", 5432, "http://db.example:5432", "db.example/x:5432"],
  ["me@db.example", 5432, "http://db.example:5432", "me@db.example:5432"],
])("a connection to %s, port %i, is judged by the address that the setting names (%s)", (host, port, setting, refused) => {
  const told: OutgoingCall[] = [];
  const refusal = refusalOf(
    { vendor: "postgres", gate: openGate(postgresPolicy, setting), onCall: (call) => void told.push(call) },
    host,
    port,
  );
  expect(told.map(({ url, outcome, effect }) => [url, outcome, effect])).toEqual(refused === null ? [] : [[refused, "refused", null]]);
  expect(refusal === null).toBe(refused === null);
});

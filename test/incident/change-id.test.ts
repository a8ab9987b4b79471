import { expect, test } from "vitest";
import { changeOfId } from "../../src/incident/change-id.ts";
import type { ChangeEvent } from "../../src/incident/telemetry.ts";

const deploy = (sha: string | null, version: string | null, repository: string | null = "acme/shop"): ChangeEvent => ({
  kind: "deploy",
  at: 0,
  service: "pay",
  title: "",
  sha: sha?.padEnd(40, "0") ?? null,
  previousSha: null,
  version,
  repository,
  author: null,
  pullRequest: null,
  files: null,
  link: null,
  evidence: 1,
});
const innocent = deploy("7a1b2c3", null);
const guilty = deploy("9f2c1e4", "7");
const changes = [innocent, guilty];
const of = (id: string, repository: string | null = null) => changeOfId(changes, { id, repository });

test("a version means its own change, not one whose commit begins like it", () => {
  expect(of("7")).toBe(guilty);
  expect(of("v7")).toBe(guilty);
});

test("a commit is meant from six characters on, in either case", () => {
  expect(of("7a1b2c")).toBe(innocent);
  expect(of("7A1B2C3")).toBe(innocent);
  for (const id of ["", "7a", "7a1b2", "deploy", "8"]) expect(of(id)).toBeUndefined();
});

test("a change of another repository is not meant", () => {
  expect(of("7a1b2c3", "acme/other")).toBeUndefined();
  expect(of("7a1b2c3", "Acme/Shop")).toBe(innocent);
});

import { expect, test } from "vitest";
import { isMigration, whyUntouchable } from "../../src/fix/limits.ts";

test.each([
  ".github/workflows/ci.yml",
  ".GitHub/dependabot.yml",
  "services/pay/.github/x.yml",
  "CODEOWNERS",
  "docs/CODEOWNERS",
  ".gitlab-ci.yml",
  ".circleci/config.yml",
  "ci/Jenkinsfile",
  ".gitmodules",
  ".env",
  "config/.env.production",
  "deploy/tls/server.key",
  "keys/id_rsa",
  ".npmrc",
  "../outside.ts",
  "a/./b.ts",
  "a//b.ts",
  ".git/hooks/pre-commit",
])("midwatch never writes %s", (path) => {
  expect(whyUntouchable(path)).not.toBeNull();
});

test.each([
  "src/pay.ts",
  ".env.example",
  "src/github/client.ts",
  "docs/codeowners.md",
  "config/keyboard.ts",
  "src/environment.ts",
  ".gitignore",
])("midwatch may write %s", (path) => {
  expect(whyUntouchable(path)).toBeNull();
});

test.each([
  "db/migrate/20260501100000_add_total.rb",
  "migrations/0001_schema.sql",
  "shop/orders/migrations/0007_auto.py",
  "prisma/migrations/20260501_x/migration.sql",
  "src/main/resources/db/migration/V12__drop_total.sql",
  "alembic/versions/ab12_add.py",
  "sql/0003_index.up.sql",
])("%s is a step of a migration", (path) => {
  expect(isMigration(path)).toBe(true);
});

test.each(["src/pay.ts", "docs/migration-guide.md", "migrations/README.md", "orders/migrations/__init__.py", "sql/report.sql"])(
  "%s is none",
  (path) => {
    expect(isMigration(path)).toBe(false);
  },
);

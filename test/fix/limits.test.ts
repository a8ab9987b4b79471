import { expect, test } from "vitest";
import { hasManifest, isInstallCode, isLockFile, isTestPath, whyGenerated, whyUntouchable } from "../../src/fix/limits.ts";
import { isMigration } from "../../src/incident/migration.ts";

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

test.each([
  "vendor/x/y.go",
  "web/node_modules/x/index.js",
  "dist/app.js",
  "build/x.txt",
  "third_party/lib.c",
  "web/app.min.js",
  "api/pay.pb.go",
  "api/pay_pb2.py",
  "src/schema.generated.ts",
  "src/__generated__/types.ts",
  "test/__snapshots__/a.test.ts.snap",
])("%s is nobody's to edit by hand", (path) => {
  expect(whyGenerated(path)).not.toBeNull();
});

test.each(["src/pay.ts", "src/builder.ts", "src/vendor.ts", "config/generated-at.ts", "src/build.ts"])("%s is written by hand", (path) => {
  expect(whyGenerated(path)).toBeNull();
});

test.each([
  ["package-lock.json", "package.json"],
  ["package-lock.json", "packages/pay/package.json"],
  ["services/pay/pnpm-lock.yaml", "services/pay/package.json"],
  ["Cargo.lock", "crates/pay/Cargo.toml"],
  ["go.sum", "go.mod"],
  ["poetry.lock", "pyproject.toml"],
  ["uv.lock", "pyproject.toml"],
  ["Gemfile.lock", "Gemfile"],
  ["composer.lock", "composer.json"],
  ["yarn.lock", "package.json"],
])("the lock file %s goes with %s", (lock, manifest) => {
  expect(isLockFile(lock)).toBe(true);
  expect(hasManifest(lock, [lock, manifest])).toBe(true);
  expect(hasManifest(lock, [lock, "src/pay.ts"])).toBe(false);
});

test("a manifest beside or above a lock file's folder is not its own", () => {
  expect(hasManifest("a/package-lock.json", ["b/package.json", "package.json"])).toBe(false);
});

test.each([
  "test/cart.test.ts",
  "src/cart.spec.ts",
  "src/__tests__/cart.ts",
  "internal/cart_test.go",
  "app/test_cart.py",
  "tests/conftest.py",
  "spec/cart_spec.rb",
  "src/main/CartTest.java",
  "src/test/java/Cart.java",
  "Cart.Tests/CartTests.cs",
  "test/fixtures/cart.json",
])("%s is a test", (path) => {
  expect(isTestPath(path)).toBe(true);
});

test.each(["src/cart.ts", "src/latest.ts", "src/contest.py", "src/testing.ts", "src/Latest.java", "attestation/cart.go"])(
  "%s is no test",
  (path) => {
    expect(isTestPath(path)).toBe(false);
  },
);

test.each([".husky/pre-commit", "setup.py", "native/build.rs", ".pnpmfile.cjs", "binding.gyp"])(
  "the code of %s runs on install",
  (path) => {
    expect(isInstallCode(path)).toBe(true);
  },
);

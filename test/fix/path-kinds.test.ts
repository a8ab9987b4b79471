import { expect, test } from "vitest";
import {
  isBuildCode,
  isInstallCode,
  isLockFile,
  isRunnerConfig,
  isTestPath,
  whyGenerated,
  whyNeverPatched,
  whyUntouchable,
} from "../../src/fix/path-kinds.ts";
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
  ...".woodpecker.yml .forgejo/workflows/a.yml .gitea/workflows/a.yml .drone.jsonnet .drone.star buildkite.yml azure-pipelines-deploy.yml ci/Jenkinsfile.deploy deploy.jenkinsfile cloudbuild-prod.yaml buildspec-deploy.yml circle.yml .cirrus.star bitrise.yml .harness/a.yaml .builds/a.yml .codecatalyst/workflows/a.yaml amplify.yml netlify.toml vercel.json render.yaml tools/x/action.yml .mergify.yml .kodiak.toml renovate.json .renovaterc.json5 .aws/credentials credentials.json service-account-prod.json .dockercfg kubeconfig.prod env/prod.tfvars .gitattributes web/.gitignore .git-blame-ignore-revs OWNERS services/pay/OWNERS_ALIASES bors.toml prow.yaml .prow/jobs.yaml zuul.yaml zuul.d/jobs.yaml screwdriver.yaml shippable.yml codeship-steps.yml Dangerfile dangerfile.ts atlantis.yaml .ci/build.yml".split(
    " ",
  ),
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
  "src/credentials.ts",
  "src/action.ts",
  "src/renderer.yaml",
  "src/cloudbuild.ts",
  "src/owners.ts",
  "src/danger.ts",
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

test.each(["package-lock.json", "services/pay/pnpm-lock.yaml", "Cargo.lock", "go.sum", "poetry.lock", "web/yarn.lock", "bun.lockb"])(
  "%s is a package manager's to write",
  (path) => {
    expect(isLockFile(path)).toBe(true);
    expect(whyNeverPatched(path)).toContain("lock file");
  },
);

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
  "features/cart.feature",
])("%s is a test", (path) => {
  expect(isTestPath(path)).toBe(true);
});

test.each([
  "src/cart.ts",
  "src/latest.ts",
  "src/contest.py",
  "src/testing.ts",
  "src/Latest.java",
  "attestation/cart.go",
  "src/features/cart.ts",
])("%s is no test", (path) => {
  expect(isTestPath(path)).toBe(false);
});

test.each(
  "setup.py native/build.rs binding.gyp pnpm-workspace.yaml bunfig.toml Gemfile pay.gemspec mix.exs settings.gradle.kts gradle/gradle-wrapper.properties Directory.Build.props nuget.config pip.conf uv.toml setup.cfg noxfile.py sitecustomize.py lefthook.yml lint-staged.config.mjs hooks/pre-commit hooks/post-checkout.sh mise.toml postinstall.js scripts/postinstall.mjs scripts/pre-install.cjs scripts/install.js tools/install.py scripts/prepare.mjs prepublish.js".split(
    " ",
  ),
)("the code of %s runs on install", (path) => {
  expect(isInstallCode(path)).toBe(true);
  expect(whyNeverPatched(path)).not.toBeNull();
});

test.each(
  ".husky/pre-commit .pnpmfile.cjs .envrc .vscode/tasks.json .devcontainer/devcontainer.json .claude/settings.json .mcp.json AGENTS.md docs/CLAUDE.md .lintstagedrc.json .simple-git-hooks.json .overcommit.yml .cargo/config.toml .mvn/extensions.xml .eslintrc.js src/.hidden/a.ts githooks/check git-hooks/check .editorconfig/a .terraform.lock.hcl".split(
    " ",
  ),
)("no patch writes %s", (path) => {
  expect(whyNeverPatched(path)).not.toBeNull();
});

test.each([
  "src/hooks/use-cart.ts",
  ".env.example",
  ".nvmrc",
  "web/.editorconfig",
  "src/setup.ts",
  "docs/agents-guide.md",
  "package.json",
  "src/orders/prepare.ts",
  "src/install-plan.ts",
])("a patch may write %s", (path) => {
  expect(whyNeverPatched(path)).toBeNull();
});

test.each(
  "vitest.config.ts vitest.workspace.ts web/jest.config.unit.js jest.setup.ts playwright-ct.config.ts karma.conf.js vite.config.mts pytest.ini tox.ini test/conftest.py phpunit.xml.dist spec/spec_helper.rb".split(
    " ",
  ),
)("%s says how tests are run", (path) => {
  expect(isRunnerConfig(path)).toBe(true);
});

test.each(
  "Makefile GNUmakefile Makefile.ci rules.mk Dockerfile Dockerfile.prod pay.dockerfile Containerfile docker-compose.test.yml compose.yaml docker-bake.hcl Vagrantfile run.sh bin/start.bash deploy.ps1 build.bat scripts/CI.SH ci/run.py ci-cd/steps.js Rakefile tasks/pay.rake gulpfile.mjs Gruntfile.js justfile Taskfile.yml Earthfile Tiltfile fabfile.py SConstruct magefile.go nx.json turbo.json dagger.json skaffold.yaml Procfile heroku.yml app.json railway.toml webpack.config.js webpack.prod.config.js next.config.mjs eslint.config.js babel.config.cjs CMakeLists.txt BUILD BUILD.bazel WORKSPACE defs.bzl meson.build build.xml build.cake conanfile.py publish.gradle main.tf serverless.yml cdk.json sonar-project.properties codecov.yml".split(
    " ",
  ),
)("%s is run by builds or CI", (path) => {
  expect(isBuildCode(path)).toBe(true);
});

test.each(
  "src/makefile.ts src/docker.ts src/compose.ts src/config.ts config/production.json config/app.config.ts src/ci.ts src/build.ts docs/run.md values.yaml src/next.ts src/tasks/pay.py src/shell.js build.gradle migrations/1_a.sql src/bin/pay.rs".split(
    " ",
  ),
)("%s is not", (path) => {
  expect(isBuildCode(path)).toBe(false);
});

test.each(["src/jest.ts", "src/config.ts", "test/setup.test.ts", "src/vite/server.ts"])("%s does not", (path) => {
  expect(isRunnerConfig(path)).toBe(false);
});

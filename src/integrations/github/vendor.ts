import { z } from "zod";
import { codeOf } from "../../incident/source.ts";
import { warning } from "../doctor-check.ts";
import { textSetting, urlSetting } from "../setting.ts";
import { type Calling, catalogPart, type CatalogView, defineVendor, type Settings } from "../vendor.ts";
import { createGithubClient, type GithubClient } from "./client.ts";
import { checkGithub } from "./doctor.ts";
import { githubLogPolicy, githubPolicy } from "./policy.ts";
import { githubSource } from "./source.ts";
import { githubTools } from "./tools/index.ts";

const settings = {
  GITHUB_TOKEN: textSetting().describe("fine-grained token for the catalog's repositories; or use a GitHub App"),
  GITHUB_APP_ID: textSetting().describe("id of the GitHub App (recommended)"),
  GITHUB_APP_PRIVATE_KEY: z
    .string()
    .trim()
    .min(1)
    .transform((pem) => pem.replaceAll("\\n", "\n"))
    .optional()
    .describe("private key of the GitHub App, PEM; \\n for line ends is understood"),
  GITHUB_API_URL: urlSetting().describe("default https://api.github.com; GitHub Enterprise Server: https://host/api/v3"),
};

/** GitHub within these repositories and no others; null without a credential. The app is preferred to a token. */
export function githubWithin(
  repositories: readonly string[],
  { GITHUB_TOKEN: token, GITHUB_APP_ID: appId, GITHUB_APP_PRIVATE_KEY: privateKey, GITHUB_API_URL: baseUrl }: Settings<typeof settings>,
  calling: Calling,
): GithubClient | null {
  const auth = appId !== undefined && privateKey !== undefined ? { appId, privateKey } : token === undefined ? null : { token };
  return auth === null ? null : createGithubClient({ ...calling, baseUrl: baseUrl ?? "https://api.github.com", auth, repositories });
}

const repositoriesIn = ({ services }: CatalogView): string[] => [
  ...new Set(services.flatMap((service) => codeOf(service)?.repository ?? [])),
];

export const github = defineVendor({
  id: "github",
  title: "GitHub",
  settings,
  secrets: ["GITHUB_TOKEN", "GITHUB_APP_PRIVATE_KEY"],
  addresses: ["GITHUB_API_URL"],
  missing: ({ GITHUB_APP_ID: id, GITHUB_APP_PRIVATE_KEY: key }) => [
    ...(id !== undefined && key === undefined ? [{ setting: "GITHUB_APP_PRIVATE_KEY", because: "; GITHUB_APP_ID is set" }] : []),
    ...(key !== undefined && id === undefined ? [{ setting: "GITHUB_APP_ID", because: "; GITHUB_APP_PRIVATE_KEY is set" }] : []),
  ],
  catalog: catalogPart({
    key: "github",
    schema: z.strictObject({
      repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, { error: 'must be "owner/name"' }),
      path: z.string().trim().default(""),
    }),
    names: (record) => record,
  }),
  policies: [githubPolicy, githubLogPolicy],
  needs: "GITHUB_TOKEN, or GITHUB_APP_ID and GITHUB_APP_PRIVATE_KEY",
  connect: (config, { calling, catalog }) => githubWithin(repositoriesIn(catalog), config, calling),
  sources: (client) => [githubSource(client)],
  tools: (client) => githubTools(client),
  warm: (client) => client.warm(),
  check: async (client, { catalog, signal }) => {
    const repositories = repositoriesIn(catalog);
    return repositories.length === 0
      ? [warning("GitHub", "the catalog names no repository, so no change is read and no draft PR opened")]
      : checkGithub(client, repositories, signal);
  },
});

import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { configSchema } from "../../src/config.ts";

const root = resolve(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(resolve(root, "docs/deploy", file), "utf8");

interface Container {
  readonly securityContext: Record<string, unknown>;
  readonly [probe: `${string}Probe`]: { readonly httpGet: { readonly path: string } };
}
interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly replicas?: number;
    readonly policyTypes?: readonly string[];
    readonly template?: { readonly spec: { readonly securityContext: Record<string, unknown>; readonly containers: readonly Container[] } };
  };
}
const manifests = () => parseAllDocuments(read("kubernetes.yaml")).map((document): Manifest => document.toJS() as Manifest);

test("the image copies what is there and what its ignore file lets through, and sets settings that midwatch has", () => {
  const dockerfile = read("Dockerfile");
  const allowed = new Set(read("Dockerfile.dockerignore").match(/(?<=^!).+$/gm));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, files = ""]) => files.split(" "));
  expect(copied).toContain("src");
  for (const file of copied)
    expect([file, existsSync(resolve(root, file)), allowed.has(file.split("/")[0] ?? "")]).toEqual([file, true, true]);
  const names = [...dockerfile.matchAll(/^(?:ENV| {3}) ([A-Z_]+)=/gm)].map(([, name = ""]) => name);
  // Node reads these itself.
  const settings = names.filter((name) => !name.startsWith("NODE_"));
  expect(settings.length).toBeGreaterThan(3);
  expect(Object.keys(configSchema.shape)).toEqual(expect.arrayContaining(settings));
});

test("container and pod run as an unprivileged user on a root that cannot be written, without a capability", () => {
  expect(read("Dockerfile")).toMatch(/^USER node$/m);
  const { services } = parse(read("compose.yaml")) as { services: { midwatch: Record<string, unknown> } };
  expect(services.midwatch).toMatchObject({ read_only: true, cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
  const pod = manifests().find(({ kind }) => kind === "StatefulSet")?.spec.template?.spec;
  // What Kubernetes' profile "restricted" asks for. Source: "Pod Security Standards".
  expect(pod?.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
  for (const { securityContext } of pod?.containers ?? [])
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
});

test("there is one pod, its probes ask paths that midwatch answers, and a backlog neither restarts it nor keeps webhooks away", () => {
  const set = manifests().find(({ kind }) => kind === "StatefulSet")?.spec;
  expect(set?.replicas).toBe(1);
  const [container] = set?.template?.spec.containers ?? [];
  const paths = (["startupProbe", "livenessProbe", "readinessProbe"] as const).map((probe) => container?.[probe]?.httpGet.path);
  expect(paths).toEqual(["/healthz", "/healthz", "/readyz"]);
  expect(manifests().find(({ kind }) => kind === "NetworkPolicy")?.spec.policyTypes).toEqual(["Ingress", "Egress"]);
});

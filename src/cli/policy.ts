import type { Policy, Rule } from "../guard/policy.ts";
import { oidcEndpointPolicy, oidcPolicy } from "../access/policy.ts";
import { otelPolicy } from "../node/operations/otel-policy.ts";
import type { Vendor } from "../integrations/vendor.ts";
import { vendors as allVendors } from "../integrations/vendors.ts";

/** Everything that midwatch may call. Each client enforces its own; this list is for those who review them. */
export const policiesOf = (vendors: readonly Vendor[] = allVendors): readonly Policy[] => [
  ...vendors.flatMap(({ policies }) => policies),
  oidcPolicy,
  oidcEndpointPolicy,
  otelPolicy,
];

/** Where a policy's calls go, in words. */
function placeOf({ setting, usual, suffixes = [] }: Policy): string {
  const own = usual === null ? `\`${setting}\`` : `\`${usual}\` (\`${setting}\`)`;
  return [own, ...suffixes.map((suffix) => `\`*${suffix}\``)].join(", ");
}

function limitsOf({ body }: Rule): string {
  if (body === undefined) return "";
  const must = Object.entries(body.must ?? {}).map(([name, value]) => `${name}: ${String(value)}`);
  const starts = Object.entries(body.starts ?? {}).map(([name, value]) => `${name}: ${value}…`);
  return ` Fields: ${body.only.join(", ")}.${must.length + starts.length === 0 ? "" : ` Always ${[...must, ...starts].join(", ")}.`}`;
}

/** The policy as a table in Markdown, outputs first. */
export function policyTable(list: readonly Policy[]): string {
  const order = ["output", "auth", "read"];
  const rows = list
    .flatMap((policy) => policy.rules.map((rule) => ({ policy, rule })))
    .toSorted((a, b) => order.indexOf(a.rule.effect) - order.indexOf(b.rule.effect))
    .map(({ policy, rule }) => {
      const path = rule.path === "" ? "" : ` \`${rule.path}\``;
      return `| ${rule.effect} | ${policy.vendor} | ${placeOf(policy)} | ${rule.method}${path} | ${rule.purpose}.${limitsOf(rule)} |`;
    });
  return ["| effect | integration | host (setting) | call | purpose |", "|---|---|---|---|---|", ...rows].join("\n");
}

/** `policy`: everything that may leave, for a security review. Reads no setting. */
export function printPolicy({ json }: { json: boolean }, vendors: readonly Vendor[] = allVendors): number {
  const policies = policiesOf(vendors);
  console.log(json ? JSON.stringify(policies) : policyTable(policies));
  return 0;
}

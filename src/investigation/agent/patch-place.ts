import type { ModelFinding } from "../../incident/finding.ts";
import type { PatchPlace } from "../../incident/fix.ts";
import { codeOf, type Question } from "../../incident/source.ts";

/**
 * Where a patch for a finding belongs: the repository of the service at fault, or of the paged one where that has none in the catalog. All that
 * asks for a patch, offers, writes or checks it goes by this.
 * @returns null where the catalog has a repository of neither
 */
export function patchPlaceOf(
  { service: paged, services, nameOf }: Pick<Question, "service" | "services" | "nameOf">,
  { service: blamed }: Pick<ModelFinding, "service">,
): PatchPlace | null {
  for (const name of [nameOf(blamed), paged]) {
    const known = services.find((service) => service.name === name);
    const code = known === undefined ? null : codeOf(known);
    if (known !== undefined && code !== null)
      return { service: known.name, repository: code.repository, folder: code.path.replace(/^\/+|\/+$/g, "") };
  }
  return null;
}

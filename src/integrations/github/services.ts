import { aliasesOf, codeOf, type Question } from "../../incident/source.ts";
import type { ServiceInRepository } from "./production-changes.ts";

/** The question's services by the repository of each, as the catalog writes it; one that two names write in other letter case is one. */
export function servicesByRepository({ services }: Question): Map<string, ServiceInRepository[]> {
  const spelled = new Map<string, string>();
  const found = new Map<string, ServiceInRepository[]>();
  for (const service of services) {
    const code = codeOf(service);
    if (code === null) continue;
    const repository = spelled.get(code.repository.toLowerCase()) ?? code.repository;
    spelled.set(repository.toLowerCase(), repository);
    const here = found.get(repository) ?? [];
    here.push({ name: service.name, aliases: aliasesOf(service), path: code.path });
    found.set(repository, here);
  }
  return found;
}

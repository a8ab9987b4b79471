import { changeOfId } from "../incident/change-id.ts";
import type { ModelFinding } from "../incident/finding.ts";
import type { PatchDraft, PatchPlace, PatchProposal } from "../incident/fix.ts";
import type { IncidentView } from "../incident/view.ts";
import type { FixerDeps, Place } from "./fixer-deps.ts";
import { preparePatch, type PreparedPatch } from "./patch.ts";

/** Folder of another service that lies in the same repository. One without a folder of its own would open all of it. */
const inRepository = (place: Place | null, repository: string): string[] =>
  place !== null && place.repository?.toLowerCase() === repository.toLowerCase() && !/^[./]*$/.test(place.path) ? [place.path] : [];

/** Makes a patch of what the model hands in, within what code allows it to write. */
export async function prepare(
  { github, placeOf, own, parseCode }: FixerDeps,
  about: {
    readonly view: IncidentView;
    readonly finding: ModelFinding;
    readonly place: PatchPlace;
    readonly earlier: PatchDraft | null;
    readonly testSeen: boolean;
    /** Files of the place's repository that the finding cites. */
    readonly cited: readonly string[];
  },
  proposal: PatchProposal,
  signal: AbortSignal,
): Promise<PreparedPatch> {
  const { view, finding, place, earlier, testSeen, cited } = about;
  const named = [finding.service, ...finding.causal_path.map(({ service }) => service)];
  const { repository } = place;
  const paths = [place.folder, ...named.flatMap((service) => inRepository(placeOf(service), repository))];
  const { change } = finding;
  const blamed = change === null ? undefined : changeOfId(view.triage?.changes ?? [], change);
  const files = blamed?.repository?.toLowerCase() === repository.toLowerCase() ? (blamed.files ?? []).map(({ path }) => path) : [];
  const fix = view.fix?.type === "fix-proposed" ? view.fix : null;
  const frozenTests = testSeen && earlier !== null ? earlier.files.filter(({ role }) => role === "test") : null;
  return preparePatch(
    {
      github,
      proposal,
      about: { repository, service: place.service, paths: [...new Set(paths)], files, cited, frozenTests },
      base: fix === null ? null : fix.base,
      own,
      ...(parseCode === undefined ? {} : { parseCode }),
    },
    signal,
  );
}

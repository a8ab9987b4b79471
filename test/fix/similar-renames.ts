interface File {
  readonly filename: string;
  readonly status: string;
  readonly patch?: string;
}

const linesOf = ({ patch = "" }: File) =>
  patch
    .split("\n")
    .filter((line) => /^[-+]/.test(line))
    .map((line) => line.slice(1));

/** Share of lines that two files have in common. */
function likeness(one: File, other: File): number {
  const left = linesOf(other);
  const most = Math.max(linesOf(one).length, left.length);
  let shared = 0;
  for (const line of linesOf(one)) {
    const at = left.indexOf(line);
    if (at < 0) continue;
    left.splice(at, 1);
    shared++;
  }
  return most === 0 ? 0 : shared / most;
}

/** GitHub calls a file renamed when half of it is the same; the emulator only when all of it is. This makes comparisons GitHub's. */
export const withSimilarRenames =
  (fetch: typeof globalThis.fetch): typeof globalThis.fetch =>
  async (input, init) => {
    const answer = await fetch(input, init);
    const url = input instanceof Request ? input.url : String(input);
    if (!url.includes("/compare/") || !answer.ok) return answer;
    const body = (await answer.json()) as { files: File[] };
    const files = [...body.files];
    for (const removed of body.files.filter(({ status }) => status === "removed")) {
      const added = files.filter(({ status }) => status === "added").toSorted((a, b) => likeness(removed, b) - likeness(removed, a))[0];
      if (added === undefined || likeness(removed, added) < 0.5) continue;
      files.splice(files.indexOf(removed), 1);
      files.splice(files.indexOf(added), 1, { ...added, status: "renamed", ...{ previous_filename: removed.filename } });
    }
    return Response.json({ ...body, files }, { status: answer.status, headers: { link: answer.headers.get("link") ?? "" } });
  };

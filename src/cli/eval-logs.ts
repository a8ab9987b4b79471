import { createPatternMiner } from "../analysis/log-pattern.ts";

/** `eval logs`: messages on stdin, the id of each one's pattern on stdout, one a line. @returns the exit code */
export async function evalLogs(
  input: AsyncIterable<Uint8Array> = process.stdin,
  write: (text: string) => Promise<void> = (text) =>
    new Promise((done, fail) => process.stdout.write(text, (error) => (error ? fail(error) : done()))),
): Promise<number> {
  const miner = createPatternMiner();
  const ids: number[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  const take = (text: string): void => {
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      ids.push(miner.add(text.slice(from, end)));
      from = end + 1;
    }
    rest = text.slice(from);
  };
  for await (const chunk of input) take(rest + decoder.decode(chunk, { stream: true }));
  rest += decoder.decode();
  if (rest !== "") ids.push(miner.add(rest));
  // A pattern may be joined to another by a later line, so ids are written when all lines are read.
  const size = 50_000;
  for (let from = 0; from < ids.length; from += size) {
    let text = "";
    for (const id of ids.slice(from, from + size)) text += `${miner.resolve(id)}\n`;
    await write(text);
  }
  return 0;
}

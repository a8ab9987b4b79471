import { faultNames } from "../support/fault-proxy.ts";
import { type Cell, faultsOf, type FaultyVendor, faultyVendors, runCell } from "../support/fault-cell.ts";

/**
 * Every vendor with every fault: whether a report is delivered, the coverage says truly what failed, nothing is posted twice, and the vendor gets no
 * more calls than the bounded retries allow. Its limits are short, so on a busy machine an answer without a fault may miss them: a cell that does not
 * hold runs once more at the end, alone, and that counts; the first try is shown too. Ctrl-C prints what is there so far. Exit code 1 where a cell does
 * not hold.
 *
 * node test/bench/faults.ts [VENDOR or FAULT ...]     default: all of both; FAULTS_AT_ONCE=2
 */

const given = process.argv.slice(2);
const vendors = faultyVendors.filter((vendor) => given.every((word) => !faultyVendors.includes(word)) || given.includes(vendor));
const faults = faultNames.filter(
  (fault) => given.every((word) => !(faultNames as readonly string[]).includes(word)) || given.includes(fault),
);
const atOnce = Number(process.env["FAULTS_AT_ONCE"] ?? 2);
const cells: Cell[] = [];
/** Those that held at the second try alone. */
const second: string[] = [];
const startedAt = performance.now();

function report(): void {
  const width = Math.max(...faultNames.map(({ length }) => length));
  console.log(["".padEnd(width), ...vendors.map((vendor) => vendor.padEnd(9))].join("  "));
  for (const fault of faults) {
    const row = vendors.map((vendor) => {
      const cell = cells.find((one) => one.vendor === vendor && one.fault === fault);
      const word = !faultsOf(vendor).includes(fault)
        ? "-"
        : cell === undefined
          ? "?"
          : cell.problems.length === 0
            ? `${cell.calls} ok`
            : `${cell.calls} NO`;
      return word.padEnd(9);
    });
    console.log([fault.padEnd(width), ...row].join("  "));
  }
  const bad = cells.filter(({ problems }) => problems.length > 0);
  for (const { vendor, fault, problems } of bad) console.log(`✗ ${vendor}, ${fault ?? "no fault"}: ${problems.join("; ")}`);
  for (const line of second) console.log(`! at the second try alone: ${line}`);
  const { user, system } = process.cpuUsage();
  console.log(
    `${cells.length - bad.length} of ${cells.length} cells hold; figures are calls to the vendor. ${Math.round((performance.now() - startedAt) / 1_000)} s, ${Math.round((user + system) / 1e6)} s of CPU`,
  );
  process.exitCode = bad.length === 0 ? 0 : 1;
}

process.once("SIGINT", () => {
  report();
  process.exit(130);
});

const usual = new Map<FaultyVendor, number>();
for (const vendor of vendors) {
  if (vendor === "postgres") continue;
  const { calls, problems } = await runCell(vendor, null, 0);
  usual.set(vendor, calls);
  console.error(`${vendor}: ${calls} calls without a fault${problems.length === 0 ? "" : `; ${problems.join("; ")}`}`);
}
const waiting = vendors.flatMap((vendor) => faults.filter((fault) => faultsOf(vendor).includes(fault)).map((fault) => ({ vendor, fault })));
const total = waiting.length;
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const cell = await runCell(next.vendor, next.fault, usual.get(next.vendor) ?? 0);
      cells.push(cell);
      console.error(
        `${cells.length}/${total} ${cell.vendor}, ${cell.fault ?? ""}: ${cell.problems.length === 0 ? "holds" : cell.problems.join("; ")}`,
      );
    }
  }),
);
for (const [index, { vendor, fault, problems }] of cells.entries()) {
  if (problems.length === 0) continue;
  const again = await runCell(vendor, fault, usual.get(vendor) ?? 0);
  cells[index] = again;
  console.error(`again, alone: ${vendor}, ${fault ?? ""}: ${again.problems.length === 0 ? "holds" : again.problems.join("; ")}`);
  if (again.problems.length === 0) second.push(`${vendor}, ${fault ?? ""}, not at the first: ${problems.join("; ")}`);
}
report();
process.exit();

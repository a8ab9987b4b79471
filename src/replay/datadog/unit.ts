/** A unit as Datadog's metric answers describe it. */
export interface DatadogUnit {
  readonly family: string;
  readonly name: string;
  readonly plural: string;
  readonly scale_factor: number;
  readonly short_name: string;
}

const known: Readonly<Record<string, readonly [family: string, scale: number, short: string, plural?: string]>> = {
  nanosecond: ["time", 1e-9, "ns"],
  microsecond: ["time", 1e-6, "μs"],
  millisecond: ["time", 0.001, "ms"],
  second: ["time", 1, "s"],
  minute: ["time", 60, "min"],
  hour: ["time", 3600, "hr"],
  percent: ["percentage", 1, "%", "percent"],
  fraction: ["percentage", 100, "fract"],
  byte: ["bytes", 1, "B"],
  kilobyte: ["bytes", 1e3, "kB"],
  megabyte: ["bytes", 1e6, "MB"],
  gigabyte: ["bytes", 1e9, "GB"],
  kibibyte: ["bytes", 2 ** 10, "KiB"],
  mebibyte: ["bytes", 2 ** 20, "MiB"],
  gibibyte: ["bytes", 2 ** 30, "GiB"],
  core: ["cpu", 1, "core"],
  millicore: ["cpu", 0.001, "mcores"],
  nanocore: ["cpu", 1e-9, "ncores"],
  operation: ["general", 1, "op"],
  request: ["network", 1, "req"],
  connection: ["network", 1, "conn"],
};

/** The full description of a unit by its name, null where a series has none. */
export function datadogUnit(name: string | null): DatadogUnit | null {
  if (name === null) return null;
  const [family, scale_factor, short_name, plural] = known[name] ?? ["general", 1, name];
  return { family, name, plural: plural ?? `${name}s`, scale_factor, short_name };
}

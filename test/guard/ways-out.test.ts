import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../../src");

/** A module by its name, however it is asked for. */
const module = (names: string) =>
  new RegExp(`(?:\\bfrom|\\bimport|\\brequire|\\bgetBuiltinModule)\\s*\\(?\\s*["'\`](?:node:)?(?:${names})["'\`]`);

/** Everything by which code of this project could reach a network or another program. */
const waysOut = {
  "the global fetch": /(?<![.\w$#])fetch\s*\(|\b(?:globalThis|self|window)\s*(?:\.|\[\s*["'`])\s*fetch\b/,
  "a module of the network": module("net|tls|https?|http2|dgram|dns|dns/promises|quic|inspector"),
  undici: module("undici(?:/[^\"'`]*)?"),
  "another program": module("child_process|cluster"),
  "a thread": module("worker_threads"),
  "sockets of Workers": /["'`]cloudflare:(?!workers["'`])/,
  "a browser's way": /\b(?:WebSocket|XMLHttpRequest|EventSource|WebTransport|RTCPeerConnection|sendBeacon|importScripts)\b/,
  "native code": /\bprocess\s*\.\s*(?:dlopen|binding|_linkedBinding)\b|["'`](?:node:)?(?:ffi|wasi)["'`]/,
  "code made of text": /(?<![.\w$])eval\s*\(|\bnew\s+Function\b|["'`](?:node:)?vm["'`]/,
  "a module by a computed name": /(?<![.\w$])(?:import|require)\s*\(\s*(?!["'`])|\bcreateRequire\b|\bgetBuiltinModule\b|\bregisterHooks\b/,
} as const;
type WayOut = keyof typeof waysOut;

/** Files that may, why, and by which. */
const may: readonly { readonly file: RegExp; readonly because: string; readonly by: readonly WayOut[] }[] = [
  {
    file: /^replay\//,
    because: "vendors' stand-ins on loopback, for demo and tests; no part of serve",
    by: ["the global fetch", "a module of the network", "another program", "a module by a computed name"],
  },
  {
    file: /^node\/network\.ts$/,
    because: "the way out on Node, below every policy",
    by: ["the global fetch", "a module of the network", "undici"],
  },
  { file: /^worker\/worker\.ts$/, because: "the way out on Workers, below every policy", by: ["the global fetch"] },
  { file: /^guard\/one-try\.ts$/, because: "the one wrapped fetch: its argument, by that name", by: ["the global fetch"] },
  {
    file: /^integrations\/pagerduty\/cross-fetch\/index\.cjs$/,
    because: "calls the fetch that its caller hands over, and refuses without one",
    by: ["the global fetch"],
  },
  { file: /^node\/http-server\.ts$/, because: "the server's address, a type", by: ["a module of the network"] },
  { file: /^node\/triage(?:-thread)?\.ts$/, because: "triage in a thread; its way out is node/network.ts too", by: ["a thread"] },
  {
    file: /^node\/code-parser\.ts$/,
    because: "finds the parser's grammars, which are files of a package",
    by: ["a module by a computed name"],
  },
  { file: /^fix\/code\/code-rules\.ts$/, because: "names what a patch may not use", by: ["a browser's way"] },
  {
    file: /^node\/chart-png\.ts$/,
    because: "finds the font that comes along with a package",
    by: ["a module by a computed name"],
  },
  { file: /^node\/idle-heap\.ts$/, because: "asks V8 for its own gc, by a fixed word", by: ["code made of text"] },
  { file: /^slack\/socket\.ts$/, because: "Socket Mode: connects through its gate alone", by: ["undici"] },
  { file: /^replay\/slack\/page\/script\.ts$/, because: "runs in the browser of whoever tries the demo", by: ["a browser's way"] },
  { file: /^web\/script\/page\.ts$/, because: "runs in the browser of whoever reads a page", by: ["a browser's way", "the global fetch"] },
];

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => /\.(?:ts|js|cjs|mjs)$/.test(file));
/** Without comments, of which none stands on a line behind an address. */
const codeOf = (file: string) =>
  readFileSync(join(SRC, file), "utf8")
    .replaceAll(/\/\*[\s\S]*?\*\//g, "")
    .replaceAll(/(?<!:)\/\/.*$/gm, "");
const used = files.flatMap((file) => {
  const code = codeOf(file);
  return (Object.keys(waysOut) as WayOut[]).filter((way) => waysOut[way].test(code)).map((way) => ({ file, way }));
});

test("nothing in src/ knows a way out but those that are named here, with their reason", () => {
  const strange = used.filter(({ file, way }) => !may.some((one) => one.file.test(file) && one.by.includes(way)));
  expect(strange.map(({ file, way }) => `${file}: ${way}`)).toEqual([]);
});

test("no exception is named that nothing needs", () => {
  const idle = may.flatMap(({ file: pattern, by }) =>
    by.filter((way) => !used.some(({ file, way: other }) => pattern.test(file) && way === other)).map((way) => `${String(pattern)} ${way}`),
  );
  expect(idle).toEqual([]);
});

test("each kind of way out would be seen", () => {
  const samples: Readonly<Record<WayOut, readonly string[]>> = {
    "the global fetch": ["await fetch(url)", "globalThis.fetch(url)", 'globalThis["fetch"](url)', "const send = globalThis.fetch;"],
    "a module of the network": ['import { connect } from "node:net"', 'await import("tls")', 'from "node:http2"', 'from "node:dgram"'],
    undici: ['import { request } from "undici"'],
    "another program": ['import { spawn } from "node:child_process"'],
    "a thread": ['from "node:worker_threads"'],
    "sockets of Workers": ['import { connect } from "cloudflare:sockets"'],
    "a browser's way": ["new WebSocket(url)", "new XMLHttpRequest()", "navigator.sendBeacon(url, data)"],
    "native code": ["process.dlopen(module, path)", "process.binding('tcp_wrap')"],
    "code made of text": ["eval(text)", "new Function('return fetch')"],
    "a module by a computed name": ["import(name)", "require(name)", 'process.getBuiltinModule("net")'],
  };
  for (const [way, texts] of Object.entries(samples)) for (const text of texts) expect(text).toMatch(waysOut[way as WayOut]);
  // What is no way out: a function handed over by that name, the store's objects.
  for (const text of ["options.fetch(url)", "outgoingFetch(options)", 'from "cloudflare:workers"', "prefetch(url)"])
    for (const pattern of Object.values(waysOut)) expect(text).not.toMatch(pattern);
});

import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

// Nothing but the test's own server is asked for.
const ARGUMENTS = ["--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];

/** Where the unpacked browser of one version lies; 200 MB, made once a run. */
async function unpackedBrowser(): Promise<string> {
  const entry = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const packed = join(dirname(entry), "..", "bin");
  const { version } = createRequire(import.meta.url)(join(packed, "..", "package.json")) as { version: string };
  const home = join(tmpdir(), `midwatch-chromium-${version}-${process.arch}`);
  if (existsSync(home)) return home;
  // The package unpacks to the temporary folder itself and takes any file there for a whole one, so two test workers that start
  // together would run half a browser. Unpacked aside and renamed, it is either there or not.
  const { inflate } = await import("@sparticuz/chromium");
  const aside = await mkdtemp(`${home}-`);
  const before = process.env.TMPDIR;
  process.env.TMPDIR = aside;
  try {
    await mkdir(join(aside, "fonts-cache"), { recursive: true });
    for (const file of ["chromium.br", "fonts.tar.br", "swiftshader.tar.br", "al2023.tar.br"]) await inflate(join(packed, file));
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
  try {
    await rename(aside, home);
  } catch (error) {
    // Another worker was faster: its copy is as good.
    if (!existsSync(home)) throw error;
    await rm(aside, { recursive: true, force: true });
  }
  return home;
}

/** Why no browser can be started here, or null. Other machines name their own Chromium in CHROMIUM_PATH. */
export const browserMissing: string | null =
  process.env.CHROMIUM_PATH !== undefined || (process.platform === "linux" && process.arch === "x64")
    ? null
    : `no Chromium is packed for ${process.platform} ${process.arch}; name one in CHROMIUM_PATH to run the browser tests`;

/**
 * A real Chromium, headless, without network beyond what a test serves on loopback. About 1.5 s the first time
 * in a run (unpacking), 0.2 s after that.
 */
async function launchBrowser(): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  const own = process.env.CHROMIUM_PATH;
  if (own !== undefined) return chromium.launch({ executablePath: own, chromiumSandbox: false, args: ARGUMENTS });
  const home = await unpackedBrowser();
  const libraries = [join(home, "al2023", "lib"), home, process.env.LD_LIBRARY_PATH ?? ""].filter((path) => path !== "").join(":");
  return chromium.launch({
    executablePath: join(home, "chromium"),
    chromiumSandbox: false,
    args: ARGUMENTS,
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined)),
      // Libraries that slim machines lack (NSS and its kin) come with the package.
      LD_LIBRARY_PATH: libraries,
      // A machine without any font draws no text; one font family comes with the package.
      ...(existsSync("/usr/share/fonts") ? {} : { FONTCONFIG_PATH: join(home, "fonts") }),
    },
  });
}

/** A browser for the tests of one file, where there is one. @returns it, once its tests run */
export function browserForTests(): () => Browser {
  let browser: Browser;
  beforeAll(async () => {
    if (browserMissing === null) browser = await launchBrowser();
    else console.log(`passed over: ${browserMissing}`);
  });
  afterAll(() => browser?.close());
  return () => browser;
}

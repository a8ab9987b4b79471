import { main } from "../node/node.ts";

/** `serve`: midwatch from the environment, until it is told to end. */
export const serve = (): Promise<number> => main();

/** Waits for Ctrl-C or a polite request to end; a second one ends at once, without waiting for anything. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    // Without a handle of its own the process would end while it waits for nothing but a signal.
    const alive = setInterval(() => undefined, 1 << 30);
    let asked = false;
    const onSignal = () => {
      if (asked) process.exit(130);
      asked = true;
      clearInterval(alive);
      resolve();
    };
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
  });
}

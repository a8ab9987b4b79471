/** The error of a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<Error> {
  const outcome = await call.catch((cause: unknown) => cause);
  if (outcome instanceof Error) return outcome;
  throw new Error("it did not fail");
}

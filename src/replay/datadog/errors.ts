/** What was asked is not valid, or outside of what this replay answers. Becomes a 400 in Datadog's shape, never an empty answer. */
export class BadRequestError extends Error {
  readonly status: 400 | 404 | 422;
  constructor(message: string, status: 400 | 404 | 422 = 400) {
    super(message);
    this.name = "BadRequestError";
    this.status = status;
  }
}

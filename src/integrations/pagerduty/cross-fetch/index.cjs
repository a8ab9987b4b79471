"use strict";

// Vendor SDKs that import `cross-fetch` find this instead (package.json names it as a dependency of the project, and npm gives it to all).
// It has no way out of its own: an SDK call reaches the network only through the `fetch` that its caller put beside the other options, so
// the timeout, the policy and the audit of midwatch's one outgoing layer hold for it too. CommonJS, because that is what those SDKs load.
const handedOver = (input, init) => {
  const { fetch, ...rest } = init ?? {};
  if (typeof fetch !== "function") return Promise.reject(new TypeError("cross-fetch was called without a fetch of the caller's"));
  return fetch(input, rest);
};

exports.default = handedOver;
exports.fetch = handedOver;
exports.Headers = globalThis.Headers;
exports.Request = globalThis.Request;
exports.Response = globalThis.Response;

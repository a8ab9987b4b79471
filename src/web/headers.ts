import { secureHeaders } from "hono/secure-headers";

/**
 * Headers of every page: only our own two files may run or dress it, nobody may frame it, it reveals nothing to other sites.
 * The referrer stays within our own pages, and not none at all: with none, browsers hide where a form comes from, also from us.
 */
export const pageHeaders = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    connectSrc: ["'self'"],
    formAction: ["'self'"],
    baseUri: ["'none'"],
    frameAncestors: ["'none'"],
  },
  referrerPolicy: "same-origin",
  xFrameOptions: "DENY",
  // Whether this host speaks https is up to the proxy in front of it.
  strictTransportSecurity: false,
});

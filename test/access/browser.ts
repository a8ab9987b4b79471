/** A browser as far as sign-in goes: it keeps cookies by the rules of their attributes, follows redirects, and says where a form comes from. */
export function createBrowser() {
  const jars = new Map<string, Map<string, string>>();
  const jarOf = (url: string) => {
    const { host } = new URL(url);
    const jar = jars.get(host) ?? new Map<string, string>();
    jars.set(host, jar);
    return jar;
  };

  async function once(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = jarOf(url);
    const headers = new Headers({ accept: "text/html", ...Object.fromEntries(new Headers(init.headers)) });
    if (jar.size > 0) headers.set("cookie", [...jar].map(([name, value]) => `${name}=${value}`).join("; "));
    const response = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of response.headers.getSetCookie()) {
      const [pair = "", ...attributes] = line.split("; ");
      const [name = "", value = ""] = pair.split(/=(.*)/s);
      const has = (attribute: string) => attributes.some((one) => one.toLowerCase() === attribute.toLowerCase());
      // A browser drops a `__Host-` cookie that is not of this host alone, whole and secure.
      if (name.startsWith("__Host-") && !(has("Secure") && has("Path=/") && !attributes.some((one) => /^domain=/i.test(one)))) continue;
      if (has("Max-Age=0")) jar.delete(name);
      else jar.set(name, value);
    }
    return response;
  }

  return {
    once,
    cookies: (url: string) => jarOf(url),
    /** Follows redirects to their end. @returns the answer there, its body, and every address on the way */
    async open(url: string, init: RequestInit = {}) {
      const way = [url];
      let response = await once(url, init);
      for (let hops = 0; hops < 10 && response.status >= 300 && response.status < 400; hops++) {
        const next = new URL(response.headers.get("location") ?? "", way.at(-1)).href;
        way.push(next);
        response = await once(next);
      }
      return { response, body: await response.text(), way };
    },
  };
}

// Bounded on both sides of the sign, so that a long run of letters is looked through once.
const email = /[\p{L}\p{N}._%+-]{1,64}@[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/gu;

/** E-mail addresses of one view as `<email:1>`, the same one always under the same number. */
export function emailHider(): (text: string) => string {
  const numbers = new Map<string, number>();
  return (text) =>
    text
      .replaceAll(email, (address) => {
        const key = address.toLowerCase();
        const number = numbers.get(key) ?? numbers.size + 1;
        numbers.set(key, number);
        return `<email:${number}>`;
      })
      // Slack makes links of them.
      .replaceAll(/(<email:\d+>) \(mailto:\1\)/g, "$1");
}

/** Files that wrangler puts into the Worker as text (see the rules of wrangler.toml). */
declare module "*.md" {
  const text: string;
  export default text;
}
declare module "*.yaml" {
  const text: string;
  export default text;
}

import type { Policy } from "../../guard/policy.ts";

/** Fields of a message that midwatch writes: no name or picture of another's, no file, nothing that Slack fetches by itself. */
const MESSAGE = ["channel", "text", "blocks", "thread_ts", "metadata", "unfurl_links", "unfurl_media", "parse", "link_names"];
/** Parts of blocks that Slack fetches from elsewhere. */
const FETCHED = ["image_url", "thumbnail_url", "video_url", "title_url", "slack_file", "external_id"];
const PLAIN = { parse: "none", link_names: false } as const;

/** The Web API takes any method as POST; what each does here is its effect. */
export const slackPolicy: Policy = {
  vendor: "slack",
  setting: "SLACK_API_URL",
  usual: "https://slack.com/api",
  rules: [
    { method: "POST", path: "/auth.test", effect: "read", purpose: "whose token it is" },
    { method: "POST", path: "/conversations.list", effect: "read", purpose: "a channel by its name" },
    { method: "POST", path: "/conversations.info", effect: "read", purpose: "whether a channel is shared with others" },
    { method: "POST", path: "/conversations.history", effect: "read", purpose: "messages of the incident's channel" },
    { method: "POST", path: "/conversations.replies", effect: "read", purpose: "the incident's thread" },
    { method: "POST", path: "/users.info", effect: "read", purpose: "a responder's name, and whether they are a member of the workspace" },
    { method: "POST", path: "/usergroups.users.list", effect: "read", purpose: "who is in a group that may say yes" },
    { method: "POST", path: "/chat.getPermalink", effect: "read", purpose: "a message's address" },
    {
      method: "POST",
      path: "/chat.postMessage",
      effect: "output",
      purpose: "a message in the incident's channel or thread",
      body: { only: MESSAGE, must: { ...PLAIN, unfurl_links: false, unfurl_media: false }, without: { blocks: FETCHED } },
    },
    {
      method: "POST",
      path: "/conversations.join",
      effect: "output",
      purpose: "joins the public channel of an incident, if the catalog allows it (incident_channels.join)",
      repeatable: true,
      body: { only: ["channel"] },
    },
    {
      method: "POST",
      path: "/conversations.create",
      effect: "output",
      purpose: "makes the public channel of an incident, if the catalog allows it (incident_channels.create)",
      repeatable: true,
      body: { only: ["name", "is_private"], must: { is_private: false } },
    },
    {
      method: "POST",
      path: "/conversations.setTopic",
      effect: "output",
      purpose: "the topic of a channel that midwatch made",
      repeatable: true,
      body: { only: ["channel", "topic"] },
    },
    {
      method: "POST",
      path: "/conversations.invite",
      effect: "output",
      purpose: "invites a paged person to a channel that midwatch made",
      repeatable: true,
      body: { only: ["channel", "users"] },
    },
    { method: "POST", path: "/bookmarks.list", effect: "read", purpose: "whether a channel that midwatch made has its link already" },
    {
      method: "POST",
      path: "/bookmarks.add",
      effect: "output",
      purpose: "the incident's page as a link at the top of a channel that midwatch made",
      body: { only: ["channel_id", "title", "type", "link"], must: { type: "link" } },
    },
    { method: "POST", path: "/users.lookupByEmail", effect: "read", purpose: "finds a paged person in Slack, to invite them" },
    {
      method: "POST",
      path: "/chat.update",
      effect: "output",
      purpose: "an edit of midwatch's own message",
      repeatable: true,
      body: { only: ["channel", "ts", "text", "blocks", "parse", "link_names"], must: PLAIN, without: { blocks: FETCHED } },
    },
    {
      method: "POST",
      path: "/chat.postEphemeral",
      effect: "output",
      purpose: "a reply that only the person who pressed a button or wrote can see",
      body: { only: ["channel", "user", "text", "blocks", "thread_ts", "parse", "link_names"], must: PLAIN, without: { blocks: FETCHED } },
    },
    {
      method: "POST",
      path: "/views.publish",
      effect: "output",
      purpose: "App Home: midwatch's own page in Slack, which only the person who opened it sees",
      repeatable: true,
      body: { only: ["user_id", "view"], without: { view: FETCHED } },
    },
    {
      method: "POST",
      path: "/views.open",
      effect: "output",
      purpose: "a dialog for the person who pressed a button or chose a shortcut",
      once: true,
      body: { only: ["trigger_id", "view"], without: { view: FETCHED } },
    },
    {
      method: "POST",
      path: "/canvases.create",
      effect: "output",
      purpose: "a postmortem draft as a canvas of the incident's channel, once a person has approved exactly this text",
      body: { only: ["title", "document_content", "channel_id"] },
    },
    {
      method: "POST",
      path: "/files.getUploadURLExternal",
      effect: "output",
      purpose: "where a chart's bytes go; nobody sees them until the chart is shared",
      repeatable: true,
      body: { only: ["filename", "length", "alt_txt"] },
    },
    {
      method: "POST",
      path: "/files.completeUploadExternal",
      effect: "output",
      purpose: "a chart as an image in the incident's thread",
      body: { only: ["files", "channel_id", "thread_ts"] },
    },
    { method: "POST", path: "/apps.connections.open", effect: "auth", purpose: "where to connect for Socket Mode" },
  ],
};

/** Slack names where a file's bytes go, by an address of its own, or of the host of SLACK_API_URL. */
export const slackFilePolicy: Policy = {
  vendor: "slack",
  setting: "SLACK_API_URL",
  usual: null,
  suffixes: [".slack.com"],
  rules: [{ method: "POST", path: "/upload/v1/{key...}", effect: "output", purpose: "a chart's bytes, a PNG", repeatable: true }],
};

/** Socket Mode: Slack names the address, which must be one of Slack's own, or SLACK_API_URL's. */
export const slackSocketPolicy: Policy = {
  vendor: "slack",
  setting: "SLACK_API_URL",
  usual: null,
  suffixes: [".slack.com"],
  rules: [{ method: "CONNECT", path: "/", effect: "read", purpose: "events, clicks and commands by Socket Mode" }],
};

import type { SlackIdentity } from "../integrations/slack/client.ts";
import type { RefusalCode } from "../incident/refusal.ts";
import type { RestUser } from "../integrations/slack/schema.ts";

/**
 * Why a person may not act in this workspace; null for a full member.
 * Guests see the channels that they were let into, and may be anybody: they are heard, and release nothing. In an organisation of several
 * workspaces (Enterprise Grid) full members of the organisation who belong to this workspace may act, even if another workspace is their first.
 */
export function standingOf(user: RestUser, workspace: Pick<SlackIdentity, "teamId" | "enterpriseId">): RefusalCode | null {
  if (user.is_bot || user.is_app_user || user.is_workflow_bot || user.id === "USLACKBOT") return "bot";
  if (user.deleted) return "deactivated";
  if (user.is_invited_user) return "not-joined";
  if (user.is_stranger) return "other-organisation";
  if (user.is_restricted || user.is_ultra_restricted) return "guest";
  const { enterpriseId, teamId } = workspace;
  const { enterprise_user: organisation } = user;
  // On Grid the team of a user may be any of theirs, or the organisation itself: only the list of all of them shows it.
  const isOurs =
    enterpriseId !== null && organisation?.enterprise_id === enterpriseId
      ? (organisation.teams?.includes(teamId) ?? false)
      : user.team_id === teamId;
  return isOurs ? null : "other-workspace";
}

/** The bounds on repeats keep the search linear on hostile text. */
const USER_INFO = /([a-z][a-z0-9+.-]{0,30}:\/\/)([^\s/?#]*)@/gi;
const SECRET_QUERY =
  /([?&;][^=&#\s]{0,32}(?:token|secret|passw|key|sig|auth|credential)[^=&#\s]{0,32}=)[^&#\s]+/gi;

/**
 * Hides credentials in every URL of a text meant for display: user names and passwords
 * (`https://***@host`) and query values whose name says secret. A bare `git@`, which is no secret,
 * stays. Text without a URL comes back as it was.
 */
export function redactUrl(text: string): string {
  return text
    .replace(USER_INFO, (whole, scheme: string, user: string) =>
      user === 'git' ? whole : `${scheme}***@`,
    )
    .replace(SECRET_QUERY, '$1***');
}

/** Cookies as a browser keeps them (RFC 6265), as far as one site with paths needs it. */
export interface CookieJar {
  keep(setCookies: readonly string[]): void;
  /** The Cookie field for a path. */
  header(path: string): string;
}

export const createCookieJar = (): CookieJar => {
  const cookies = new Map<string, { name: string; value: string; path: string }>();
  return {
    keep(setCookies) {
      for (const line of setCookies) {
        const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
        const [name = '', ...value] = pair.split('=');
        const path = attributes.find((one) => /^path=/i.test(one))?.slice('path='.length) ?? '/';
        cookies.set(`${name} ${path}`, { name, value: value.join('='), path });
      }
    },
    header: (path) =>
      [...cookies.values()]
        .filter((cookie) => cookie.value !== '' && path.startsWith(cookie.path))
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
  };
};

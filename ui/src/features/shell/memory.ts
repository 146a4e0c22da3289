/** Small choices of this window, kept between starts. Nothing about customers. */
type Kept = "env" | "theme" | "single-keys";

const key = (name: Kept) => `tokendesk.${name}`;

export function recall(name: Kept): string | null {
  try {
    return window.localStorage.getItem(key(name));
  } catch {
    return null;
  }
}

export function remember(name: Kept, value: string): void {
  try {
    window.localStorage.setItem(key(name), value);
  } catch {
    // Without storage the choice lasts until the window closes.
  }
}

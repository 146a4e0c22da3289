import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";
import en from "./en.json";

const SOURCE = join(import.meta.dirname, "..");

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return ["contract", "test", "fake"].includes(entry.name) ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) && !entry.name.includes(".test.") ? [path] : [];
  });
}

const files = sources(SOURCE).map((path) => ({ path, text: readFileSync(path, "utf8") }));
const ids = Object.keys(en);

describe("the message catalogue", () => {
  it("has each id once", () => {
    const written = [...readFileSync(join(import.meta.dirname, "en.json"), "utf8").matchAll(/^ {2}"([^"]+)":/gm)].map(
      (m) => m[1],
    );
    expect(written.filter((id, at) => written.indexOf(id) !== at)).toEqual([]);
    expect(written.length).toBe(ids.length);
  });

  it("has no id that nothing says", () => {
    const all = files.map((f) => f.text).join("\n");
    expect(ids.filter((id) => !all.includes(`"${id}"`))).toEqual([]);
  });

  it("has every id that is said", () => {
    const said = files.flatMap(({ text }) => [
      ...[...text.matchAll(/<Say\s+id="([^"]+)"/g)].map((m) => m[1]),
      ...[...text.matchAll(/\btext\("([^"]+)"/g)].map((m) => m[1]),
    ]);
    expect(said.length).toBeGreaterThan(100);
    expect(said.filter((id) => !ids.includes(id as string))).toEqual([]);
  });

  it("has only messages that can be read", () => {
    for (const [id, message] of Object.entries(en)) {
      expect(() => new IntlMessageFormat(message, "en-GB"), id).not.toThrow();
    }
  });

  it("holds every word that a screen shows", () => {
    // Words between tags, or in an attribute that is read out, without going through the catalogue.
    const loose = files
      .filter(({ path }) => path.endsWith(".tsx"))
      .flatMap(({ path, text }) => [
        ...[...text.matchAll(/>\s*([A-Z][a-z]+(?: [a-z]+)+)[.:]?\s*</g)].map((m) => `${path}: ${m[1]}`),
        ...[...text.matchAll(/(?:aria-label|title|placeholder|label)="([A-Z][^"]*)"/g)].map((m) => `${path}: ${m[1]}`),
      ]);
    expect(loose).toEqual([]);
  });
});

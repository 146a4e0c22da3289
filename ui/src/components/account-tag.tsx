import type { AccountTag } from "../contract";

/** Two letters; the whole name for the pointer and for screen readers. */
export function AccountTagMark({ tag }: { tag: AccountTag }) {
  const name = `${tag.provider_name}, ${tag.label}`;
  return (
    <span className="ab" title={name}>
      <span aria-hidden="true">{tag.code}</span>
      <span className="sr">{name}</span>
    </span>
  );
}

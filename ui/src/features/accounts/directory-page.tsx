/** The customers this desk was told of, for systems that list none: imported, added, removed. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { Button, IconButton } from "../../components/button";
import { Confirm } from "../../components/dialog";
import { ProblemNote } from "../../components/problem";
import { useWaitedLong } from "../../components/skeleton";
import { Day } from "../../components/time";
import type { AccountView, DirectoryItem, DirectoryPage as Page, Problem } from "../../contract";
import { Say, useText } from "../../messages/text";
import { asProblem } from "../../platform/platform";
import { useAct, usePlatform } from "../../platform/queries";
import { AddToDirectoryDialog } from "./add-to-directory-dialog";
import { ImportDialog } from "./import-dialog";

const PAGE = 200;
const ROW = 34;

function useDirectory(account: string) {
  const platform = usePlatform();
  return useInfiniteQuery<Page, Problem, { pages: Page[] }, readonly unknown[], string | null>({
    queryKey: ["accounts", "list_directory", { account }],
    queryFn: ({ pageParam }) =>
      platform
        .call("list_directory", { account_id: account, after: pageParam, limit: PAGE })
        .catch((error: unknown) => {
          throw asProblem(error);
        }),
    initialPageParam: null,
    getNextPageParam: (last) => last.next,
  });
}

export function DirectoryPage({ account }: { account: AccountView }) {
  const directory = useDirectory(account.id);
  const long = useWaitedLong(directory.isPending);
  const [importing, setImporting] = useState(false);
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<DirectoryItem | null>(null);
  const pages = directory.data?.pages ?? [];
  const items = pages.flatMap((x) => x.items);
  const total = pages[0]?.total ?? 0;
  return (
    <section aria-labelledby="directory-title" className="directory">
      <div className="line-row dir-head">
        <h2 id="directory-title" className="h3 grow">
          <Say id="directory.title" n={total} />
        </h2>
        <Button icon="plus" onPress={() => setAdding(true)} data-testid="directory-add">
          <Say id="directory.add" />
        </Button>
        <Button icon="file" kind="primary" onPress={() => setImporting(true)} data-testid="directory-import">
          <Say id="directory.import" />
        </Button>
      </div>
      <p className="c-2">
        <Say id="directory.text" provider={account.provider_name} tokens={account.imports_tokens ? "yes" : "no"} />
      </p>
      {directory.error && (
        <ProblemNote problem={directory.error}>
          <Button onPress={() => void directory.refetch()}>
            <Say id="action.tryAgain" />
          </Button>
        </ProblemNote>
      )}
      {long && [0, 1, 2].map((n) => <span key={n} className="sk" style={{ width: 260 - n * 40 }} aria-hidden="true" />)}
      {directory.data && total === 0 && (
        <div className="panel dir-none">
          <p className="med">
            <Say id="directory.none" />
          </p>
          <p className="c-2">
            <Say id="directory.none.text" provider={account.provider_name} />
          </p>
        </div>
      )}
      {items.length > 0 && (
        <Rows
          items={items}
          total={total}
          tokens={account.imports_tokens}
          more={() => directory.hasNextPage && !directory.isFetchingNextPage && void directory.fetchNextPage()}
          onRemove={setRemoving}
        />
      )}
      {importing && <ImportDialog account={account} onClose={() => setImporting(false)} />}
      {adding && <AddToDirectoryDialog account={account} onClose={() => setAdding(false)} />}
      {removing && <Remove account={account} item={removing} onClose={() => setRemoving(null)} />}
    </section>
  );
}

interface RowsProps {
  items: DirectoryItem[];
  total: number;
  tokens: boolean;
  more: () => void;
  onRemove: (item: DirectoryItem) => void;
}

/** A list of its own height: a directory may hold a hundred thousand. */
function Rows({ items, total, tokens, more, onRemove }: RowsProps) {
  const text = useText();
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: (i) => items[i]?.customer_id ?? i,
    overscan: 8,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? 0;
  useEffect(() => {
    if (items.length < total && last >= items.length - 20) more();
  }, [items.length, total, last, more]);
  return (
    <div
      role="table"
      aria-label={text("directory.label")}
      aria-rowcount={total + 1}
      className="panel dir"
      data-tokens={tokens || undefined}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be reached by the keyboard */}
      <div ref={scroller} className="dir-rows" role="rowgroup" tabIndex={0} data-scroll>
        <div role="row" className="dir-row dir-cols" aria-rowindex={1}>
          <span role="columnheader">
            <Say id="directory.customerId" />
          </span>
          <span role="columnheader">
            <Say id="directory.email" />
          </span>
          <span role="columnheader">
            <Say id="directory.name" />
          </span>
          {tokens && (
            <span role="columnheader" className="num">
              <Say id="directory.tokens" />
            </span>
          )}
          <span role="columnheader">
            <Say id="directory.imported" />
          </span>
          <span role="columnheader">
            <span className="sr">
              <Say id="cards.actions" />
            </span>
          </span>
        </div>
        <div role="presentation" className="virtual" style={{ height: virtual.getTotalSize() }}>
          {rows.map((row) => {
            const item = items[row.index];
            return (
              item && (
                <div
                  key={row.key}
                  role="row"
                  aria-rowindex={row.index + 2}
                  className="dir-row placed"
                  style={{ transform: `translateY(${row.start}px)` }}
                  data-testid="directory-row"
                >
                  <span role="cell" className="id cut pick" title={item.shown_id ?? undefined}>
                    {item.shown_id ?? "–"}
                  </span>
                  <span role="cell" className="cut pick" title={item.email ?? undefined}>
                    {item.email ?? <span className="c-3">–</span>}
                  </span>
                  <span role="cell" className="cut" title={item.name ?? undefined}>
                    {item.name ? <bdi>{item.name}</bdi> : <span className="c-3">–</span>}
                  </span>
                  {tokens && (
                    <span role="cell" className="num">
                      <Say id="number" n={item.tokens} />
                    </span>
                  )}
                  <span role="cell" className="c-2 f12">
                    <Day at={item.imported_at} />
                  </span>
                  <span role="cell">
                    <IconButton
                      icon="trash"
                      label={text("directory.removeOf", { id: item.shown_id ?? item.email ?? item.name ?? "" })}
                      onPress={() => onRemove(item)}
                      data-testid="directory-remove"
                    />
                  </span>
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

function Remove({ account, item, onClose }: { account: AccountView; item: DirectoryItem; onClose: () => void }) {
  const remove = useAct("remove_from_directory", ["accounts", "cards"]);
  return (
    <Confirm
      danger
      title={<Say id="directory.remove.title" />}
      action={<Say id="directory.remove.action" />}
      keep={<Say id="directory.remove.keep" />}
      busy={remove.isPending}
      problem={remove.error}
      onClose={onClose}
      onConfirm={() => remove.mutate({ account_id: account.id, customer_id: item.customer_id }, { onSuccess: onClose })}
      testId="confirm-directory-remove"
    >
      <p>
        <Say
          id="directory.remove.text"
          who={item.email ?? item.name ?? item.shown_id ?? item.customer_id}
          provider={account.provider_name}
        />
      </p>
    </Confirm>
  );
}

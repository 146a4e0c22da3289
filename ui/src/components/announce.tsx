/** One polite live region for the window: what changed, for those who cannot see it change. */
import { createContext, type ReactNode, useCallback, useContext, useState } from "react";

const AnnounceContext = createContext<(words: string) => void>(() => {});

export function Announcements({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ words: "", turn: 0 });
  const announce = useCallback((words: string) => setSaid((old) => ({ words, turn: old.turn + 1 })), []);
  return (
    <AnnounceContext.Provider value={announce}>
      {children}
      {/* The same words twice are two messages: the key makes a new node of the second. */}
      <div role="status" aria-live="polite" className="sr">
        <span key={said.turn}>{said.words}</span>
      </div>
    </AnnounceContext.Provider>
  );
}

export const useAnnounce = () => useContext(AnnounceContext);

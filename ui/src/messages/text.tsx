/** Every visible word comes from here. Ids are checked by the compiler, and by a test against the catalogue. */
import type { ReactNode } from "react";
import { useCallback } from "react";
import { FormattedMessage, IntlProvider, useIntl } from "react-intl";
import en from "./en.json";

export type MessageId = keyof typeof en;
export type Values = Record<string, string | number | boolean | Date | null | undefined>;

// Day before month, 24 hours: as in every other place where staff read dates of payments.
const LOCALE = "en-GB";

// It would have the catalogue compiled for speed. These few hundred short messages are read once each.
const unmoved = () => {};

const rich = {
  b: (chunks: ReactNode[]) => <b>{chunks}</b>,
  id: (chunks: ReactNode[]) => <span className="id">{chunks}</span>,
};

export function Messages({ children }: { children: ReactNode }) {
  return (
    <IntlProvider locale={LOCALE} defaultLocale={LOCALE} messages={en} defaultRichTextElements={rich} onWarn={unmoved}>
      {children}
    </IntlProvider>
  );
}

/** For attributes and announcements; takes no markup. */
export function useText() {
  const intl = useIntl();
  return useCallback((id: MessageId, values?: Values): string => String(intl.formatMessage({ id }, values)), [intl]);
}

export function Say({ id, ...values }: { id: MessageId } & Record<string, unknown>) {
  return <FormattedMessage id={id} values={values as Values} />;
}

export function messageOf(id: string): string | undefined {
  return (en as Record<string, string>)[id];
}

/** Ada and a few others with cards in five payment systems, each as that system would tell it. */
import type { DirectoryItem } from "../../contract";
import { c, type PersonPlan, SHOWCASE } from "./people";
import type { Account } from "./records";

/** Places of the accounts in the order they are connected. */
const [CH, CH2, EU, JP, MARKET, LAB] = [0, 1, 2, 3, 4, 5];

const ADA: PersonPlan = {
  email: "ada@lindqvist.example.com",
  name: "Ada Lindqvist",
  at: [
    {
      account: CH,
      customerId: "C-204881",
      cards: [
        c("visa", "4242", 21),
        c("mastercard", "0057", 1),
        c("visa", "7743", 4, { state: "deleting", purgeDays: 4 }),
      ],
    },
    { account: CH2, customerId: "C-990017", cards: [c("visa", "4242", 21)] },
    {
      account: EU,
      customerId: "cust_Vq8mZr2LxT0n",
      cards: [
        c("amex", "1008", 14, { isDefault: true, verification: "verified", chargeable: true }),
        c("visa", "6610", -2, {
          state: "inactive",
          oneClick: false,
          isDefault: false,
          verification: "failed",
          chargeable: false,
        }),
        c("mastercard", "5454", 9, {
          oneClick: null,
          activeNotSet: true,
          isDefault: false,
          verification: "not-requested",
          chargeable: true,
        }),
      ],
    },
    {
      account: EU,
      customerId: "cust_Pw3nKd81qR7z",
      cards: [c("visa", "2290", 5, { isDefault: true, chargeable: true })],
    },
    { account: JP, customerId: "7fk2m0x9q4td", cards: [c("jcb", "3311", 28, { oneClick: null, activeNotSet: true })] },
    {
      account: MARKET,
      customerId: "ada.lindqvist-0093",
      cards: [
        c("mastercard", "9087", 7, {
          state: "inactive",
          oneClick: null,
          isDefault: false,
          blockReason: "Buyer reported the card as lost, ticket 4471",
        }),
        c("visa", "1881", 19, { oneClick: null, isDefault: true }),
      ],
    },
    {
      account: LAB,
      customerId: "cus_Qe71MzPq",
      cards: [c("visa", "0259", 16, { oneClick: null, kind: "Recurring mandate" })],
    },
  ],
};

const SHELLS: PersonPlan[] = [
  {
    email: "hana.sato@example.net",
    name: "佐藤 花",
    at: [
      {
        account: JP,
        customerId: "9qd81mm2x0ab",
        cards: [],
        noCards: "KOMOJU tells no card of this customer: it was not completed, or it is hidden.",
      },
      {
        account: MARKET,
        customerId: "hana-0412",
        cards: [],
        noCards: "Zafapay reports no saved cards for this id. That proves nothing about earlier ones.",
      },
      {
        account: EU,
        customerId: "cust_0aB1cD2eF3",
        cards: [c("visa", "7717", 12, { isDefault: true, chargeable: true })],
      },
    ],
  },
];

export const FIVE: PersonPlan[] = [ADA, ...SHELLS, ...SHOWCASE.slice(1)];

/** As if a file had been imported last week. */
export function fillDirectory(account: Account, n: number): void {
  const imported_at = new Date(Date.now() - 7 * 86_400_000).toISOString();
  const tokens = account.system.importsTokens ? 1 : 0;
  const known: DirectoryItem[] = [
    {
      customer_id: "ada.lindqvist-0093",
      shown_id: "ada.lindqvist-0093",
      email: "ada@lindqvist.example.com",
      name: "Ada Lindqvist",
      tokens,
      imported_at,
    },
    {
      customer_id: "hana-0412",
      shown_id: "hana-0412",
      email: "hana.sato@example.net",
      name: "佐藤 花",
      tokens,
      imported_at,
    },
  ];
  for (let i = known.length; i < n; i += 1) {
    known.push({
      customer_id: `shop-${String(1000 + i)}`,
      shown_id: `shop-${String(1000 + i)}`,
      email: i % 9 === 0 ? null : `customer${i}@example.com`,
      name: i % 4 === 0 ? null : `Customer ${i}`,
      tokens,
      imported_at,
    });
  }
  account.directory = known.sort((a, b) => a.customer_id.localeCompare(b.customer_id));
}

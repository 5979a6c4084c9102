import type { ComponentType } from "react";
import { OpenCount } from "@/dead_letters/OpenCount";
import {
  AlertIcon,
  BuildingIcon,
  ChatIcon,
  DeadLetterIcon,
  KeyIcon,
  LogIcon,
  MailIcon,
  OperationsIcon,
  PhoneIcon,
  RulesIcon,
  SandboxIcon,
  SettingsIcon,
  TeamIcon,
  TemplateIcon,
  WebhookIcon,
} from "@/parts/icons";
import { words } from "@/words/shell";

export interface PageLink {
  path: string;
  title: string;
  icon: ComponentType<{ size?: number }>;
  /** The permission without which the page explains instead of showing anything. */
  permission: string;
  /** The letter after G that goes there. */
  key?: string;
  /** How much there is to do on the page, beside its link. */
  count?: ComponentType;
}

export interface Area {
  path: string;
  title: string;
  icon: ComponentType<{ size?: number }>;
  pages: PageLink[];
}

const { pages } = words;

export const AREAS: Area[] = [
  {
    path: "/settings",
    title: words.areas.settings,
    icon: SettingsIcon,
    pages: [
      { path: "/settings", title: pages.overview, icon: SettingsIcon, permission: "status:view", key: "s" },
      {
        path: "/settings/integrations",
        title: pages.integrations,
        icon: ChatIcon,
        permission: "integrations:view",
        key: "i",
      },
      {
        path: "/settings/email-accounts",
        title: pages.emailAccounts,
        icon: MailIcon,
        permission: "email_accounts:view",
        key: "e",
      },
      {
        path: "/settings/templates",
        title: pages.emailTemplates,
        icon: TemplateIcon,
        permission: "email_templates:view",
      },
      {
        path: "/settings/rules",
        title: pages.rules,
        icon: RulesIcon,
        permission: "email_rules:view",
        key: "r",
      },
      { path: "/settings/team", title: pages.team, icon: TeamIcon, permission: "team:view", key: "t" },
      {
        path: "/settings/phone-numbers",
        title: pages.phoneNumbers,
        icon: PhoneIcon,
        permission: "phone_numbers:view",
        key: "n",
      },
      {
        path: "/settings/organization",
        title: pages.organization,
        icon: BuildingIcon,
        permission: "organizations:view",
      },
    ],
  },
  {
    path: "/operations/diagnostics",
    title: words.areas.operations,
    icon: OperationsIcon,
    pages: [
      {
        path: "/operations/diagnostics",
        title: pages.diagnostics,
        icon: AlertIcon,
        permission: "diagnostics:view",
        key: "d",
      },
      {
        path: "/operations/webhooks",
        title: pages.webhooks,
        icon: WebhookIcon,
        permission: "webhooks:view",
        key: "w",
      },
      {
        path: "/operations/dead-letters",
        title: pages.deadLetters,
        icon: DeadLetterIcon,
        permission: "dead_letters:view",
        count: OpenCount,
        key: "l",
      },
      {
        path: "/operations/audit-log",
        title: pages.auditLog,
        icon: LogIcon,
        permission: "audit:view",
        key: "a",
      },
      {
        path: "/operations/encryption",
        title: pages.encryption,
        icon: KeyIcon,
        permission: "encryption:rotate",
      },
    ],
  },
];

/** The page on which somebody plays the customer; only where Exotel and the mail server are simulated. */
export const SANDBOX: Area = {
  path: "/sandbox",
  title: words.areas.sandbox,
  icon: SandboxIcon,
  pages: [],
};

/** Return the area that a path belongs to. */
export function areaOf(path: string): Area | undefined {
  return AREAS.find((area) =>
    area.pages.some((page) => path === page.path || path.startsWith(`${page.path}/`)),
  );
}

/** Return the most exact page of a path. */
export function pageOf(path: string): PageLink | undefined {
  const pages = AREAS.flatMap((area) => area.pages).filter(
    (page) => path === page.path || path.startsWith(`${page.path}/`),
  );
  return pages.sort((one, other) => other.path.length - one.path.length)[0];
}

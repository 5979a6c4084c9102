import type { ReactNode } from "react";

/** An icon beside a text; it says nothing of its own. */
function icon(content: ReactNode) {
  return ({ size = 18 }: { size?: number }) => {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 24 24"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.8"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {content}
      </svg>
    );
  };
}

export const CheckIcon = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const CrossIcon = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const AlertIcon = icon(<path d="M12 4l9 16H3zM12 10v4M12 17v.5" />);
export const InfoIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 11v5M12 7.5v.5" />
  </>,
);
export const PauseIcon = icon(<path d="M8 5v14M16 5v14" />);
export const DotIcon = icon(<circle cx="12" cy="12" r="4" />);
export const ClockIcon = icon(
  <>
    <circle cx="12" cy="12" r="9" />
    <path d="M12 7v5l3.5 2" />
  </>,
);
export const SearchIcon = icon(
  <>
    <circle cx="11" cy="11" r="6.5" />
    <path d="M16 16l4.5 4.5" />
  </>,
);
export const SettingsIcon = icon(
  <>
    <path d="M4 7h9M19 7h1M4 17h1M11 17h9" />
    <circle cx="16" cy="7" r="2.5" />
    <circle cx="8" cy="17" r="2.5" />
  </>,
);
export const OperationsIcon = icon(<path d="M3 12h4l3 7 4-14 3 7h4" />);
export const SandboxIcon = icon(
  <path d="M9 3h6M10 3v6l-5 9.5A1.7 1.7 0 006.500 21h11a1.700 1.700 0 001.500-2.500L14 9V3M7.500 15h9" />,
);
export const UserIcon = icon(
  <>
    <circle cx="12" cy="8" r="4" />
    <path d="M4.500 20c1.500-4 4.500-5.500 7.500-5.500s6 1.500 7.500 5.500" />
  </>,
);
export const TeamIcon = icon(
  <>
    <circle cx="9" cy="8" r="3.500" />
    <path d="M2.500 19c1-3.500 3.700-5 6.500-5s5.500 1.500 6.500 5M16 5a3.500 3.500 0 010 6.500M18 14.500c1.800.8 3 2.300 3.500 4.500" />
  </>,
);
export const PhoneIcon = icon(
  <path d="M5 4h4l1.500 5-2.500 1.500a12 12 0 005.500 5.500l1.500-2.500 5 1.500v4c0 1-1 1.500-2 1.500C10 20 4 14 3.500 6 3.500 5 4 4 5 4z" />,
);
export const ChatIcon = icon(<path d="M4 5h16v11H11l-5 4v-4H4z" />);
export const SmsIcon = icon(
  <>
    <path d="M4 5h16v11H11l-5 4v-4H4z" />
    <path d="M8.500 10.500h.01M12 10.500h.01M15.500 10.500h.01" />
  </>,
);
export const MailIcon = icon(
  <>
    <rect x="3" y="5" width="18" height="14" rx="2" />
    <path d="M3.500 7l8.500 6 8.500-6" />
  </>,
);
export const BellIcon = icon(<path d="M6 16V11a6 6 0 0112 0v5l1.500 2h-15zM10 20.500h4" />);
export const KeyIcon = icon(
  <>
    <circle cx="8" cy="15" r="4" />
    <path d="M11 12l8-8M16 7l3 3" />
  </>,
);
export const PlusIcon = icon(<path d="M12 5v14M5 12h14" />);
export const TrashIcon = icon(<path d="M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5" />);
export const EditIcon = icon(<path d="M4 20l1-4.500L16 4.500l3.500 3.500L8.500 19z" />);
export const RefreshIcon = icon(<path d="M20 11a8 8 0 10-2.500 6M20 5v6h-6" />);
export const CopyIcon = icon(
  <>
    <rect x="8" y="8" width="12" height="12" rx="2" />
    <path d="M16 8V4H4v12h4" />
  </>,
);
export const EyeIcon = icon(
  <>
    <path d="M2.500 12S6 5.500 12 5.500 21.500 12 21.500 12 18 18.500 12 18.500 2.500 12 2.500 12z" />
    <circle cx="12" cy="12" r="2.800" />
  </>,
);
export const EyeOffIcon = icon(
  <path d="M4 4l16 16M9.500 6a9 9 0 0112 6 14 14 0 01-2.500 3.500M6 8a14 14 0 00-3.500 4s3.500 6.500 9.500 6.500c1.200 0 2.300-.2 3.300-.6" />,
);
export const UpIcon = icon(<path d="M6 15l6-6 6 6" />);
export const DownIcon = icon(<path d="M6 9l6 6 6-6" />);
export const RightIcon = icon(<path d="M9 6l6 6-6 6" />);
export const LeftIcon = icon(<path d="M15 6l-6 6 6 6" />);
export const MoreIcon = icon(<path d="M5 12h.01M12 12h.01M19 12h.01" />);
export const DownloadIcon = icon(<path d="M12 4v11M7 10.500l5 5 5-5M5 20h14" />);
export const SendIcon = icon(<path d="M4 12l16-8-6 16-3-6.500z" />);
export const FilterIcon = icon(<path d="M4 5h16l-6.500 8v6l-3-1.500V13z" />);
export const BuildingIcon = icon(
  <path d="M5 21V4h10v17M15 10h4v11M3 21h18M8.500 8h3M8.500 12h3M8.500 16h3" />,
);
export const RulesIcon = icon(<path d="M4 6h10M4 12h7M4 18h10M17 9l3 3-3 3M11 12h9" />);
export const TemplateIcon = icon(<path d="M5 4h14v16H5zM8.500 8.500h7M8.500 12h7M8.500 15.500h4" />);
export const LogIcon = icon(<path d="M5 4h14v16H5zM8.500 9h.01M12 9h4M8.500 15h.01M12 15h4" />);
export const DeadLetterIcon = icon(
  <>
    <rect x="3" y="5" width="18" height="14" rx="2" />
    <path d="M9.500 9.500l5 5M14.500 9.500l-5 5" />
  </>,
);
export const WebhookIcon = icon(<path d="M4 12h12M12 7l5 5-5 5M20 5v14" />);
export const LogOutIcon = icon(<path d="M14 5H5v14h9M10 12h11M17 8l4 4-4 4" />);
export const KeyboardIcon = icon(
  <>
    <rect x="3" y="6" width="18" height="12" rx="2" />
    <path d="M7 10h.01M11 10h.01M15 10h.01M7 14h10" />
  </>,
);

import type { MantineThemeOverride } from "@mantine/core";

/** Ready for `window.setTimeout`; no motion is longer. */
export const MOTION_MS = 120;

/**
 * The look of every Mantine component.
 *
 * The defaults fail WCAG's contrast in errors, placeholders and dark filled buttons, and leave close buttons without a
 * name. Scroll is never locked, since Mantine would write a `<style>` element that the security policy refuses.
 */
export const theme: MantineThemeOverride = {
  primaryColor: "indigo",
  primaryShade: { light: 7, dark: 7 },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.25rem" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "3px", sm: "4px", md: "6px", lg: "8px", xl: "8px" },
  defaultRadius: "sm",
  cursorType: "pointer",
  respectReducedMotion: true,
  headings: {
    fontWeight: "600",
    sizes: { h1: { fontSize: "1.25rem" }, h2: { fontSize: "1rem" }, h3: { fontSize: "0.875rem" } },
  },
  components: {
    Modal: {
      defaultProps: {
        lockScroll: false,
        centered: true,
        transitionProps: { duration: MOTION_MS },
        closeButtonProps: { "aria-label": "Close" },
      },
    },
    Drawer: {
      defaultProps: {
        lockScroll: false,
        position: "right",
        transitionProps: { duration: MOTION_MS },
        closeButtonProps: { "aria-label": "Close" },
      },
    },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Close" } } },
    Popover: { defaultProps: { transitionProps: { duration: MOTION_MS } } },
    Menu: { defaultProps: { transitionProps: { duration: MOTION_MS }, withInitialFocusPlaceholder: false } },
    Tooltip: {
      defaultProps: { withArrow: true, openDelay: 300, events: { hover: true, focus: true, touch: true } },
    },
    Button: { defaultProps: { size: "sm" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray", size: "md" } },
    TextInput: { defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } },
    Textarea: { defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } },
    NumberInput: { defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } },
    Select: { defaultProps: { inputWrapperOrder: ["label", "input", "description", "error"] } },
    Table: { defaultProps: { verticalSpacing: "xs", horizontalSpacing: "sm" } },
  },
};

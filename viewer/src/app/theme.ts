/** Mantine in the colours, sizes and type of tokens.css. */

import { createTheme, type MantineColorsTuple, Menu, Modal, Popover, Switch, Tooltip } from "@mantine/core";

/** From text to the ground; the places are Mantine's: 0 text, 2 dimmed, 4 border, 6 control, 7 body. */
const dark: MantineColorsTuple = [
  "#e6ebf2",
  "#a9b4c2",
  "#8390a0",
  "#8390a0",
  "#35414f",
  "#232c38",
  "#1b222c",
  "#141920",
  "#0e1116",
  "#0b0d11",
];

const select: MantineColorsTuple = [
  "#e7f1ff",
  "#cfe2ff",
  "#a3c9ff",
  "#79b3ff",
  "#4c9dff",
  "#3d8bea",
  "#2f6fc4",
  "#2a62ad",
  "#235293",
  "#1a3f73",
];

const still = { duration: 0 };

export const theme = createTheme({
  fontFamily: "var(--font)",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace",
  fontSizes: { xs: "11px", sm: "12px", md: "13px", lg: "15px", xl: "18px" },
  lineHeights: { xs: "1.35", sm: "1.4", md: "1.4", lg: "1.35", xl: "1.3" },
  spacing: { xs: "4px", sm: "8px", md: "12px", lg: "16px", xl: "24px" },
  radius: { xs: "3px", sm: "5px", md: "8px", lg: "8px", xl: "8px" },
  defaultRadius: "sm",
  colors: { dark, select },
  primaryColor: "select",
  primaryShade: 6,
  cursorType: "pointer",
  shadows: { xs: "none", sm: "none", md: "none", lg: "none", xl: "none" },
  headings: { fontWeight: "640", sizes: { h1: { fontSize: "18px" }, h2: { fontSize: "15px" } } },
  components: {
    Switch: Switch.extend({ defaultProps: { withThumbIndicator: false } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, offset: 6, transitionProps: still } }),
    Menu: Menu.extend({ defaultProps: { offset: 4, returnFocus: false, transitionProps: still } }),
    Popover: Popover.extend({ defaultProps: { offset: 6, transitionProps: still } }),
    Modal: Modal.extend({
      defaultProps: {
        centered: true,
        transitionProps: still,
        overlayProps: { backgroundOpacity: 0.55, transitionProps: still },
        radius: "md",
        closeButtonProps: { "aria-label": "Close" },
      },
    }),
  },
});

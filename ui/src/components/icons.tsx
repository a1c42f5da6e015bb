import type { ReactNode } from "react";

function Icon({ children, size = 16 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.4"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

export const Logo = () => (
  <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
    <path
      d="M1 6c4-3 6 3 10 0s6 1 8-1M1 11c4-3 6 3 10 0s6 1 8-1M1 16c4-3 6 3 10 0s6 1 8-1"
      fill="none"
      stroke="var(--accent)"
      strokeWidth="1.8"
    />
  </svg>
);

export const Sun = () => (
  <Icon>
    <circle cx="8" cy="8" r="2.8" />
    <path d="M8 1.5v1.3M8 13.2v1.3M1.5 8h1.3M13.2 8h1.3M3.4 3.4l.9.9M11.7 11.7l.9.9M3.4 12.6l.9-.9M11.7 4.3l.9-.9" />
  </Icon>
);

export const Moon = () => (
  <Icon>
    <path d="M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z" />
  </Icon>
);

export const Pencil = () => (
  <Icon size={14}>
    <path d="M10.9 2.6l2.5 2.5-7.6 7.6-3.2.7.7-3.2z" />
  </Icon>
);

export const Cross = () => (
  <Icon size={14}>
    <path d="M4 4l8 8M12 4l-8 8" />
  </Icon>
);

export const Plus = () => (
  <Icon size={14}>
    <path d="M8 3v10M3 8h10" />
  </Icon>
);

export const Copy = () => (
  <Icon size={14}>
    <rect x="5.5" y="5.5" width="8" height="8" rx="1.5" />
    <path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
  </Icon>
);

export const Tick = () => (
  <Icon size={14}>
    <path d="M3 8.5l3.2 3.2L13 4.8" />
  </Icon>
);

export const Down = () => (
  <Icon size={12}>
    <path d="M4 6l4 4 4-4" />
  </Icon>
);

export const Right = () => (
  <Icon size={12}>
    <path d="M6 4l4 4-4 4" />
  </Icon>
);

export const Dots = () => (
  <Icon size={14}>
    <path d="M8 3.5v.01M8 8v.01M8 12.5v.01" strokeWidth="2" />
  </Icon>
);

export const Download = () => (
  <Icon size={14}>
    <path d="M8 2.5v7.5M4.8 7L8 10.2 11.2 7M2.8 13.3h10.4" />
  </Icon>
);

export const Folder = () => (
  <Icon size={14}>
    <path d="M1.8 4.2c0-.6.4-1 1-1h3l1.6 1.7h5.8c.6 0 1 .4 1 1v6c0 .6-.4 1-1 1H2.800c-.6 0-1-.4-1-1z" />
  </Icon>
);

export const File = () => (
  <Icon size={14}>
    <path d="M4 1.800h5l3.200 3.200v9.200H4zM9 1.800v3.200h3.200" />
  </Icon>
);

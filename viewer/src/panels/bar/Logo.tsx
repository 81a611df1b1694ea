/** The mark: a path through space and time, its two ends the poses that are known. */
export function Logo({ size = 22 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 22 22" fill="none" aria-hidden="true">
      <path
        d="M4 17.5 C6.5 17.5 6.2 5 9.2 5 C12.2 5 10.4 16 13.4 16 C15.8 16 16 9 18 5"
        stroke="var(--select)"
        strokeWidth="2"
        strokeLinecap="round"
      />
      <circle cx="4" cy="17.5" r="2.2" fill="var(--text)" />
      <circle cx="18" cy="4.6" r="2.2" fill="var(--text)" />
    </svg>
  );
}

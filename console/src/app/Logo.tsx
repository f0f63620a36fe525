export const Logo = ({ size = 24 }: { size?: number }) => (
  <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden focusable="false">
    <path d="M3 24 12 8l5 8 3-5 9 13Z" className="logo-peak" />
    <path d="M3 27h26" className="logo-water" />
  </svg>
);

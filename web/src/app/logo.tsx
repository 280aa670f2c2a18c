export function Logo() {
  return (
    <svg width="26" height="26" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--brand)" />
      <g fill="none" stroke="var(--on-brand)" strokeWidth="2.6" strokeLinecap="round" strokeLinejoin="round">
        <path d="M16 5.5v6.8m-3.4-3.2 3.4 3.4 3.4-3.4" />
        <path d="M16 26.5v-6.8m-3.4 3.2 3.4-3.4 3.4 3.4" />
        <path d="M8 16h16" />
      </g>
    </svg>
  )
}

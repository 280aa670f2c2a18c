// Applies the theme somebody chose, before the first paint. Everything else about it is in src/app/theme.ts.
try {
  const theme = localStorage.getItem('kompressor.theme')
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme
} catch {
  // Storage is forbidden here: the system's theme it is.
}

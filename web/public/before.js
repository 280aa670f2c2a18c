// Runs before the first paint: the page that the build drew knows neither the theme nor the settings of this browser.
// Everything else about them is in src/app/theme.ts and src/settings.
try {
  const { dataset } = document.documentElement
  const theme = localStorage.getItem('kompressor.theme')
  if (theme === 'light' || theme === 'dark') dataset.theme = theme
  if (localStorage.getItem('kompressor.settings') !== null) dataset.settings = 'own'
} catch {
  // Storage is forbidden here: the system's theme it is.
}

import 'react'

declare module 'react' {
  interface CSSProperties {
    /** Custom properties, for values that style sheets use. */
    [name: `--${string}`]: string | number | undefined
  }
}

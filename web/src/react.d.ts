import 'react'

declare module 'react' {
  interface CSSProperties {
    /** Custom properties, for values that style sheets use. */
    [name: `--${string}`]: string | number | undefined
  }

  interface InputHTMLAttributes<T> {
    /** Chooses a folder; every browser has it. */
    webkitdirectory?: T extends HTMLInputElement ? string : never
  }
}

/** Metadata blocks as they are written into a file. */
export interface Blocks {
  /** TIFF structure without the `Exif\0\0` prefix. */
  exif?: Buffer | undefined
  xmp?: Buffer | undefined
  icc?: Buffer | undefined
  /** Photoshop image resources (JPEG only). */
  iptc?: Buffer | undefined
}

/**
 * A file format whose metadata can be taken out and put in without touching the pixels. `strip` keeps what changes how
 * the picture looks: colour profile, density, gamma, transparency; not the orientation, which the caller puts back.
 * Both throw RangeError on files that do not parse.
 */
export interface Container {
  strip(file: Buffer): Buffer
  attach(file: Buffer, blocks: Blocks): Buffer
}

/*
 * Where a picture lies in the window that shows it. Lengths are CSS pixels; `x` and `y` are how far the middle of the
 * picture is from the middle of the window; `scale` is how large a pixel of the picture is shown.
 */

export interface Size {
  width: number
  height: number
}

export interface View {
  scale: number
  x: number
  y: number
}

/** The closest look: a pixel as a square that can be counted. */
export const mostScale = 16

/** The scale at which all of it is seen; small pictures are not blown up. */
export function fitScale(picture: Size, frame: Size): number {
  if (picture.width === 0 || picture.height === 0) return 1
  return Math.min(1, frame.width / picture.width, frame.height / picture.height)
}

export function fitted(picture: Size, frame: Size): View {
  return { scale: fitScale(picture, frame), x: 0, y: 0 }
}

/** Zooms so that what is under the point, measured from the middle of the window, stays there. */
export function zoomAt(
  view: View,
  point: { x: number; y: number },
  scale: number,
  picture: Size,
  frame: Size,
): View {
  const next = Math.min(mostScale, Math.max(fitScale(picture, frame), scale))
  const ratio = next / view.scale
  return clamp(
    { scale: next, x: point.x - (point.x - view.x) * ratio, y: point.y - (point.y - view.y) * ratio },
    picture,
    frame,
  )
}

export function pan(view: View, by: { x: number; y: number }, picture: Size, frame: Size): View {
  return clamp({ ...view, x: view.x + by.x, y: view.y + by.y }, picture, frame)
}

/** No further than to the edges of the picture. */
function clamp(view: View, picture: Size, frame: Size): View {
  const roomX = Math.max(0, (picture.width * view.scale - frame.width) / 2)
  const roomY = Math.max(0, (picture.height * view.scale - frame.height) / 2)
  return {
    scale: view.scale,
    x: Math.min(roomX, Math.max(-roomX, view.x)),
    y: Math.min(roomY, Math.max(-roomY, view.y)),
  }
}

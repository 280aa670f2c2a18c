import { expect, test } from 'vitest'
import { fitScale, fitted, mostScale, pan, zoomAt } from './view.ts'

const frame = { width: 800, height: 600 }
const picture = { width: 1600, height: 600 }

test('a large picture is fitted, a small one is not blown up, an unknown one does no harm', () => {
  expect(fitScale(picture, frame)).toBe(0.5)
  expect(fitScale({ width: 10, height: 10 }, frame)).toBe(1)
  expect(fitScale({ width: 0, height: 0 }, frame)).toBe(1)
})

test('zooming keeps what is under the pointer where it is', () => {
  const before = { scale: 1, x: 0, y: 0 }
  const point = { x: 100, y: 50 }
  const after = zoomAt(before, point, 2, picture, frame)
  const onPicture = ({ scale, x, y }: typeof before) => [(point.x - x) / scale, (point.y - y) / scale]
  expect(onPicture(after)).toEqual(onPicture(before))
})

test('no closer than a pixel can be counted, no further than all is seen', () => {
  const view = fitted(picture, frame)
  expect(zoomAt(view, { x: 0, y: 0 }, 1000, picture, frame).scale).toBe(mostScale)
  expect(zoomAt(view, { x: 300, y: 0 }, 0.01, picture, frame)).toEqual(view)
})

test('a picture is moved to its edges and no further', () => {
  const view = { scale: 1, x: 0, y: 0 }
  expect(pan(view, { x: 9999, y: 9999 }, picture, frame)).toEqual({ scale: 1, x: 400, y: 0 })
  expect(pan(view, { x: -9999, y: 0 }, picture, frame)).toEqual({ scale: 1, x: -400, y: 0 })
})

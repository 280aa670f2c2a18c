import { expect, test } from 'vitest'
import { dispatch } from './dispatch.ts'

const paths = new Set(['photos', 'a.jpg'])

function ask(...argv: string[]) {
  return dispatch(argv, { version: '1.2.3', isPath: (path) => paths.has(path) })
}

test('a command gets what follows it', () => {
  expect(ask('run', 'photos', '--json')).toEqual({ kind: 'command', name: 'run', argv: ['photos', '--json'] })
})

test('a path, or an option, stands for run', () => {
  expect(ask('photos', '--json')).toEqual({ kind: 'command', name: 'run', argv: ['photos', '--json'] })
  expect(ask('--format', 'avif', 'a.jpg')).toEqual({
    kind: 'command',
    name: 'run',
    argv: ['--format', 'avif', 'a.jpg'],
  })
})

test('help lists every command, and help on one its options', () => {
  for (const argv of [[], ['--help'], ['-h'], ['help']]) {
    expect(ask(...argv)).toMatchObject({
      kind: 'print',
      text: expect.stringMatching(/standalone[\s\S]*run[\s\S]*inspect[\s\S]*explain/),
    })
  }
  for (const argv of [
    ['run', '--help'],
    ['run', 'photos', '-h'],
    ['help', 'run'],
  ]) {
    expect(ask(...argv)).toMatchObject({ kind: 'print', text: expect.stringContaining('--target-quality') })
  }
})

test('help on job lists what it does, and help on one of those its options', () => {
  for (const argv of [
    ['job', '--help'],
    ['help', 'job'],
  ]) {
    expect(ask(...argv)).toMatchObject({ text: expect.stringMatching(/job ls[\s\S]*job freeze NAME/) })
  }
  for (const argv of [
    ['job', 'freeze', '--help'],
    ['help', 'job', 'freeze'],
  ]) {
    expect(ask(...argv)).toMatchObject({
      text: expect.stringMatching(/job freeze NAME \[options\][\s\S]*--off/),
    })
  }
  expect(ask('--help')).toMatchObject({ text: expect.not.stringContaining('job freeze') })
  expect(ask('job', 'ls', '-A')).toEqual({ kind: 'command', name: 'job', argv: ['ls', '-A'] })
})

test('the version is a line of its own', () => {
  expect(ask('--version')).toEqual({ kind: 'print', text: '1.2.3\n' })
})

test('what is neither command nor path is refused, with the command that was meant', () => {
  expect(() => ask('inspekt', 'a.jpg')).toThrow('did you mean inspect?')
  expect(() => ask('photoss.zip')).toThrow('neither a command nor an existing file')
  expect(() => ask('help', 'rnu')).toThrow('did you mean run?')
})

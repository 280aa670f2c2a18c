export { compressionJobCrd, compressionJobReference, examples, exampleText, yamlText } from './crd/index.ts'

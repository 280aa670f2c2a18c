/** The least that compresses a bucket: what to apply when there is no job yet. */
export const firstJob = `apiVersion: kompressor.dev/v1alpha1
kind: CompressionJob
metadata:
  name: photos
spec:
  source:
    s3: {bucket: my-photos}
  output:
    s3: {bucket: my-photos-compressed}
  compression:
    images: {preset: Balanced}
`

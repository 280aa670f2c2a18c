import { z } from 'zod'
import { keyRef } from './common.ts'
import { rules } from './rules.ts'

export const webhookSchema = z
  .object({
    url: z
      .string()
      .min(1)
      .max(2048)
      .meta(
        rules(
          {
            rule: "isURL(self) && url(self).getScheme() in ['http', 'https'] && url(self).getHostname() != ''",
            message: 'must be an address such as https://example.com/hook',
          },
          {
            rule: "!self.matches('^[^/]*//[^/?#]*@')",
            message: 'must not have credentials in it: calls are signed',
          },
          { rule: "!self.contains('#')", message: 'must not have a fragment: it would be sent to nobody' },
        ),
      )
      .describe(
        'Address that gets a POST: https on port 443, or any address within the networks that the installation allows.',
      ),
    secretRef: keyRef(
      'Secret that signs the calls, as Standard Webhooks has it: whsec_ and 24 to 64 bytes in base64.',
    ),
  })
  .describe('Who is told when a batch of the job has ended. May be changed at any time.')

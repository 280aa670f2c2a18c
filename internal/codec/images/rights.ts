import { type ExifRights, readExifRights } from './exif.ts'

/** Whose picture it is, from wherever the file says so. */
export interface Rights extends ExifRights {
  /** Elements of the XMP packet about authorship and terms, as they stood, and their namespaces. */
  xmp?: string
}

export interface RightsSources {
  exif?: Buffer | undefined
  xmp?: Buffer | undefined
  iptc?: Buffer | undefined
  /** PNG text chunks. */
  texts?: readonly { keyword: string; text: string }[] | undefined
}

/** EXIF first, then IPTC, XMP and PNG text fill what it leaves open. */
export function collectRights({ exif, xmp, iptc, texts = [] }: RightsSources): Rights {
  const packet = xmp?.toString('utf8') ?? ''
  const fromExif = exif ? readExifRights(exif) : {}
  const named = (keyword: string) => texts.find((t) => t.keyword.toLowerCase() === keyword)?.text
  const artist =
    fromExif.artist ??
    readIptc(iptc, byline) ??
    xmpText(packet, 'dc:creator') ??
    named('author') ??
    named('artist')
  const copyright =
    fromExif.copyright ??
    readIptc(iptc, copyrightNotice) ??
    xmpText(packet, 'dc:rights') ??
    named('copyright')
  const kept = xmpRights(packet)
  return { ...(artist && { artist }), ...(copyright && { copyright }), ...(kept && { xmp: kept }) }
}

const byline = 80
const copyrightNotice = 116

/** The first dataset `2:id` of an IPTC-IIM block, wherever it lies among Photoshop's resources. */
function readIptc(iptc: Buffer | undefined, id: number): string | undefined {
  if (iptc === undefined) return undefined
  for (let at = iptc.indexOf(0x1c); at >= 0 && at + 5 <= iptc.length; at = iptc.indexOf(0x1c, at + 1)) {
    if (iptc[at + 1] !== 2 || iptc[at + 2] !== id) continue
    const length = iptc.readUInt16BE(at + 3)
    const text = iptc.subarray(at + 5, at + 5 + length).toString('utf8')
    if (length < 0x8000 && text.trim() !== '') return text.trim()
  }
  return undefined
}

/** XMP properties that say who made it, who owns it and what may be done with it. */
const rightsProperties = [
  'dc:creator',
  'dc:rights',
  'photoshop:Credit',
  'photoshop:AuthorsPosition',
  'xmpRights:Marked',
  'xmpRights:Owner',
  'xmpRights:UsageTerms',
  'xmpRights:WebStatement',
  'Iptc4xmpCore:CreatorContactInfo',
  'plus:Licensor',
  'cc:license',
]

const namespaces: Record<string, string> = {
  dc: 'http://purl.org/dc/elements/1.1/',
  photoshop: 'http://ns.adobe.com/photoshop/1.0/',
  xmpRights: 'http://ns.adobe.com/xap/1.0/rights/',
  Iptc4xmpCore: 'http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/',
  plus: 'http://ns.useplus.org/ldf/xmp/1.0/',
  cc: 'http://creativecommons.org/ns#',
}

/** A packet with the rights of `packet` alone, or undefined when it has none. */
function xmpRights(packet: string): string | undefined {
  const elements: string[] = []
  for (const name of rightsProperties) {
    const element = packet.match(new RegExp(`<${name}(?:\\s[^>]*)?>[\\s\\S]*?</${name}>`))?.[0]
    const attribute = packet.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1]
    if (element !== undefined) elements.push(element)
    else if (attribute !== undefined) elements.push(`<${name}>${attribute}</${name}>`)
  }
  return elements.length > 0 ? xmpPacket(elements.join('')) : undefined
}

/** Text of a property: its first list item, or its own. */
function xmpText(packet: string, name: string): string | undefined {
  const element = packet.match(new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`))?.[1]
  const inner = element?.match(/<rdf:li[^>]*>([^<]*)<\/rdf:li>/)?.[1] ?? element
  const text = inner?.trim()
  return text === undefined || text === '' || text.includes('<') ? undefined : unescapeXml(text)
}

/** An XMP packet that states author and copyright, for formats that carry EXIF badly or not at all. */
export function rightsPacket({ artist, copyright, xmp }: Rights): string | undefined {
  if (xmp !== undefined) return xmp
  if (artist === undefined && copyright === undefined) return undefined
  const creator =
    artist && `<dc:creator><rdf:Seq><rdf:li>${escapeXml(artist)}</rdf:li></rdf:Seq></dc:creator>`
  const rights =
    copyright &&
    `<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(copyright)}</rdf:li></rdf:Alt></dc:rights>`
  return xmpPacket(`${creator ?? ''}${rights ?? ''}`)
}

function xmpPacket(elements: string): string {
  const used = Object.entries(namespaces)
    .filter(([name]) => elements.includes(`<${name}:`))
    .map(([name, uri]) => ` xmlns:${name}="${uri}"`)
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""${used.join('')}>${elements}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => entities[c] ?? c)
}

function unescapeXml(text: string): string {
  return Object.entries(entities)
    .reverse()
    .reduce((out, [plain, entity]) => out.replaceAll(entity, plain), text)
}

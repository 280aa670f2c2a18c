import { useId, useState } from 'react'
import { Choice, Select, TextField } from '../ui/index.ts'
import { aims, faultOf, formats, metadata, presets, ranges, type Settings } from './settings.ts'
import './settings-form.css'

interface FormProps {
  settings: Settings
  onChange: (change: Partial<Settings>) => void
}

const presetHelp: Record<Settings['preset'], string> = {
  Fast: 'One fixed quality for every picture. Done soonest.',
  Balanced: 'Finds for each picture the quality it needs.',
  Small: 'As balanced, with more effort for fewer bytes. Takes longer.',
}

const formatHelp: Record<Settings['format'], string> = {
  Keep: 'A JPEG stays a JPEG, a PNG stays a PNG.',
  Auto: 'Picks the smallest format that suits each picture.',
  JPEG: 'Opens everywhere. For photographs.',
  WebP: 'Smaller than JPEG, opens in every current browser.',
  AVIF: 'Smallest for photographs, opens in current browsers.',
  PNG: 'Without loss. For graphics and screenshots.',
}

const aimHelp: Record<Settings['aim'], string> = {
  Automatic: 'Looks the same to nearly everybody (score 75).',
  Score: 'How close to the original, from 30 to 95. At 90 differences are hardly ever seen.',
  Quality: "The codec's own number, the same for every picture.",
}

const metadataHelp: Record<Settings['metadata'], string> = {
  Keep: 'Everything stays, the place where it was taken too.',
  Copyright: 'Author and copyright stay; camera data and place go.',
  Strip: 'All goes. Colours and orientation stay right.',
}

const othersHelp: Record<Settings['others'], string> = {
  Zstd: 'Logs, tables, documents become .zst files, without loss.',
  Brotli: 'Logs, tables, documents become .br files, without loss.',
  Gzip: 'Logs, tables, documents become .gz files, which every system opens.',
  Skip: 'Only pictures are compressed.',
}

const asOptions = <T extends string>(values: readonly T[], labels: Partial<Record<T, string>> = {}) =>
  values.map((value) => ({ value, label: labels[value] ?? value }))

/** What can be asked of compression, each with a line on what it does. */
export function SettingsForm({ settings, onChange }: FormProps) {
  const { preset, format, aim, maxWidth, maxHeight, maxKilobytes } = settings
  const isLimited = [maxWidth, maxHeight, maxKilobytes].some((limit) => limit !== undefined)
  const [isMore, setIsMore] = useState(isLimited)
  return (
    <div className="settings-form">
      <Choice
        label="Effort"
        help={presetHelp[preset]}
        options={asOptions(presets)}
        value={preset}
        onChange={(preset) => onChange({ preset })}
      />
      <Select
        label="Format"
        help={formatHelp[format]}
        options={asOptions(formats, { Keep: 'Keep the format', Auto: 'Smallest that fits' })}
        value={format}
        onChange={(format) => onChange({ format })}
      />
      <Choice
        label="Quality"
        help={aimHelp[aim]}
        options={asOptions(aims, { Score: 'Target', Quality: 'Fixed' })}
        value={aim}
        onChange={(aim) => onChange({ aim })}
      />
      {aim === 'Score' && (
        <Slider
          field="score"
          label="Score to reach"
          value={settings.score}
          onChange={(score) => onChange({ score })}
        />
      )}
      {aim === 'Quality' && (
        <Slider
          field="quality"
          label="Fixed quality"
          value={settings.quality}
          onChange={(quality) => onChange({ quality })}
        />
      )}
      <details
        className="settings-more"
        open={isMore}
        onToggle={({ currentTarget: { open } }) => setIsMore(open)}
      >
        <summary>Size, metadata, other files</summary>
        {isMore && (
          <div className="settings-form">
            <div className="settings-pair">
              <Limit field="maxWidth" label="Width at most" suffix="px" {...{ settings, onChange }} />
              <Limit field="maxHeight" label="Height at most" suffix="px" {...{ settings, onChange }} />
            </div>
            <p className="settings-note">Larger pictures are scaled down to fit, smaller ones stay.</p>
            <Limit
              field="maxKilobytes"
              label="File size at most"
              suffix="kB"
              help="Quality goes down as far as it must; a file that cannot get there fails and says so."
              {...{ settings, onChange }}
            />
            <Choice
              label="Metadata"
              help={metadataHelp[settings.metadata]}
              options={asOptions(metadata)}
              value={settings.metadata}
              onChange={(metadata) => onChange({ metadata })}
            />
            <Select
              label="Files that are no pictures"
              help={othersHelp[settings.others]}
              options={[
                { value: 'Zstd', label: 'Compress (Zstandard)' },
                { value: 'Gzip', label: 'Compress (Gzip)' },
                { value: 'Brotli', label: 'Compress (Brotli)' },
                { value: 'Skip', label: 'Leave them out' },
              ]}
              value={settings.others}
              onChange={(others) => onChange({ others })}
            />
          </div>
        )}
      </details>
    </div>
  )
}

interface SliderProps {
  field: 'score' | 'quality'
  label: string
  value: number
  onChange: (value: number) => void
}

function Slider({ field, label, value, onChange }: SliderProps) {
  const id = useId()
  const [least, most] = ranges[field]
  return (
    <div className="settings-slider">
      <label htmlFor={id}>{label}</label>
      <output htmlFor={id} className="number">
        {value}
      </output>
      <input
        id={id}
        type="range"
        min={least}
        max={most}
        value={value}
        onChange={(event) => onChange(event.target.valueAsNumber)}
      />
    </div>
  )
}

interface LimitProps extends FormProps {
  field: 'maxKilobytes' | 'maxWidth' | 'maxHeight'
  label: string
  suffix: string
  help?: string
}

/** A number or nothing. What is no number stays in the field, with what is wrong, and counts as nothing. */
function Limit({ field, label, suffix, help, settings, onChange }: LimitProps) {
  const [text, setText] = useState(settings[field]?.toString() ?? '')
  const fault = text === '' ? undefined : faultOf(field, Number(text))
  const change = (text: string) => {
    setText(text)
    const isSet = text !== '' && faultOf(field, Number(text)) === undefined
    onChange({ [field]: isSet ? Number(text) : undefined })
  }
  return (
    <TextField
      label={label}
      suffix={suffix}
      inputMode="numeric"
      placeholder="No limit"
      autoComplete="off"
      value={text}
      onChange={(event) => change(event.target.value.trim())}
      fault={fault}
      help={help}
    />
  )
}

import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react'
import { cx } from '../cx.ts'
import './fields.css'

interface FieldProps {
  label: string
  /** What it does, in a line. */
  help?: ReactNode
  /** What is wrong with what is in it. */
  fault?: string | undefined
  /** The label is read out but not shown. */
  hideLabel?: boolean
}

type TextFieldProps = FieldProps & { suffix?: string } & Omit<InputHTMLAttributes<HTMLInputElement>, 'id'>

export function TextField({
  label,
  help,
  fault,
  hideLabel = false,
  suffix,
  className,
  ...rest
}: TextFieldProps) {
  const id = useId()
  return (
    <div className={cx('field', className)}>
      <label htmlFor={id} className={cx(hideLabel && 'visually-hidden')}>
        {label}
      </label>
      <div className="field-box">
        <input id={id} aria-invalid={fault !== undefined} {...described(id, help, fault)} {...rest} />
        {suffix !== undefined && <span className="field-suffix">{suffix}</span>}
      </div>
      <FieldNotes id={id} help={help} fault={fault} />
    </div>
  )
}

type SelectProps<T extends string> = FieldProps & {
  options: readonly { value: T; label: string }[]
  value: T
  onChange: (value: T) => void
} & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'id' | 'value' | 'onChange'>

export function Select<T extends string>({
  label,
  help,
  fault,
  hideLabel = false,
  options,
  value,
  onChange,
  className,
  ...rest
}: SelectProps<T>) {
  const id = useId()
  return (
    <div className={cx('field', className)}>
      <label htmlFor={id} className={cx(hideLabel && 'visually-hidden')}>
        {label}
      </label>
      <select
        id={id}
        className="select"
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value)
          if (chosen) onChange(chosen.value)
        }}
        {...described(id, help, fault)}
        {...rest}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
      <FieldNotes id={id} help={help} fault={fault} />
    </div>
  )
}

interface ChoiceProps<T extends string> extends FieldProps {
  options: readonly { value: T; label: string }[]
  value: T
  onChange: (value: T) => void
}

/** A few exclusive options side by side. */
export function Choice<T extends string>({
  label,
  help,
  hideLabel = false,
  options,
  value,
  onChange,
}: ChoiceProps<T>) {
  const id = useId()
  return (
    <fieldset className="field choice" {...described(id, help, undefined)}>
      <legend className={cx(hideLabel && 'visually-hidden')}>{label}</legend>
      <div className="choice-options">
        {options.map((option) => (
          <label key={option.value} className="choice-option">
            <input
              type="radio"
              name={id}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
      <FieldNotes id={id} help={help} fault={undefined} />
    </fieldset>
  )
}

function FieldNotes({ id, help, fault }: { id: string; help: ReactNode; fault: string | undefined }) {
  return (
    <>
      {help !== undefined && (
        <p className="field-help" id={`${id}-help`}>
          {help}
        </p>
      )}
      {fault !== undefined && (
        <p className="field-fault" id={`${id}-fault`} role="alert">
          {fault}
        </p>
      )}
    </>
  )
}

function described(id: string, help: ReactNode, fault: string | undefined) {
  const ids = [help !== undefined && `${id}-help`, fault !== undefined && `${id}-fault`].filter(Boolean)
  return ids.length === 0 ? {} : { 'aria-describedby': ids.join(' ') }
}

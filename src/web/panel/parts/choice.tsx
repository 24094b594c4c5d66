import { useId } from "preact/hooks";

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  /** What "" stands for, first, then each value with its words. */
  readonly options: readonly (readonly [value: string, words: string])[];
  readonly choose: (value: string) => void;
}

/** One of a few, in words. */
export function Choice({ label, value, options, choose }: ChoiceProps) {
  const id = useId();
  return (
    <span class="choice">
      <label for={id}>{label}</label>
      <select id={id} value={value} onInput={({ currentTarget }) => choose(currentTarget.value)}>
        {options.map(([each, inWords]) => (
          <option key={each} value={each}>
            {inWords}
          </option>
        ))}
      </select>
    </span>
  );
}

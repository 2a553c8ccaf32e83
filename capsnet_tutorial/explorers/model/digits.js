// The twenty digits that explorers offer: [{ label, pixels }], 28 x 28 numbers, 0 to 1.

import { unpackDigit } from "./pad.js";
import { stored } from "./stored.js";

export const DIGITS = stored.digits.map((digit) => ({
  label: digit.label,
  pixels: unpackDigit(digit),
}));

// The digits to choose from: the twenty of all explorers, and a 4 that is nearly a 9.

import { DIGITS, unpackDigit } from "../model/digits.js";
import { stored } from "../model/stored.js";

export const presets = [...DIGITS, unpackDigit(stored.nearlyNine)];

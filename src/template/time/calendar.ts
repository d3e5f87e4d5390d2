/** From the first month on. */
export const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;

/** From Sunday on, as weekdays are numbered. */
export const weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

/** Leap seconds do not exist here. */
export const secondsPerDay = 86_400n;

/** A date of the Gregorian calendar, continued in both directions. */
export interface CivilDate {
  readonly year: bigint;
  /** From 1 to 12. */
  readonly month: number;
  /** From 1. */
  readonly day: number;
}

/** Days since the first of January 1970. Months and days out of range carry over. */
export function daysFromCivil(year: bigint, month: bigint, day: bigint): bigint {
  const monthIndex = month - 1n;
  const carriedYear = year + floorDivide(monthIndex, 12n);
  const inYear = monthIndex - floorDivide(monthIndex, 12n) * 12n;
  // Years begin in March here, so that the day that comes and goes is the last one.
  const marchYear = inYear < 2n ? carriedYear - 1n : carriedYear;
  const marchMonth = (inYear + 10n) % 12n;
  const era = floorDivide(marchYear, 400n);
  const yearOfEra = marchYear - era * 400n;
  const dayOfYear = (153n * marchMonth + 2n) / 5n;
  return era * 146_097n + yearOfEra * 365n + yearOfEra / 4n - yearOfEra / 100n + dayOfYear - 719_468n + day - 1n;
}

/** The date so many days after the first of January 1970. */
export function civilFromDays(days: bigint): CivilDate {
  const shifted = days + 719_468n;
  const era = floorDivide(shifted, 146_097n);
  const dayOfEra = shifted - era * 146_097n;
  const yearOfEra = (dayOfEra - dayOfEra / 1_460n + dayOfEra / 36_524n - dayOfEra / 146_096n) / 365n;
  const dayOfYear = dayOfEra - (365n * yearOfEra + yearOfEra / 4n - yearOfEra / 100n);
  const marchMonth = (5n * dayOfYear + 2n) / 153n;
  const month = Number(marchMonth < 10n ? marchMonth + 3n : marchMonth - 9n);
  return {
    year: yearOfEra + era * 400n + (month <= 2 ? 1n : 0n),
    month,
    day: Number(dayOfYear - (153n * marchMonth + 2n) / 5n) + 1,
  };
}

/** How many days a month has. */
export function daysInMonth(year: bigint, month: number): number {
  return Number(daysFromCivil(year, BigInt(month) + 1n, 1n) - daysFromCivil(year, BigInt(month), 1n));
}

/** Division that rounds down, for numbers of any sign. */
export function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return quotient * divisor > dividend ? quotient - 1n : quotient;
}

//! The ISO forms of dates and timestamps, read straight: what files mostly hold.
//!
//! They mean the same under every `DateStyle` and time zone. Whatever has another form, or is no
//! day or time, is left to [`super::read`], which has the errors.

use super::calendar::{days_from_civil, days_in_month};
use super::interval::{US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_SECOND};

/// The number that two digits make; 100 or more where they are none.
#[inline]
fn two(tens: u8, ones: u8) -> u32 {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    match tens <= 9 && ones <= 9 {
        true => u32::from(tens) * 10 + u32::from(ones),
        false => 100,
    }
}

/// `YYYY-MM-DD` as days since 2000-01-01.
#[inline]
pub fn plain_date(text: &[u8]) -> Option<i32> {
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else {
        return None;
    };
    let (century, year, month, day) = (two(y1, y2), two(y3, y4), two(m1, m2), two(d1, d2));
    if century > 99 || year > 99 || !(1..=12).contains(&month) || day == 0 {
        return None;
    }
    let year = i64::from(century * 100 + year);
    // The last days of months are rare enough to look them up.
    if year == 0 || day > 28 && day > days_in_month(year, month) {
        return None;
    }
    i32::try_from(days_from_civil(year, month, day)).ok()
}

/// `YYYY-MM-DD HH:MM:SS`, with `T` in place of the blank and up to six digits behind a point, as
/// microseconds since 2000-01-01.
#[inline]
pub fn plain_timestamp(text: &[u8]) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, fraction) = rest.split_at_checked(9)?;
    let &[b' ' | b'T', h1, h2, b':', m1, m2, b':', s1, s2] = time else {
        return None;
    };
    let (hour, minute, second) = (two(h1, h2), two(m1, m2), two(s1, s2));
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = i64::from(plain_date(date)?);
    let time = i64::from(hour) * US_PER_HOUR
        + i64::from(minute) * US_PER_MINUTE
        + i64::from(second) * US_PER_SECOND;
    Some(days * US_PER_DAY + time + plain_fraction(fraction)?)
}

/// Nothing, or a point and one to six digits, in microseconds.
fn plain_fraction(text: &[u8]) -> Option<i64> {
    let digits = match text {
        [] => return Some(0),
        [b'.', digits @ ..] if (1..=6).contains(&digits.len()) => digits,
        _ => return None,
    };
    let mut us = 0;
    for at in 0..6 {
        let digit = digits.get(at).map_or(0, |digit| digit.wrapping_sub(b'0'));
        if digit > 9 {
            return None;
        }
        us = us * 10 + i64::from(digit);
    }
    Some(us)
}

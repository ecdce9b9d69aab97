//! Reading dates and times: PostgreSQL's `ParseDateTime` and `DecodeDateTime`.

use super::calendar::{HourMinuteSecond, days_from_civil, days_in_month};
use super::decoded::{Decoded, Refusal, Special, ZoneOf, is_weekday, month_by_name};
use super::fields::{Field, FieldKind, split_fields};
use super::interval::{US_PER_DAY, US_PER_SECOND};
use super::zone;
use crate::text_context::{DateOrder, TextContext};

/// Reads a text. `time_only` is for the time types, where a lone number is a time.
pub(super) fn decode(
    text: &str,
    context: &TextContext,
    time_only: bool,
) -> Result<Decoded, Refusal> {
    let fields = split_fields(text).ok_or(Refusal::BadFormat)?;
    if fields.is_empty() {
        return Err(Refusal::BadFormat);
    }
    let mut decoder = Decoder {
        out: Decoded::default(),
        context,
        time_only,
        julian: false,
        iso_time: false,
    };
    for (at, field) in fields.iter().enumerate() {
        decoder.field(field, fields.get(at + 1))?;
    }
    decoder.finish()
}

struct Decoder<'a> {
    out: Decoded,
    context: &'a TextContext,
    time_only: bool,
    /// A `J` stood before.
    julian: bool,
    /// A `T` stood before.
    iso_time: bool,
}

impl Decoder<'_> {
    fn has_date(&self) -> bool {
        self.out.days.is_some()
            || (self.out.year.is_some() && self.out.month.is_some() && self.out.day.is_some())
    }

    fn field(&mut self, field: &Field, next: Option<&Field>) -> Result<(), Refusal> {
        let text = field.text.as_str();
        match field.kind {
            FieldKind::Date => self.date_field(text),
            FieldKind::Time => self.set_time(text),
            FieldKind::Zone => self.set_offset(text),
            FieldKind::Number => self.number_field(text),
            FieldKind::Word | FieldKind::SignedWord => self.word(text, next),
        }
    }

    fn date_field(&mut self, text: &str) -> Result<(), Refusal> {
        let starts_with_digit = text.starts_with(|c: char| c.is_ascii_digit());
        if self.has_date() || self.iso_time || (self.time_only && starts_with_digit) {
            if starts_with_digit {
                // hhmmss-zz, run together.
                let at = text.find('-').ok_or(Refusal::BadFormat)?;
                self.number_run(&text[..at])?;
                return self.set_offset(&text[at..]);
            }
            return self.named_zone(text);
        }
        if !starts_with_digit && zone::zone_by_name(text).is_some() {
            return self.named_zone(text);
        }
        self.date_parts(text)
    }

    fn named_zone(&mut self, name: &str) -> Result<(), Refusal> {
        if self.out.zone.is_some() {
            return Err(Refusal::BadFormat);
        }
        let zone = zone::zone_by_name(name);
        let zone = zone.ok_or_else(|| Refusal::UnknownZone(name.to_string()))?;
        self.out.zone = Some(ZoneOf::Named(zone));
        Ok(())
    }

    /// `2024-01-02`, `1/2/2024`, `2-Jan-2024`, `2024.056`.
    fn date_parts(&mut self, text: &str) -> Result<(), Refusal> {
        let mut parts = Vec::new();
        for run in text
            .split(|c: char| !c.is_ascii_alphanumeric())
            .filter(|run| !run.is_empty())
        {
            let cut = run.find(|c: char| {
                c.is_ascii_digit() != run.starts_with(|c: char| c.is_ascii_digit())
            });
            match cut {
                Some(at) => parts.extend([&run[..at], &run[at..]]),
                None => parts.push(run),
            }
        }
        for part in parts
            .iter()
            .filter(|part| !part.as_bytes()[0].is_ascii_digit())
        {
            let month = month_by_name(part).ok_or(Refusal::BadFormat)?;
            if self.out.month.replace(month).is_some() {
                return Err(Refusal::BadFormat);
            }
            self.out.text_month = true;
        }
        for part in parts
            .iter()
            .filter(|part| part.as_bytes()[0].is_ascii_digit())
        {
            self.number(part)?;
        }
        if parts.len() < 2 {
            Err(Refusal::BadFormat)
        } else {
            Ok(())
        }
    }

    fn number_field(&mut self, text: &str) -> Result<(), Refusal> {
        if self.julian {
            self.julian = false;
            let value: f64 = text.parse().map_err(|_| Refusal::BadFormat)?;
            self.out.days = Some(value.floor() as i64 - super::calendar::EPOCH_JULIAN);
            if value.fract() != 0.0 {
                let us = (value.fract() * US_PER_DAY as f64).round_ties_even() as i64;
                self.out.time = Some(super::calendar::split_time(us));
            }
            return Ok(());
        }
        if self.iso_time || self.time_only && self.out.time.is_none() {
            self.iso_time = false;
            return self.number_run(text);
        }
        match text.find('.') {
            Some(_) if !self.has_date() && self.out.month.is_none() => self.date_parts(text),
            Some(at) if at > 2 => self.number_run(text),
            None if text.len() >= 6 && (!self.has_date() || self.out.time.is_none()) => {
                self.number_run(text)
            }
            _ => self.number(text),
        }
    }

    /// `20240102`, `240102`, `040506`, `0405`: a date or a time run together.
    fn number_run(&mut self, text: &str) -> Result<(), Refusal> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digit = |range: std::ops::Range<usize>| -> Result<u32, Refusal> {
            whole
                .get(range)
                .and_then(|d| d.parse().ok())
                .ok_or(Refusal::BadFormat)
        };
        let as_date = !self.has_date() && fraction.is_empty() && !self.time_only;
        if as_date && whole.len() >= 6 {
            let year_len = whole.len() - 4;
            self.out.day = Some(digit(year_len + 2..year_len + 4)?);
            self.out.month = Some(digit(year_len..year_len + 2)?);
            self.out.year = Some(digit(0..year_len)?.into());
            self.out.two_digit_year = year_len == 2;
            self.out.iso_order = true;
            return Ok(());
        }
        let (hour, minute, second) = match whole.len() {
            6 => (digit(0..2)?, digit(2..4)?, digit(4..6)?),
            4 => (digit(0..2)?, digit(2..4)?, 0),
            2 if self.time_only => (digit(0..2)?, 0, 0),
            _ => return Err(Refusal::BadFormat),
        };
        if self.out.time.is_some() {
            return Err(Refusal::BadFormat);
        }
        self.put_time(hour, minute, second, parse_fraction(fraction)?)
    }

    /// One number of a date, by what is known already and `DateStyle`.
    fn number(&mut self, text: &str) -> Result<(), Refusal> {
        let (digits, fraction) = text.split_once('.').unwrap_or((text, ""));
        if !fraction.is_empty() || digits.is_empty() {
            return Err(Refusal::BadFormat);
        }
        let value: i64 = digits.parse().map_err(|_| Refusal::Overflow)?;
        let out = &mut self.out;
        let known = (out.year.is_some(), out.month.is_some(), out.day.is_some());
        // Three digits after a year are the day of the year.
        if digits.len() == 3 && known == (true, false, false) {
            if !(1..=366).contains(&value) {
                return Err(Refusal::Overflow);
            }
            out.day_of_year = true;
            let year = out.year.unwrap_or(0);
            out.days = Some(days_from_civil(year, 1, 1) + value - 1);
            return Ok(());
        }
        match known {
            (false, false, false) => {
                if digits.len() >= 3 {
                    out.iso_order = true;
                    set_year(out, digits, value);
                } else {
                    match self.context.date_order {
                        DateOrder::Ymd => set_year(out, digits, value),
                        DateOrder::Dmy => out.day = Some(value as u32),
                        DateOrder::Mdy => out.month = Some(value as u32),
                    }
                }
            }
            (true, false, false) => out.month = Some(value as u32),
            (false, true, false) => {
                // January 2 2024, and under YMD 99-Jan-08.
                let year_first = out.text_month
                    && (digits.len() >= 3 || self.context.date_order == DateOrder::Ymd);
                if year_first {
                    set_year(out, digits, value);
                } else {
                    out.day = Some(value as u32);
                }
            }
            (true, true, false) => {
                if out.text_month && digits.len() >= 3 && out.two_digit_year {
                    // The first number was the day after all.
                    out.day = out.year.take().map(|day| day as u32);
                    set_year(out, digits, value);
                } else {
                    out.day = Some(value as u32);
                }
            }
            (false, false, true) => out.month = Some(value as u32),
            (false, true, true) => set_year(out, digits, value),
            (true, false, true) | (true, true, true) => return Err(Refusal::BadFormat),
        }
        Ok(())
    }

    fn set_time(&mut self, text: &str) -> Result<(), Refusal> {
        if self.out.time.is_some() {
            return Err(Refusal::BadFormat);
        }
        self.iso_time = false;
        let mut parts = text.split(':');
        let hour = parse_number(parts.next().unwrap_or(""))?;
        let minute_text = parts.next().unwrap_or("");
        let (minute_text, minute_fraction) =
            minute_text.split_once('.').unwrap_or((minute_text, ""));
        let minute = parse_number(minute_text)?;
        let Some(second_text) = parts.next() else {
            if minute_fraction.is_empty() {
                return self.put_time(hour, minute, 0, 0);
            }
            // mm:ss.fff
            return self.put_time(0, hour, minute, parse_fraction(minute_fraction)?);
        };
        let (second, fraction) = second_text.split_once('.').unwrap_or((second_text, ""));
        if parts.next().is_some() {
            return Err(Refusal::BadFormat);
        }
        self.put_time(
            hour,
            minute,
            parse_number(second)?,
            parse_fraction(fraction)?,
        )
    }

    fn put_time(&mut self, hour: u32, minute: u32, second: u32, us: u32) -> Result<(), Refusal> {
        if minute > 59 || second > 60 || hour > 24 {
            return Err(Refusal::Overflow);
        }
        self.out.time = Some(HourMinuteSecond {
            hour,
            minute,
            second,
            us,
        });
        Ok(())
    }

    fn set_offset(&mut self, text: &str) -> Result<(), Refusal> {
        if !text[1..].starts_with(|c: char| c.is_ascii_digit()) {
            return Err(Refusal::BadFormat);
        }
        let offset = zone::parse_offset_s(text).ok_or(Refusal::ZoneDisplacement)?;
        match &self.out.zone {
            // GMT+3: an offset from a named zero.
            Some(ZoneOf::Offset(0)) | None => self.out.zone = Some(ZoneOf::Offset(offset)),
            Some(_) => return Err(Refusal::BadFormat),
        }
        Ok(())
    }

    fn word(&mut self, word: &str, next: Option<&Field>) -> Result<(), Refusal> {
        if self.julian {
            return Err(Refusal::BadFormat);
        }
        if let Some(month) = month_by_name(word) {
            // A number that was taken for the month was the day.
            if let Some(taken) = self.out.month.replace(month) {
                if self.out.day.is_some() || self.out.text_month {
                    return Err(Refusal::BadFormat);
                }
                self.out.day = Some(taken);
            }
            self.out.text_month = true;
            return Ok(());
        }
        if is_weekday(word) {
            return Ok(());
        }
        let today = || {
            super::zone::to_local(&self.context.time_zone, self.context.now_us)
                .map_or(0, |us| us.div_euclid(US_PER_DAY))
        };
        match word {
            "infinity" | "+infinity" => self.out.special = Some(Special::Infinity),
            "-infinity" => self.out.special = Some(Special::NegInfinity),
            "epoch" => self.out.special = Some(Special::Epoch),
            "now" => self.out.special = Some(Special::Now),
            "today" => self.out.days = Some(today()),
            "tomorrow" => self.out.days = Some(today() + 1),
            "yesterday" => self.out.days = Some(today() - 1),
            "allballs" => {
                self.out.time = Some(HourMinuteSecond::default());
                self.out.zone = Some(ZoneOf::Offset(0));
            }
            "am" => self.out.pm = Some(false),
            "pm" => self.out.pm = Some(true),
            "bc" => self.out.bc = true,
            "ad" | "at" | "on" => {}
            "t" if next.is_some() && (self.has_date() || self.time_only) => self.iso_time = true,
            "j" | "jd" | "julian" if next.is_some() => self.julian = true,
            "dst" => {}
            _ => return self.zone_word(word),
        }
        Ok(())
    }

    fn zone_word(&mut self, word: &str) -> Result<(), Refusal> {
        if self.out.zone.is_some() {
            return Err(Refusal::BadFormat);
        }
        if let Some(offset) = zone::abbreviation_offset_s(word) {
            self.out.zone = Some(ZoneOf::Offset(offset));
            return Ok(());
        }
        match zone::zone_by_name(word) {
            Some(zone) => self.out.zone = Some(ZoneOf::Named(zone)),
            None => return Err(Refusal::BadFormat),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Decoded, Refusal> {
        if self.julian || self.iso_time {
            return Err(Refusal::BadFormat);
        }
        if self.out.special.is_some() {
            return Ok(self.out);
        }
        if let Some(pm) = self.out.pm {
            let time = self.out.time.as_mut().ok_or(Refusal::BadFormat)?;
            if time.hour > 12 {
                return Err(Refusal::Overflow);
            }
            time.hour = time.hour % 12 + if pm { 12 } else { 0 };
        }
        if let Some(time) = self.out.time {
            let over = time.hour == 24 && (time.minute, time.second, time.us) != (0, 0, 0);
            if over {
                return Err(Refusal::Overflow);
            }
        }
        self.finish_date()?;
        Ok(self.out)
    }

    fn finish_date(&mut self) -> Result<(), Refusal> {
        let out = &mut self.out;
        if out.days.is_some() {
            return Ok(());
        }
        let (year, month, day) = match (out.year, out.month, out.day) {
            (None, None, None) => return Ok(()),
            (Some(year), Some(month), Some(day)) => (year, month, day),
            _ => return Err(Refusal::BadFormat),
        };
        let year = if out.bc {
            if year <= 0 {
                return Err(Refusal::Overflow);
            }
            1 - year
        } else if out.two_digit_year {
            if year < 70 { year + 2000 } else { year + 1900 }
        } else if year <= 0 {
            return Err(Refusal::Overflow);
        } else {
            year
        };
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return Err(Refusal::MonthDayOverflow);
        }
        if day > days_in_month(year, month) {
            return Err(Refusal::Overflow);
        }
        if !(-10_000..=6_000_000).contains(&year) {
            return Err(Refusal::Overflow);
        }
        out.year = Some(year);
        out.days = Some(days_from_civil(year, month, day));
        Ok(())
    }
}

fn set_year(out: &mut Decoded, digits: &str, value: i64) {
    out.year = Some(value);
    out.two_digit_year = digits.len() <= 2;
}

fn parse_number(text: &str) -> Result<u32, Refusal> {
    if text.is_empty() || !text.bytes().all(|c| c.is_ascii_digit()) {
        return Err(Refusal::BadFormat);
    }
    text.parse().map_err(|_| Refusal::Overflow)
}

/// Digits after the point as microseconds, rounded; "9999999" is a whole second.
pub(super) fn parse_fraction(digits: &str) -> Result<u32, Refusal> {
    if digits.is_empty() {
        return Ok(0);
    }
    if !digits.bytes().all(|c| c.is_ascii_digit()) {
        return Err(Refusal::BadFormat);
    }
    let fraction: f64 = format!("0.{digits}")
        .parse()
        .map_err(|_| Refusal::BadFormat)?;
    Ok((fraction * US_PER_SECOND as f64).round_ties_even() as u32)
}
